"""What was measured of a clip, for the drawer of the report, and what each measurement means."""

from collections.abc import Iterable, Iterator

from fal_experiments.core.measures import Measures, Span
from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.report_cell_model import CellDetail, MetricMeaning, MetricValue
from fal_experiments.core.report_lines import LabelledValue

SPAN_LABELS = {"freeze": "frozen", "black": "black", "silence": "silent"}


def metric_values(measures: Measures | None) -> tuple[MetricValue, ...]:
    """Return the measurements of a clip in the order of tables, digit for digit.

    Nothing here is called good or bad: most of these numbers mean something only beside those of
    another clip of the same prompt.
    """
    if measures is None:
        return ()
    return tuple(
        MetricValue(key=metric.name, value=f"{measures.values[metric.name]:f}")
        for metric in CLIP_METRICS
        if metric.name in measures.values
    )


def metric_notes(measures: Measures | None) -> tuple[LabelledValue, ...]:
    """Return parts that are frozen, black or silent, and what could not be measured, with why."""
    if measures is None:
        return ()
    spans = (
        LabelledValue(label=SPAN_LABELS[name], value=", ".join(map(_span, parts)), tone="warn")
        for name, parts in measures.spans.items()
    )
    return (*spans, *_missing(measures))


def metric_meanings(details: Iterable[CellDetail]) -> tuple[MetricMeaning, ...]:
    """Return what every measurement means that occurs in a report."""
    seen = {value.key for detail in details for value in detail.metrics}
    return tuple(_meaning(metric) for metric in CLIP_METRICS if metric.name in seen)


def _meaning(metric: Metric) -> MetricMeaning:
    unit = "" if metric.unit in {"index", "ratio", "share"} else metric.unit
    return MetricMeaning(
        key=metric.name,
        title=metric.title,
        unit=unit,
        better=metric.direction,
        places=metric.places,
        says=metric.says,
        limits=metric.limits,
    )


def _span(span: Span) -> str:
    return f"{span.start_s:f}–{span.end_s:f} s"


def _missing(measures: Measures) -> Iterator[LabelledValue]:
    groups: dict[str, list[str]] = {}
    for metric in CLIP_METRICS:
        if metric.name in measures.missing:
            groups.setdefault(measures.missing[metric.name], []).append(metric.title)
    for why, titles in groups.items():
        yield LabelledValue(label="not measured", value=", ".join(titles), note=why)
