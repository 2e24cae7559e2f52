"""How large a report is: a real plan with every measurement, and what that comes to for 10,000."""

from decimal import Decimal
from pathlib import Path

import pytest

from fal_experiments.core.derived import Derived, Picture, Probe, Recipe, Sheet
from fal_experiments.core.fold import BatchState
from fal_experiments.core.measures import Measures, Span
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.report import ReportParts, build_report
from fal_experiments.core.report_cell import CellMedia
from fal_experiments.core.report_model import ReportModel
from fal_experiments.core.summary import summarise
from fal_experiments.reporting.site import write_site
from tests.reporting import models
from tests.unit.core.histories import History
from tests.unit.core.materials import plan_of, spec

LONG = "The knight walks in place toward the right, strict side view, camera locked. " * 26
MAX_INDEX_BYTES = 300_000
MAX_CELL_BYTES = 1_000


def _plan(prompts: int, seeds: int) -> Plan:
    written = [{"id": f"shot-{n:03}", "text": f"{LONG}Take {n}."} for n in range(prompts)]
    hold = {"duration": 6, "aspect_ratio": "16:9", "resolution": "720p", "audio": False}
    return plan_of(spec(prompts=written, seeds=f"1-{seeds}", repeats=2, hold=hold))


def _history(cell: Cell) -> History:
    begun = History(cell.cell_id).started().intended().accepted().status("running")
    done = begun.status("completed", inference_s=Decimal("21.337"))
    return done.result().metered(556_800_000).stored()


def _media(cell: Cell, number: int) -> CellMedia:
    """Return what a rendered clip of 5 s at 24 fps has, with a number for every measurement."""
    folder = f"../cells/{cell.cell_id}/1/"
    values = {
        metric.name: round(Decimal(137 + number % 89) / 7, metric.places) for metric in CLIP_METRICS
    }
    return CellMedia(
        folder_href=folder,
        clip_href=f"{folder}clip.mp4",
        raw_files=("request.json", "response.json", "headers.json", "derived.json"),
        derived=Derived(
            asset_sha256="ab" * 32,
            recipe=Recipe(),
            probe=Probe(
                width_px=1280,
                height_px=720,
                fps=Decimal("23.976"),
                frames=121,
                duration_s=Decimal("5.046713"),
                has_audio=True,
                video_codec="h264",
                audio_codec="aac",
                pixel_format="yuv420p",
                size_bytes=2_345_678,
            ),
            measures=Measures(
                values=values,
                spans={"freeze": (Span(start_s=Decimal("4.2"), end_s=Decimal("5.0")),)},
            ),
            poster=Picture(file="poster.jpg", width_px=960, height_px=540, size_bytes=1),
            sheet=Sheet(
                picture=Picture(file="sheet.jpg", width_px=1292, height_px=732, size_bytes=1),
                columns=4,
                rows=4,
                tile_width_px=320,
                tile_height_px=180,
                times_s=tuple(
                    round(Decimal(tile * 119 // 15) / Decimal("23.976"), 6) for tile in range(16)
                ),
            ),
            proxy=Picture(file="proxy.mp4", width_px=640, height_px=360, size_bytes=1),
        ),
        scores=(
            Score(
                metric="clip_score",
                version="1.2",
                parameters={},
                shots=8,
                values={"to_prompt": Decimal("0.312345"), "to_image": Decimal("0.912345")},
            ),
        ),
    )


def _report(plan: Plan) -> ReportModel:
    state = BatchState()
    for cell in plan.cells:
        state.apply_all(_history(cell).events)
    return build_report(
        ReportParts(
            plan=plan,
            state=state,
            summary=summarise(plan, state, "20261120T093000Z-a-test"),
            media={cell.cell_id: _media(cell, n) for n, cell in enumerate(plan.cells)},
            inputs={},
            files=(),
            made_with="fal-exp test",
            periods={cell.cell_id: (0.416667, 1.458333) for cell in plan.cells},
        )
    )


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportModel, Path]:
    """A report of 400 cells with everything that can be measured, and where it lies."""
    model = _report(_plan(prompts=50, seeds=2))
    return model, write_site(model, tmp_path_factory.mktemp("sizes")).parent


def test_a_cell_with_every_number_takes_less_than_a_kilobyte(
    real: tuple[ReportModel, Path],
) -> None:
    model, folder = real
    chunks = sorted(path for path in folder.glob("data-*.js") if path.name[5].isdigit())
    cells = sum(path.stat().st_size for path in chunks if path.name != "data-0.js")
    assert len(model.cells) == 400
    assert len(model.numbers) == 6 + len(CLIP_METRICS) + 2
    assert cells / len(model.cells) <= MAX_CELL_BYTES


def test_what_does_not_grow_with_cells_stands_apart_from_what_does(
    real: tuple[ReportModel, Path],
) -> None:
    """So that the sizes of 10,000 cells follow: 50 prompts of 2,000 characters are data-0.js."""
    _, folder = real
    index, batch = (folder / name for name in ("index.html", "data-0.js"))
    assert index.stat().st_size <= MAX_INDEX_BYTES / 3
    assert batch.stat().st_size <= 50 * len(LONG) * 1.2
    for path in (index, *folder.glob("data-[1-9].js")):
        assert LONG[:60].encode() not in path.read_bytes(), path.name


def test_the_index_stays_small_with_300_long_prompts(tmp_path: Path) -> None:
    plan = _plan(prompts=300, seeds=1)
    few = plan.model_copy(update={"cells": plan.cells[::4]})
    model = _report(few)
    index = write_site(model, tmp_path / "report")
    assert len(model.cells) == 300
    assert index.stat().st_size <= MAX_INDEX_BYTES
    assert b'href="table.html"' in index.read_bytes()
    assert (tmp_path / "report" / "table.html").read_text("utf-8").count("Take 299.") == 1


def test_a_table_that_is_small_stands_in_the_index(tmp_path: Path) -> None:
    index = write_site(models.matrix(), tmp_path / "report")
    assert index.read_text("utf-8").count('<tr id="cell-') == 96
