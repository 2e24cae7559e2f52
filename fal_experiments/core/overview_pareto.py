"""Presets on two axes: who is on the frontier, and who is dominated by whom."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from fal_experiments.core.overview_facts import PresetFacts
from fal_experiments.core.overview_labels import bar_of
from fal_experiments.core.overview_model import Bar, ParetoView, PlotAxis, PointView, QualityView
from fal_experiments.core.overview_stats import Reading, median_of

LEAST_POINTS = 2

Better = Literal["higher", "lower"]


class Axis(NamedTuple):
    """What is compared: a reading for each preset that has one, and why others have none."""

    key: str
    title: str
    unit: str
    better: Better
    readings: Mapping[str, Reading]
    why_not: Mapping[str, str] = {}
    says: str = ""


def cost_axis(facts: Sequence[PresetFacts]) -> Axis:
    """Return what a usable second costs; of a batch of pictures, what a picture costs."""
    pictures = bool(facts) and all(each.makes_pictures for each in facts)
    fitting = [each for each in facts if each.makes_pictures == pictures]
    readings = {each.preset: each.unit_cost for each in fitting if each.unit_cost is not None}
    why_not = {
        each.preset: each.no_unit_cost if each in fitting else "its results are still pictures"
        for each in facts
        if each.preset not in readings
    }
    title = "USD per picture" if pictures else "USD per usable second"
    return Axis("cost", title, "usd", "lower", readings, why_not)


def latency_axis(facts: Sequence[PresetFacts]) -> Axis:
    """Return the median time from submitting to the file on disk."""
    found = {each.preset: median_of([s.value for s in each.total_s]) for each in facts}
    readings = {preset: reading for preset, reading in found.items() if reading is not None}
    why_not = {each.preset: "no clip is done" for each in facts}
    return Axis("latency", "seconds, submit to file", "s", "lower", readings, why_not)


def quality_view(
    quality: Axis, others: Sequence[Axis], facts: Sequence[PresetFacts]
) -> QualityView:
    """Return a quality with a plot against each of the other axes."""
    plots = tuple(pareto(other, quality, facts) for other in others)
    return QualityView(key=quality.key, label=quality.title, says=quality.says, plots=plots)


def pareto(x: Axis, y: Axis, facts: Sequence[PresetFacts]) -> ParetoView:
    """Return the presets that have both numbers, on two axes."""
    drawn = [f for f in facts if f.preset in x.readings and f.preset in y.readings]
    places = {f.preset: (_good(x, f.preset), _good(y, f.preset)) for f in drawn}
    names = {f.preset: f"{f.mark} {f.title}" for f in drawn}
    points = []
    for each in drawn:
        by = _dominating(each.preset, places)
        points.append(
            PointView(
                mark=each.mark,
                title=each.title,
                href=each.href,
                x=_bar(x, each.preset),
                y=_bar(y, each.preset),
                is_frontier=not by,
                verdict=_verdict(each.preset, by, (x, y), names),
            )
        )
    missing = tuple(
        f"{f.mark} {f.title}: {_why_not(f.preset, x, y)}" for f in facts if f.preset not in places
    )
    enough = len(points) >= LEAST_POINTS
    return ParetoView(
        key=f"{y.key}-{x.key}",
        title=f"{y.title} × {x.title}",
        x=PlotAxis(title=x.title, better=x.better, unit=x.unit),
        y=PlotAxis(title=y.title, better=y.better, unit=y.unit),
        points=tuple(points),
        missing=missing,
        why_not="" if enough else f"fewer than {LEAST_POINTS} presets have both numbers",
    )


def _bar(axis: Axis, preset: str) -> Bar:
    return bar_of(axis.readings[preset], axis.unit)


def _good(axis: Axis, preset: str) -> float:
    """Return a number of which more is better."""
    value = axis.readings[preset].value
    return value if axis.better == "higher" else -value


def _dominating(preset: str, places: Mapping[str, tuple[float, float]]) -> list[str]:
    """Return the presets that are at least as good on both axes, and better on one."""
    x, y = places[preset]
    return [
        other
        for other, (ox, oy) in places.items()
        if other != preset and ox >= x and oy >= y and (ox, oy) != (x, y)
    ]


def _verdict(
    preset: str, by: Sequence[str], axes: tuple[Axis, Axis], names: Mapping[str, str]
) -> str:
    if not by:
        return "on the frontier"
    sure = [other for other in by if any(_apart(axis, other, preset) for axis in axes)]
    listed = ", ".join(names[other] for other in (sure or by)[:3])
    more = len(sure or by) - 3
    text = f"dominated by {listed}" + (f" and {more} more" if more > 0 else "")
    if sure:
        return text
    known = all(axis.readings[p].tells_spread for axis in axes for p in (preset, *by))
    why = "their bars overlap on both axes" if known else "too little is known of how they vary"
    return f"{text}; {why}, so it may be chance"


def _apart(axis: Axis, one: str, other: str) -> bool:
    """Tell whether what is known of two presets does not overlap on an axis."""
    a, b = axis.readings[one], axis.readings[other]
    if not (a.tells_spread and b.tells_spread):
        return False
    return a.low > b.high or b.low > a.high


def _why_not(preset: str, x: Axis, y: Axis) -> str:
    axis = x if preset not in x.readings else y
    return axis.why_not.get(preset, f"no {axis.title}")
