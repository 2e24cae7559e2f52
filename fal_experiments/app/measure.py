"""Measurements of a batch, of two clips, and the page that says what they mean."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.finish import derived_of
from fal_experiments.core.fold import BatchState
from fal_experiments.core.measure_rows import ClipRow, clip_row
from fal_experiments.core.measures import PairMeasures
from fal_experiments.core.metrics import metrics_page
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_text


def rows_of(batch: Batch, state: BatchState) -> list[ClipRow]:
    """Return a row for every cell of a batch that has a clip, with what rendering measured."""
    derived = derived_of(batch, state)
    return [
        clip_row(cell, derived[cell.cell_id][0] if cell.cell_id in derived else None)
        for cell in batch.plan.cells
        if (attempt := state.latest(cell.cell_id)) is not None and attempt.asset is not None
    ]


def write_csv(rows: Sequence[ClipRow], target: Path) -> None:
    """Write one line a clip. Raises: BadInput when there is nothing to write; StorageFailed."""
    if not rows:
        raise BadInput("the batch has no clips yet", fix="see `fal-exp status`")
    flat = [row.flat() for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(flat[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    write_text(target, text.getvalue())


def measure_two(first: Path, second: Path) -> PairMeasures:
    """Measure the second of two clips against the first.

    Raises: BadInput when a file is not there, or when the two cannot be compared.
    """
    for path in (first, second):
        if not path.is_file():
            raise BadInput(f"{path}: there is no such file", fix="name two clips, or one batch")
    with wiring.media_pool() as pool:
        found = pool.measure_pair(first, second).result()
    if found.failed is not None:
        raise BadInput(
            f"{first} and {second} cannot be compared: {found.failed}",
            fix="compare two whole clips of one shape",
        )
    return found


INTRO = """\
# Measurements

`fal-exp render` measures every clip in the one decode that also makes its pictures, and keeps
the numbers in `derived.json` beside them. `fal-exp measure BATCH` sums them up per preset, with
`--json` or `--csv FILE` for other programs; the drawer of a cell in the report shows those of one
clip; `fal-exp measure CLIP CLIP` compares two. This page is what `fal-exp measure --explain`
prints.

What to know before using any of them:

- They are plain and cheap, and none of them is quality. Most compare clips of the same prompt at
  the same size, and mean little across prompts. Whether something improved needs several seeds:
  look at the range and the n beside each median.
- A measurement that makes no sense for a clip is missing with its reason; it is never 0. Medians
  are over the clips that have it, and n says how many those are.
- “At 320 px” means shrunk so that the longer side has 320 px; speeds in px/s are of that picture.
- Levels are those of luma in 8 bits, 16 black to 235 white. Clips in full range are mapped to that.
- Courses over time (`courses` in `derived.json`) are averages of equal stretches, at most 12 a
  second and 64 a clip.
- AUC: how surely a number tells the two apart, 0.5 not at all, 1 always: a clip with a planted
  defect from clean ones; for identity a clip's own last frame from those of other clips. Measured
  with this code on 12 clips, nine of them made by six models, two pairs of one prompt.
- Who compares people or characters needs an embedding of faces or pictures; see `fal-exp metrics`.
"""


def explanation() -> str:
    """Return the Markdown page of all measurements."""
    return metrics_page(INTRO)
