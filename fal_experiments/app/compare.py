"""Batches against each other: the same cells, what has become of them, and a page that shows it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple

from fal_experiments import __version__
from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.app.finish import derived_of
from fal_experiments.app.links import href
from fal_experiments.app.probes import KeptLikeness
from fal_experiments.core.batch_compare import SAME_FILE, Taken, neighbours, step
from fal_experiments.core.batch_match import Match, Side, match_cells
from fal_experiments.core.compare_model import CompareModel, CompareParts, Media, compare_model
from fal_experiments.core.derived import Derived
from fal_experiments.core.likeness import Likeness
from fal_experiments.core.report_model import PictureView
from fal_experiments.errors import BadInput
from fal_experiments.storage.json_lines import JsonLines

Progress = Callable[[int, int], None]
Pair = tuple[Taken, Taken]


class Compared(NamedTuple):
    """A comparison, and where its page is."""

    model: CompareModel
    page: Path


class _Open(NamedTuple):
    """A batch with all that is read of it."""

    batch: Batch
    side: Side
    derived: Mapping[str, tuple[Derived, Path]]


def compare(
    names: Sequence[str], cwd: Path, folder: Path | None, progress: Progress, *, media: bool
) -> Compared:
    """Compare batches, oldest first, and write the page; without a folder, beside the last batch.

    Clips that were compared before are not decoded again. `media`: compare clips at all.
    Raises: BadInput for fewer than two batches, for real ones beside sandbox ones, and for
    batches that have no cell in common; StorageFailed.
    """
    opened = _opened(names, cwd)
    sides = [each.side for each in opened]
    matches = match_cells(sides)
    if not matches:
        raise BadInput(
            f"{' and '.join(side.name for side in sides)} have no cell in common",
            fix="compare runs of one matrix: equal prompt ids, inputs, seeds, presets and axes",
        )
    target = folder or _usual_folder(opened)
    of_batch = {each.side.name: each for each in opened}
    pairs = _pairs(opened, matches)
    alike = _likenesses(pairs, of_batch, progress) if media else {}
    steps = [
        (
            step(*pair, alike.get(number)),
            _media(of_batch, pair[0], target),
            _media(of_batch, pair[1], target),
        )
        for number, pair in enumerate(pairs)
    ]
    reports = {
        each.side.name: href(index, target)
        for each in opened
        if (index := each.batch.folder.report / "index.html").exists()
    }
    sandbox = opened[0].batch.is_sandbox
    made_with = f"fal-exp {__version__}"
    model = compare_model(CompareParts(sides, matches, steps, reports, sandbox, made_with))
    return Compared(model, wiring.write_compare_page(model, target))


def _opened(names: Sequence[str], cwd: Path) -> list[_Open]:
    batches = {batch.folder.path: batch for batch in (open_batch(name, cwd) for name in names)}
    if len(batches) < 2:
        raise BadInput("these are not two batches", fix="name two batches, or more")
    opened = []
    for batch in batches.values():
        state, _ = read_state(batch)
        side = Side(batch.name, batch.plan, state)
        opened.append(_Open(batch, side, derived_of(batch, state)))
    if len({each.batch.is_sandbox for each in opened}) > 1:
        of_sandbox = [each.side.name for each in opened if each.batch.is_sandbox]
        raise BadInput(
            f"{', '.join(of_sandbox)}: clips of the sandbox are drawn by the tool, and the other "
            "batches have clips of models; no comparison of the two says anything",
            fix="compare batches of one kind",
        )
    if len({each.side.name for each in opened}) < len(opened):
        raise BadInput("two of the batches have one name", fix="rename the folder of one")
    return sorted(opened, key=lambda each: (each.side.began_at is None, each.side.name))


def _usual_folder(opened: Sequence[_Open]) -> Path:
    first, last = opened[0].side.name, opened[-1].side.name
    return opened[-1].batch.tree.comparison(first, last)


def _pairs(opened: Sequence[_Open], matches: Sequence[Match]) -> list[Pair]:
    sides = [each.side for each in opened]
    derived = [{key: made for key, (made, _) in each.derived.items()} for each in opened]
    return [pair for match in matches for pair in neighbours(sides, match, derived)]


def _likenesses(
    pairs: Sequence[Pair], of_batch: Mapping[str, _Open], progress: Progress
) -> dict[int, Likeness]:
    """Return how alike the clips of each pair are, by its number; what is missing has none."""
    found: dict[int, Likeness] = {}
    waiting: list[tuple[int, Pair, Path, Path]] = []
    known = {
        (kept.first_sha256, kept.second_sha256): kept.likeness
        for each in of_batch.values()
        for kept in _kept_in(each).read()
    }
    for number, (before, after) in enumerate(pairs):
        shas = (before.clip_sha256, after.clip_sha256)
        clips = [_clip(of_batch[taken.side.name].batch, taken) for taken in (before, after)]
        if shas[0] is not None and shas[0] == shas[1]:
            found[number] = SAME_FILE
        elif shas in known and known[shas].failed is None:
            found[number] = known[shas]
        elif clips[0] is not None and clips[1] is not None:
            waiting.append((number, (before, after), clips[0], clips[1]))
    progress(0, len(waiting))
    if waiting:
        found |= _decoded(waiting, of_batch, progress)
    return found


def _decoded(
    waiting: Sequence[tuple[int, Pair, Path, Path]],
    of_batch: Mapping[str, _Open],
    progress: Progress,
) -> dict[int, Likeness]:
    found = {}
    with wiring.media_pool() as pool:
        jobs = {pool.compare(one, other): (number, pair) for number, pair, one, other in waiting}
        for done, job in enumerate(as_completed(jobs), start=1):
            number, (before, after) = jobs[job]
            found[number] = job.result()
            kept = KeptLikeness(
                first_sha256=before.clip_sha256 or "",
                second_sha256=after.clip_sha256 or "",
                likeness=found[number],
            )
            _kept_in(of_batch[after.side.name]).append(kept)
            progress(done, len(waiting))
    return found


def _kept_in(opened: _Open) -> JsonLines[KeptLikeness]:
    return JsonLines(opened.batch.folder.likenesses, KeptLikeness)


def _clip(batch: Batch, taken: Taken) -> Path | None:
    """Return the file of a clip, None where it is not there (any more)."""
    last = taken.attempts[-1] if taken.attempts else None
    if last is None or last.asset is None:
        return None
    path = batch.project.root / last.asset.path
    return path if path.exists() else None


def _media(of_batch: Mapping[str, _Open], taken: Taken, target: Path) -> Media:
    opened = of_batch[taken.side.name]
    clip = _clip(opened.batch, taken)
    made = opened.derived.get(taken.cell.cell_id)
    poster = made[0].poster if made else None
    return Media(
        poster=PictureView(
            href=href(made[1] / poster.file, target),
            width_px=poster.width_px,
            height_px=poster.height_px,
        )
        if made and poster
        else None,
        clip_href=href(clip, target) if clip else None,
        derived=made[0] if made else None,
    )
