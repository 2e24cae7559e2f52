"""Presets on two axes as a specification: bars, frontier, a letter for each."""

from fal_experiments.core.overview_model import AxisView, ParetoView
from fal_experiments.core.plots_parts import (
    ACCENT,
    EDGE,
    FORMATS,
    INK,
    LINE,
    SMALL_PX,
    SOFT,
    SURFACE,
    Links,
    Spec,
    chart,
    colour_by,
    number,
    plain,
)

HEIGHT_PX = 264
_DOT_PX2 = 330
_ARROWS = {"higher": "more is better", "lower": "less is better"}


def pareto_spec(view: ParetoView, links: Links) -> Spec:
    """Return the drawing of presets on two axes."""
    values = [
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
    x, y = _axis(view.x), _axis(view.y, is_upright=True)
    bars = colour_by("place", {"frontier": INK, "behind": EDGE})
    return chart(
        SMALL_PX,
        HEIGHT_PX,
        [
            {
                "transform": [{"filter": "datum.place === 'frontier'"}],
                "mark": {"type": "line", "color": ACCENT, "strokeDash": [4, 3], "opacity": 0.8},
                "encoding": {"x": number("x"), "y": number("y"), "order": {"field": "x"}},
            },
            {
                "mark": {"type": "rule", "opacity": 0.75},
                "encoding": {
                    "x": number("x1"),
                    "x2": {"field": "x2"},
                    "y": number("y"),
                    "color": bars,
                },
            },
            {
                "mark": {"type": "rule", "opacity": 0.75},
                "encoding": {
                    "x": number("x"),
                    "y": number("y1"),
                    "y2": {"field": "y2"},
                    "color": bars,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": _DOT_PX2, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "fill": colour_by("place", {"frontier": ACCENT, "behind": SURFACE}),
                    "stroke": colour_by("place", {"frontier": ACCENT, "behind": EDGE}),
                    "strokeWidth": {"value": 1.5},
                    "href": {"field": "href"},
                    "description": {"field": "says"},
                },
            },
            {
                "mark": {"type": "text", "fontWeight": "bold", "fontSize": 11},
                "encoding": {
                    "x": number("x"),
                    "y": number("y"),
                    "text": {"field": "mark"},
                    "color": colour_by("place", {"frontier": "var(--on-accent)", "behind": SOFT}),
                },
            },
        ],
        data={"values": values},
        resolve={"scale": {"color": "independent", "fill": "independent"}},
    )


def _axis(view: AxisView, *, is_upright: bool = False) -> Spec:
    title = plain(f"{view.title} · {_ARROWS[view.better]}")
    axis = {
        "title": title,
        "format": FORMATS.get(view.unit, "~g"),
        "tickCount": 4,
        "gridColor": LINE,
        "titlePadding": 6,
    }
    if is_upright:
        # above its axis, where it can be read without turning the head
        place = {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "start"}
        axis |= place | {"titleBaseline": "bottom", "titleX": 0, "titleY": -8}
    return number("x" if not is_upright else "y", axis=axis, scale={"zero": False, "padding": 14})
