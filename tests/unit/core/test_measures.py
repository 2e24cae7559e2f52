"""Measurements have names, units and limits; what is missing has a reason; sums have an n."""

from decimal import Decimal
from pathlib import Path

import pytest

from fal_experiments.app.measure import explanation
from fal_experiments.core.derived import Derived, Recipe
from fal_experiments.core.measure_rows import ClipRow, Summary, metric_label, summed
from fal_experiments.core.measures import (
    MEASURES_VERSION,
    SPANS_KEPT,
    Course,
    Measures,
    Span,
    longest_spans,
)
from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics import CLIP_METRICS, METRICS

ROOT = Path(__file__).parents[3]


def row(preset: str, flicker: str | None, *, failed: str | None = None) -> ClipRow:
    """Return the row of a clip with one measurement, or without."""
    values = {} if flicker is None else {"flicker": Decimal(flicker)}
    missing = {"flicker": "it has fewer than three frames"} if flicker is None else {}
    measures = None if failed else Measures(values=values, missing=missing)
    derived = Derived(asset_sha256="z", recipe=Recipe(), failed=failed, measures=measures)
    return ClipRow(cell="c", prompt="walk", preset=preset, run="seed 1", derived=derived)


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_measurement_says_what_it_is_and_cannot_tell(metric: Metric) -> None:
    for text in (metric.title, metric.unit, metric.says, metric.source, metric.limits):
        assert text
        assert text == text.strip()
    for sentence in (metric.says, metric.source, metric.limits):
        assert sentence.endswith(".")
    assert METRICS[metric.name] is metric


def test_names_are_used_once() -> None:
    assert len({metric.name for metric in CLIP_METRICS}) == len(CLIP_METRICS)


def test_the_page_of_the_docs_is_fresh() -> None:
    """`fal-exp measure --explain > docs/metrics.md` makes it so."""
    assert (ROOT / "docs" / "metrics.md").read_text() == explanation()


def test_the_page_has_every_measurement() -> None:
    page = explanation()

    assert all(f"- **`{name}`** (" in page for name in METRICS)


def test_a_missing_measurement_is_none_with_a_reason() -> None:
    measures = Measures(values={"flicker": Decimal(0)}, missing={"motion": "it is plain"})

    assert measures.value("flicker") == 0
    assert measures.why("flicker") == ""
    assert measures.value("motion") is None
    assert measures.why("motion") == "it is plain"
    assert "version" in measures.why("loop_seam")


def test_measurements_hold_for_one_version_and_one_input() -> None:
    measures = Measures(anchor_sha256="a")

    assert measures.is_of("a")
    assert not measures.is_of("b")
    assert not measures.is_of(None)
    assert not Measures(version=MEASURES_VERSION - 1).is_of(None)


def test_of_many_spans_the_longest_stay_in_order_of_time() -> None:
    spans = [Span(start_s=Decimal(i), end_s=Decimal(i) + Decimal(i % 7 + 1)) for i in range(40)]

    kept = longest_spans(spans)

    assert len(kept) == SPANS_KEPT
    assert list(kept) == sorted(kept, key=lambda span: span.start_s)
    assert min(span.length_s for span in kept) >= 5


def test_a_course_is_text_and_reads_as_numbers() -> None:
    course = Course(first_s=Decimal(0), step_s=Decimal("0.5"), points="1 0.25 -3")

    assert course.values == (1, 0.25, -3)


def test_sums_are_per_preset_and_say_of_how_many_clips() -> None:
    rows = [row("a", "0.1"), row("a", "0.5"), row("a", None), row("a", None, failed="cut off")]

    found = summed([*rows, row("b", None)])

    assert found["a"]["flicker"] == Summary(
        n=2, of=4, median=Decimal("0.300"), least=Decimal("0.1"), most=Decimal("0.5")
    )
    assert found["b"]["flicker"] == Summary(n=0, of=1)


def test_a_flat_row_has_a_column_for_everything_and_no_zero_for_nothing() -> None:
    flat = row("a", None).flat()

    assert set(METRICS) - set(flat) == {"pair_ssim", "pair_psnr_db", "pair_vmaf"}
    assert flat["flicker"] is None
    assert flat["missing"] == "flicker: it has fewer than three frames"
    assert list(row("a", None, failed="cut off").flat()) == list(flat)
    assert row("a", None, failed="cut off").flat()["not_measured"] == "cut off"


def test_a_clip_that_was_not_rendered_says_what_to_do() -> None:
    bare = ClipRow(cell="c", prompt="p", preset="a", run="seed 1", derived=None)

    assert "fal-exp render" in bare.why_not


def test_labels_tell_unit_and_way() -> None:
    assert metric_label(METRICS["flicker"]) == "flicker, levels ↓"
    assert metric_label(METRICS["motion"]) == "motion, px/s"
