"""Reports without media, for tests that look at files only."""

from collections.abc import Sequence

from fal_experiments.core.report_model import PictureView, ReportModel, SheetView
from tests.browser import batches
from tests.browser.clips import Clip

CLIPS: Sequence[Clip] = (
    Clip(
        video_href="../cells/a/1/clip.mp4",
        poster=PictureView(href="../cells/a/1/poster.jpg", width_px=960, height_px=540),
        sheet=SheetView(
            picture=PictureView(href="../cells/a/1/sheet.jpg", width_px=646, height_px=362),
            columns=2,
            rows=2,
            tile_width_px=320,
            tile_height_px=180,
            times_s=(0.0, 1.5, 3.0, 4.5),
        ),
        duration_s=5.0,
    ),
)


def quickstart() -> ReportModel:
    """Return fourteen cells whose media do not exist."""
    return batches.quickstart(CLIPS)


def hostile() -> ReportModel:
    """Return cells with hostile texts."""
    return batches.hostile(CLIPS)


def matrix() -> ReportModel:
    """Return 96 cells on six axes."""
    return batches.matrix(CLIPS)


def large(prompts: int) -> ReportModel:
    """Return eight cells for each of `prompts` prompts."""
    return batches.large(CLIPS, prompts)
