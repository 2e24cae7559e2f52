"""Money step by step as a specification: totals from zero, changes from where the last one ended."""

from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.overview_model import MoneyView
from fal_experiments.core.plots_parts import (
    INK,
    SOFT,
    Spec,
    chart,
    number,
    plain,
    tone_colour,
)

WIDTH_PX = 440
ROW_PX = 26
AXIS_PX = 38


def money_spec(view: MoneyView) -> Spec:
    """Return the drawing of the steps."""
    values, at = [], 0
    for index, step in enumerate(view.steps):
        start = 0 if step.is_total else at
        at = start + step.nano_usd
        sign = "" if step.is_total else "+" if step.nano_usd > 0 else "−"
        values.append(
            {
                "row": index,
                "label": plain(step.label),
                "from": float(usd_from_nano(start)),
                "to": float(usd_from_nano(at)),
                "colour": SOFT if step.is_total else tone_colour(step.tone or "idle"),
                "amount": f"{sign}${abs(float(usd_from_nano(step.nano_usd))):,.4g}",
                "end": float(usd_from_nano(max(start, at))),
            }
        )
    y: Spec = {
        "field": "row",
        "type": "ordinal",
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelLimit": 130,
            "labelExpr": "data('steps')[datum.value].label",
        },
    }
    x = number("from", axis={"title": "USD", "format": "$,~g", "tickCount": 5})
    return chart(
        WIDTH_PX,
        ROW_PX * len(values) + AXIS_PX,
        [
            {
                "mark": {"type": "bar", "height": 14, "strokeWidth": 1},
                "encoding": {
                    "x": x,
                    "x2": {"field": "to"},
                    "y": y,
                    "fill": {"field": "colour", "type": "nominal", "scale": None},
                    "stroke": {"field": "colour", "type": "nominal", "scale": None},
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": INK},
                "encoding": {"x": number("end"), "y": y, "text": {"field": "amount"}},
            },
        ],
        data={"name": "steps", "values": values},
    )
