"""Values of clips as dots beside the median of their preset, as a specification."""

from fal_experiments.core.overview_model import StripView
from fal_experiments.core.plots_parts import (
    ACCENT,
    INK,
    SMALL_PX,
    SOFT,
    Links,
    Spec,
    axis_format,
    chart,
    number,
    plain,
)

ROW_PX = 24
AXIS_PX = 40


def strip_spec(view: StripView, links: Links) -> Spec:
    """Return the drawing of one measurement: a row for each preset, told by its letter."""
    dots = [
        {"name": row.mark, "value": dot.value, "href": links.to(dot.href), "says": plain(dot.label)}
        for row in view.rows
        for dot in row.dots
    ]
    middles = [
        {"name": row.mark, "value": each.value, "low": each.low, "high": each.high}
        for row in view.rows
        for each in (row.middle,)
    ]
    y = _rows([row.mark for row in view.rows])
    shape = axis_format("", [dot.value for row in view.rows for dot in row.dots])
    axis = {"title": plain(view.axis), "tickCount": 4, "format": shape, "titlePadding": 6}
    x = number("value", axis=axis, scale={"zero": False, "padding": 8})
    marks = [
        (middles, _INTERVAL, {"x": number("low"), "x2": {"field": "high"}, "y": y}),
        (dots, _DOT, {"x": x, "y": y} | _LINK),
        (middles, _MEDIAN, {"x": number("value"), "y": y}),
    ]
    layers = [{"data": {"values": v}, "mark": m, "encoding": e} for v, m, e in marks]
    return chart(SMALL_PX, ROW_PX * len(view.rows) + AXIS_PX, layers)


_INTERVAL: Spec = {"type": "rule", "size": 6, "color": ACCENT, "opacity": 0.35}
_DOT: Spec = {"type": "point", "filled": True, "size": 34, "color": SOFT, "opacity": 0.7}
_MEDIAN: Spec = {"type": "tick", "thickness": 2, "size": 16, "color": INK}
_LINK: Spec = {"href": {"field": "href"}, "description": {"field": "says"}}


def _rows(marks: list[str]) -> Spec:
    axis = {"title": None, "ticks": False, "domain": False, "labelFontWeight": "bold"}
    return {"field": "name", "type": "nominal", "sort": marks, "axis": axis}
