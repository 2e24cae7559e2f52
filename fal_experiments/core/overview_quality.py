"""What may stand for quality: people's verdicts first, then judges, then measurements."""

from collections.abc import Iterator, Sequence

from fal_experiments.core.judging import Standing, standings
from fal_experiments.core.keepers import wilson
from fal_experiments.core.metrics import METRICS
from fal_experiments.core.overview_facts import OverviewParts, PresetFacts
from fal_experiments.core.overview_labels import share_reading
from fal_experiments.core.overview_pareto import LEAST_POINTS, Axis, Better
from fal_experiments.core.overview_stats import Reading, median_of
from fal_experiments.core.overview_votes import votes_axis
from fal_experiments.core.report_cell_judge import Judged

MOST_QUALITIES = 4
MOST_MEASURED = 2
MEASURED = ("anchor_ssim", "loop_seam", "flicker", "start_ssim", "sharpness_640")
"""The measurements that stand in where nobody has judged, the more telling ones first."""


def qualities(parts: OverviewParts, facts: Sequence[PresetFacts]) -> list[Axis]:
    """Return what can be plotted as quality, people's word first."""
    said = [axis for axis in _said(parts, facts) if len(axis.readings) >= LEAST_POINTS]
    measured = [_measured(parts, facts, name) for name in MEASURED]
    telling = [axis for axis in measured if len(axis.readings) >= LEAST_POINTS]
    return [*said, *telling[:MOST_MEASURED]][:MOST_QUALITIES]


def _said(parts: OverviewParts, facts: Sequence[PresetFacts]) -> Iterator[Axis]:
    judged = parts.judged
    yield _keep_rate(facts)
    if parts.ranking is not None:
        yield votes_axis(parts.ranking, facts)
    yield _stars(facts)
    if judged:
        yield _win_share(judged[-1])


def _keep_rate(facts: Sequence[PresetFacts]) -> Axis:
    shares = {f.preset: share_reading(f.keepers.share) for f in facts if f.keepers}
    readings = {preset: share for preset, share in shares.items() if share is not None}
    why_not = dict.fromkeys((f.preset for f in facts), "none of its clips has a verdict")
    says = "Share of rated clips that are kept, with Wilson's interval."
    return Axis("kept", "clips kept", "share", "higher", readings, why_not, says)


def _stars(facts: Sequence[PresetFacts]) -> Axis:
    found = {f.preset: median_of([s.value for s in f.stars]) for f in facts}
    readings = {preset: reading for preset, reading in found.items() if reading is not None}
    why_not = dict.fromkeys((f.preset for f in facts), "none of its clips has stars")
    says = "Median of the clips' stars, each the mean of its raters'."
    return Axis("stars", "stars", "", "higher", readings, why_not, says)


def _win_share(judged: Judged) -> Axis:
    rows = standings(judged.outcomes)
    readings = {row.preset: r for row in rows if (r := win_share(row)) is not None}
    why_not = {row.preset: "none of its pairs was judged in both orders" for row in rows}
    says = (
        f"Share of pairs won, {judged.judge}; a tie is half. Pairs share clips, so the bars are "
        "narrower than the truth."
    )
    return Axis("won", "pairs won", "share", "higher", readings, why_not, says)


def win_share(row: Standing) -> Reading | None:
    """Return the share of judged pairs that were won, a tie as half, with Wilson's interval."""
    if not row.judged:
        return None
    half_wins = 2 * row.wins + row.ties
    # half wins of whole pairs: the interval is taken at both whole numbers around them
    low = wilson(half_wins // 2, row.judged).low
    high = wilson((half_wins + 1) // 2, row.judged).high
    return Reading(half_wins / 2 / row.judged, low, high, row.judged, "interval")


def _measured(parts: OverviewParts, facts: Sequence[PresetFacts], name: str) -> Axis:
    metric = METRICS[name]
    readings = {}
    for each in facts:
        values = measured_values(parts, each, name)
        if (reading := median_of([value for _, value in values])) is not None:
            readings[each.preset] = reading
    unit = "" if metric.unit in {"index", "ratio", "share", "levels²"} else metric.unit
    why_not = dict.fromkeys((f.preset for f in facts), "not measured")
    says = (
        f"No one's judgement: the measured {metric.title} of the clips, median; {metric.better}. "
        f"{metric.limits}"
    )
    better: Better = "lower" if metric.direction == "lower" else "higher"
    return Axis(name, metric.title, unit, better, readings, why_not, says)


def measured_values(parts: OverviewParts, facts: PresetFacts, name: str) -> list[tuple[str, float]]:
    """Return cell and value of a measurement, for each clip of a preset that has it."""
    found = []
    for cell in facts.cells:
        derived = parts.derived.get(cell.cell_id)
        value = derived.measures.value(name) if derived and derived.measures else None
        if value is not None:
            found.append((cell.cell_id, float(value)))
    return found
