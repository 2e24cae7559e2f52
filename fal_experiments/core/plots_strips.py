"""Values of clips as dots beside the median of their preset, as a specification."""

from fal_experiments.core.overview_model import StripView
from fal_experiments.core.plots_parts import (
    ACCENT,
    INK,
    SMALL_PX,
    SOFT,
    Links,
    Spec,
    chart,
    number,
    plain,
)

ROW_PX = 26
AXIS_PX = 40
LABEL_PX = 104


def strip_spec(view: StripView, links: Links) -> Spec:
    """Return the drawing of one measurement."""
    names = [plain(f"{row.mark} {row.title}") for row in view.rows]
    dots = [
        {"name": name, "value": dot.value, "href": links.to(dot.href), "says": plain(dot.label)}
        for name, row in zip(names, view.rows, strict=True)
        for dot in row.dots
    ]
    middles = [
        {
            "name": name,
            "value": row.middle.value,
            "low": row.middle.low,
            "high": row.middle.high,
        }
        for name, row in zip(names, view.rows, strict=True)
    ]
    axis = {"title": None, "labelLimit": LABEL_PX, "ticks": False, "domain": False}
    y: Spec = {"field": "name", "type": "nominal", "sort": names, "axis": axis}
    x = number(
        "value",
        axis={"title": plain(view.axis), "tickCount": 4, "format": "~g", "titlePadding": 6},
        scale={"zero": False, "padding": 8},
    )
    return chart(
        SMALL_PX,
        ROW_PX * len(names) + AXIS_PX,
        [
            {
                "data": {"values": middles},
                "mark": {"type": "rule", "size": 6, "color": ACCENT, "opacity": 0.35},
                "encoding": {"x": number("low"), "x2": {"field": "high"}, "y": y},
            },
            {
                "data": {"values": dots},
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 34,
                    "color": SOFT,
                    "opacity": 0.7,
                },
                "encoding": {
                    "x": x,
                    "y": y,
                    "href": {"field": "href"},
                    "description": {"field": "says"},
                },
            },
            {
                "data": {"values": middles},
                "mark": {"type": "tick", "thickness": 2, "size": 16, "color": INK},
                "encoding": {"x": number("value"), "y": y},
            },
        ],
    )
