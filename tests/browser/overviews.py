"""A batch of two presets that is built as any other, for what the overview leads to."""

from collections.abc import Sequence
from itertools import cycle

from fal_experiments.core.derived import Picture
from fal_experiments.core.report import ReportParts, build_report
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_model import ReportModel
from tests.browser.clips import Clip
from tests.unit.core.overview_batch import a_plan, attempt, cell, derived, parts


def two_presets(clips: Sequence[Clip]) -> ReportModel:
    """Return four cells of each of two presets; one needed a second attempt, one failed."""
    names = [f"{letter}{n}" for letter in "ab" for n in (1, 2, 3, 4)]
    tries = [
        attempt(name, "failed" if name in {"a4", "b4"} else "done", run_s=n + 3, at_s=5 * n)
        for n, name in enumerate(names)
    ]
    tries.append(attempt("a4", run_s=2, at_s=60, number=2))
    measured = {
        name: derived(anchor_ssim=f"0.{n}5", loop_seam=str(n + 1)) for n, name in enumerate(names)
    }
    made = parts(a_plan("1-4"), tries, measured)
    media = {}
    for name, clip in zip(names, cycle(clips), strict=False):
        poster = clip.poster
        file = Picture(
            file=poster.href.rpartition("/")[2],
            width_px=poster.width_px,
            height_px=poster.height_px,
            size_bytes=1,
        )
        media[cell(name)] = CellMedia(
            folder_href="../media/",
            clip_href=clip.video_href,
            raw_files=(),
            derived=measured[name].model_copy(update={"poster": file, "sheet": None}),
        )
    return build_report(
        ReportParts(
            plan=made.plan,
            state=made.state,
            summary=made.summary,
            media={key: one for key, one in media.items() if key != cell("b4")},
            inputs={},
            files=(),
            made_with="fal-exp test",
        )
    )
