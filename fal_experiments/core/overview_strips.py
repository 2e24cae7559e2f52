"""Every clip's value beside the median of its preset, for latencies and measurements."""

from collections.abc import Sequence
from typing import NamedTuple

from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics import METRICS
from fal_experiments.core.overview_facts import OverviewParts, PresetFacts, Sample, cell_href
from fal_experiments.core.overview_labels import bar_of, label_of
from fal_experiments.core.overview_model import Dot, StripRow, StripView
from fal_experiments.core.overview_quality import MEASURED, measured_values
from fal_experiments.core.overview_stats import median_of

MOST_DOTS = 40
"""Of one preset. Of more values those are drawn that stand at even ranks, least and largest too."""
LEAST_VALUES = 6
"""In all; of fewer the table says as much."""
MOST_STRIPS = 3


class Strip(NamedTuple):
    """What is drawn: samples by preset."""

    key: str
    title: str
    unit: str
    says: str
    samples: Sequence[tuple[PresetFacts, Sequence[Sample]]]


def latency_strips(facts: Sequence[PresetFacts]) -> tuple[StripView, ...]:
    """Return how long clips waited, and how long they were worked on."""
    return tuple(
        strip_view(Strip(key, title, "s", says, samples))
        for key, title, says, samples in (
            (
                "queue",
                "in the queue",
                "From acceptance until the job was first seen running.",
                [(f, f.queue_s) for f in facts],
            ),
            (
                "runner",
                "on the runner",
                "As the provider measured it.",
                [(f, f.run_s) for f in facts],
            ),
        )
    )


def metric_strips(parts: OverviewParts, facts: Sequence[PresetFacts]) -> tuple[StripView, ...]:
    """Return the measurements that tell most, of those that clips have."""
    found = []
    for name in MEASURED:
        samples = [(f, _measured(parts, f, name)) for f in facts]
        if sum(len(some) for _, some in samples) >= LEAST_VALUES:
            metric = METRICS[name]
            says = f"{metric.better.capitalize()}. {metric.limits}"
            found.append(strip_view(Strip(name, metric.title, plain_unit(metric), says, samples)))
    return tuple(found[:MOST_STRIPS])


def plain_unit(metric: Metric) -> str:
    """Return the unit that stands behind a number, empty for an index, a ratio or a share."""
    return "" if metric.unit in {"index", "ratio", "share"} else metric.unit


def strip_view(strip: Strip) -> StripView:
    """Return the values of one measurement, preset by preset."""
    rows = []
    for facts, samples in strip.samples:
        middle = median_of([sample.value for sample in samples])
        if middle is None:
            continue
        rows.append(
            StripRow(
                mark=facts.mark,
                title=facts.title,
                middle=bar_of(middle, strip.unit),
                dots=tuple(_dot(facts, sample, strip.unit) for sample in _spaced(samples)),
            )
        )
    values = sum(len(samples) for _, samples in strip.samples)
    enough = values >= LEAST_VALUES
    return StripView(
        key=strip.key,
        title=strip.title,
        axis="seconds" if strip.unit == "s" else strip.unit or strip.title,
        says=strip.says,
        rows=tuple(rows),
        why_not="" if enough else f"{values or 'no'} value{'' if values == 1 else 's'}",
    )


def _dot(facts: PresetFacts, sample: Sample, unit: str) -> Dot:
    cell = sample.cell
    where = " · ".join(filter(None, (cell.at.prompt, cell.at.input)))
    label = f"{facts.title} · {where}, {cell.run_label}: {label_of(sample.value, unit)}"
    return Dot(value=sample.value, label=label, href=cell_href(cell.cell_id))


def _spaced(samples: Sequence[Sample]) -> list[Sample]:
    ordered = sorted(samples, key=lambda sample: (sample.value, sample.cell.cell_id))
    if len(ordered) <= MOST_DOTS:
        return ordered
    last = len(ordered) - 1
    return [ordered[round(i * last / (MOST_DOTS - 1))] for i in range(MOST_DOTS)]


def _measured(parts: OverviewParts, facts: PresetFacts, name: str) -> list[Sample]:
    values = dict(measured_values(parts, facts, name))
    return [Sample(c, values[c.cell_id]) for c in facts.cells if c.cell_id in values]
