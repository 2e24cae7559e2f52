"""Presets on two axes as a specification: bars, frontier, a letter for each."""

from typing import Any

from fal_experiments.core.overview_model import Bar, ParetoView, PlotAxis
from fal_experiments.core.plots_parts import (
    ACCENT,
    EDGE,
    INK,
    SMALL_PX,
    SOFT,
    SURFACE,
    Links,
    Spec,
    axis_format,
    chart,
    colour_by,
    number,
    plain,
)

HEIGHT_PX = 264
_DOT_PX2 = 330
_ARROWS = {"higher": "more is better", "lower": "less is better"}


def pareto_spec(view: ParetoView, links: Links) -> Spec:
    """Return the drawing of presets on two axes. Those that are dominated are grey."""
    layers = [
        _layer(_FRONTIER, x=number("x"), y=number("y"), order={"field": "x"})
        | {"transform": [{"filter": "datum.place === 'frontier'"}]},
        _layer(_BAR, x=number("x1"), x2={"field": "x2"}, y=number("y"), color=_two(INK, EDGE)),
        _layer(_BAR, x=number("x"), y=number("y1"), y2={"field": "y2"}, color=_two(INK, EDGE)),
        _layer(
            _DOT,
            x=number("x", axis=_axis(view.x, [point.x for point in view.points]), scale=_SCALE),
            y=number(
                "y", axis=_axis(view.y, [point.y for point in view.points]) | _ABOVE, scale=_SCALE
            ),
            fill=_two(ACCENT, SURFACE),
            stroke=_two(ACCENT, EDGE),
            strokeWidth={"value": 1.5},
            href={"field": "href"},
            description={"field": "says"},
        ),
        _layer(
            _LETTER,
            x=number("x"),
            y=number("y"),
            text={"field": "mark"},
            color=_two("var(--on-accent)", SOFT),
        ),
    ]
    values = _values(view, links)
    resolve = {"scale": {"color": "independent", "fill": "independent"}}
    return chart(SMALL_PX, HEIGHT_PX, layers, data={"values": values}, resolve=resolve)


_FRONTIER: Spec = {"type": "line", "color": ACCENT, "strokeDash": [4, 3], "opacity": 0.8}
_BAR: Spec = {"type": "rule", "opacity": 0.75}
_DOT: Spec = {"type": "point", "filled": True, "size": _DOT_PX2, "opacity": 1}
_LETTER: Spec = {"type": "text", "fontWeight": "bold", "fontSize": 11}
_SCALE: Spec = {"zero": False, "padding": 14}
_ABOVE: Spec = {
    # above its axis, where it can be read without turning the head
    "titleAngle": 0,
    "titleAlign": "left",
    "titleAnchor": "start",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -8,
}


def _values(view: ParetoView, links: Links) -> list[Spec]:
    return [
        {
            "mark": point.mark,
            "href": links.to(point.href),
            "says": plain(f"{point.title}: {point.x.label}; {point.y.label}; {point.verdict}"),
            "x": point.x.value,
            "x1": point.x.low,
            "x2": point.x.high,
            "y": point.y.value,
            "y1": point.y.low,
            "y2": point.y.high,
            "place": "frontier" if point.is_frontier else "behind",
        }
        # the letters of the frontier lie on top
        for point in sorted(view.points, key=lambda point: point.is_frontier)
    ]


def _two(frontier: str, behind: str) -> Spec:
    return colour_by("place", {"frontier": frontier, "behind": behind})


def _layer(mark: Spec, **encoding: Any) -> Spec:
    return {"mark": mark, "encoding": encoding}


def _axis(view: PlotAxis, bars: list[Bar]) -> Spec:
    return {
        "title": plain(f"{view.title} · {_ARROWS[view.better]}"),
        "format": axis_format(view.unit, [v for bar in bars for v in (bar.low, bar.high)]),
        "tickCount": 4,
        "titlePadding": 6,
    }
