"""Tables of measurements, of judges and of plug-in scores, preset by preset."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fal_experiments.core.judging import Standing, bias_of, standings
from fal_experiments.core.labels import plural
from fal_experiments.core.metric import Direction
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.overview_facts import OverviewParts, PresetFacts
from fal_experiments.core.overview_labels import LABELS, percent_label, reading_figure
from fal_experiments.core.overview_model import Figure, Heading, TableRow, TableView
from fal_experiments.core.overview_quality import measured_values, win_share
from fal_experiments.core.overview_stats import LEAST, Reading, median_of
from fal_experiments.core.overview_strips import plain_unit
from fal_experiments.core.report_cell_judge import Judged


def metric_table(parts: OverviewParts, facts: Sequence[PresetFacts]) -> TableView | None:
    """Return the medians of every measurement; None where nothing is measured."""
    rows = []
    for metric in CLIP_METRICS:
        readings = {
            f.preset: median_of([value for _, value in measured_values(parts, f, metric.name)])
            for f in facts
        }
        if not any(readings.values()):
            continue
        unit = plain_unit(metric)
        told = ", ".join(filter(None, (metric.unit, metric.better)))
        rows.append(
            TableRow(
                title=metric.title,
                subtitle=told,
                figures=tuple(_figures(facts, readings, unit, metric.direction)),
            )
        )
    if not rows:
        return None
    return TableView(
        key="metrics",
        title="Measured",
        lead=(
            "Median over the clips of a preset. Green where it is better than every other one and "
            "no two intervals overlap; most of these compare clips of one prompt only."
        ),
        headings=(Heading(label="Measurement", sorts=False), *_preset_headings(facts)),
        rows=tuple(rows),
    )


def _preset_headings(facts: Sequence[PresetFacts]) -> Iterator[Heading]:
    for each in facts:
        yield Heading(label=f"{each.mark} {each.title}", sorts=False)


def _figures(
    facts: Sequence[PresetFacts],
    readings: Mapping[str, Reading | None],
    unit: str,
    direction: Direction,
) -> Iterator[Figure]:
    best = clearly_best(readings, direction)
    # the unit stands in the head of the row
    shown = unit if unit in LABELS else ""
    for each in facts:
        figure = reading_figure(readings[each.preset], shown)
        yield figure.model_copy(update={"tone": "good"}) if each.preset == best else figure


def clearly_best(readings: Mapping[str, Reading | None], direction: Direction) -> str | None:
    """Return whose interval is better than those of all others, None where chance may decide."""
    found = {preset: reading for preset, reading in readings.items() if reading is not None}
    if direction == "neither" or len(found) < 2:
        return None
    if any(reading.n < LEAST for reading in found.values()):
        return None
    for preset, mine in found.items():
        others = [reading for name, reading in found.items() if name != preset]
        if direction == "higher" and all(mine.low > other.high for other in others):
            return preset
        if direction == "lower" and all(mine.high < other.low for other in others):
            return preset
    return None


def judge_table(judged: Judged, facts: Sequence[PresetFacts]) -> TableView:
    """Return how the presets fared before a judge, and how far its word can be trusted."""
    by_preset = {each.preset: each for each in facts}
    labels = ("Preset", "Pairs won", "Won", "Tied", "Lost", "Not judged", "Both orders agree")
    bias = bias_of(judged.outcomes)
    stuck = bias.stuck_first + bias.stuck_second
    notes = [
        (
            "A tie is half a win. Each pair is asked in both orders; where they differ it is a "
            "tie. Pairs share clips, so the intervals are narrower than the truth."
        )
    ]
    if stuck:
        notes.append(
            f"In {stuck} of {plural(bias.both, 'pair')} the place decided, not the clip: "
            f"{bias.stuck_first} always the first, {bias.stuck_second} always the second."
        )
    return TableView(
        key="judge",
        title="A judge's word",
        lead=judged.judge,
        headings=tuple(Heading(label=label) for label in labels),
        rows=tuple(
            by_preset[row.preset].row.model_copy(update={"figures": _standing(row)})
            for row in standings(judged.outcomes)
            if row.preset in by_preset
        ),
        notes=tuple(notes),
    )


def _standing(row: Standing) -> tuple[Figure, ...]:
    agreed = row.agreed / row.judged if row.judged else None
    return (
        reading_figure(win_share(row), "share", "no pair judged in both orders"),
        *(_count(n) for n in (row.wins, row.ties, row.losses, row.unjudged)),
        Figure(
            value=f"{row.agreed} of {row.judged}",
            note="" if agreed is None else percent_label(agreed),
            number=agreed,
        ),
    )


def _count(count: int) -> Figure:
    return Figure(value=str(count), number=count)


class ScoreName(NamedTuple):
    """One number of one version of a plug-in metric."""

    metric: str
    version: str
    value: str


def score_table(parts: OverviewParts, facts: Sequence[PresetFacts]) -> TableView | None:
    """Return the medians of plug-in scores; None where there are none."""
    names = {
        ScoreName(score.metric, score.version, value): None
        for each in facts
        for cell in each.cells
        for score in parts.scores.get(cell.cell_id, ())
        for value in score.values
    }
    if not names:
        return None
    return TableView(
        key="scores",
        title="Plug-in metrics",
        lead="Median over the results that have the score.",
        headings=(Heading(label="Score", sorts=False), *_preset_headings(facts)),
        rows=tuple(_score_row(parts, facts, name) for name in names),
    )


def _score_row(parts: OverviewParts, facts: Sequence[PresetFacts], name: ScoreName) -> TableRow:
    metric = parts.metric_facts.get(name.metric)
    known = metric.values.get(name.value) if metric else None
    direction: Direction = known.direction if known else "neither"
    better = f"{direction} is better" if known and direction != "neither" else ""
    title = name.metric if name.value == name.metric else f"{name.metric} · {name.value}"
    readings = {each.preset: median_of(_scores(parts, each, name)) for each in facts}
    told = filter(None, (f"version {name.version}", known.unit if known else "", better))
    return TableRow(
        title=known.title if known else title,
        subtitle=", ".join(told),
        figures=tuple(_figures(facts, readings, "", direction)),
    )


def _scores(parts: OverviewParts, facts: PresetFacts, name: ScoreName) -> list[float]:
    return [
        float(score.values[name.value])
        for cell in facts.cells
        for score in parts.scores.get(cell.cell_id, ())
        if (score.metric, score.version) == name[:2] and name.value in score.values
    ]
