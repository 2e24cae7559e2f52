"""What was measured of a clip, as lines of the report's drawer."""

from collections.abc import Iterator

from fal_experiments.core.measures import UNTOLD, Measures, Span
from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.report_model import LabelledValue

SPAN_LABELS = {"freeze": "frozen", "black": "black", "silence": "silent"}


def measured_lines(measures: Measures | None) -> list[LabelledValue]:
    """Return the measurements of a clip as lines; those that make no sense are one line at the end.

    Nothing here is coloured good or bad: most of these numbers mean something only beside those of
    another clip of the same prompt.
    """
    if measures is None:
        return []
    lines = [
        LabelledValue(
            label=metric.title,
            value=f"{measures.values[metric.name]:f} {_unit(metric)}".rstrip(),
            note=metric.better if metric.direction != "neither" else "",
        )
        for metric in CLIP_METRICS
        if metric.name in measures.values
    ]
    lines += [
        LabelledValue(label=SPAN_LABELS[name], value=", ".join(map(_span, spans)), tone="warn")
        for name, spans in measures.spans.items()
    ]
    return [*lines, *_tags(measures), *_missing(measures)]


def _unit(metric: Metric) -> str:
    return "" if metric.unit in {"index", "ratio", "share"} else metric.unit


def _span(span: Span) -> str:
    return f"{span.start_s:f}–{span.end_s:f} s"


def _tags(measures: Measures) -> Iterator[LabelledValue]:
    tags = measures.tags
    told = (tags.colour_range, tags.colour_matrix, tags.colour_primaries, tags.colour_transfer)
    if set(told) == {UNTOLD}:
        yield LabelledValue(label="colours", value=UNTOLD, note="players guess")
    else:
        yield LabelledValue(label="colours", value=" · ".join(told))
    if tags.pixel_aspect not in {UNTOLD, "1:1"}:
        note = "not square: players stretch it"
        yield LabelledValue(label="pixels", value=tags.pixel_aspect, note=note, tone="warn")


def _missing(measures: Measures) -> Iterator[LabelledValue]:
    groups: dict[str, list[str]] = {}
    for metric in CLIP_METRICS:
        if metric.name in measures.missing:
            groups.setdefault(measures.missing[metric.name], []).append(metric.title)
    for why, titles in groups.items():
        yield LabelledValue(label="not measured", value=", ".join(titles), note=why)
