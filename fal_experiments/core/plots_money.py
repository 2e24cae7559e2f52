"""Money step by step as a specification: totals from zero, changes from where the last ended."""

from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.overview_model import MoneyView
from fal_experiments.core.plots_parts import (
    INK,
    SOFT,
    Spec,
    axis_format,
    chart,
    number,
    plain,
    tone_colour,
)

WIDTH_PX = 480
LABEL_PX = 124
ROW_PX = 26
AXIS_PX = 38
ROOM = 1.16
"""Of the axis beyond the largest amount, so that the amounts behind the bars have a place."""


def money_spec(view: MoneyView) -> Spec:
    """Return the drawing of the steps."""
    values = _values(view)
    most = max(max(float(v["from"]), float(v["to"])) for v in values) or 1.0
    y: Spec = {
        "field": "row",
        "type": "ordinal",
        "axis": {
            "title": None,
            "ticks": False,
            "domain": False,
            "labelLimit": LABEL_PX,
            "minExtent": LABEL_PX,
            "maxExtent": LABEL_PX,
            "labelExpr": "data('steps')[datum.value].label",
        },
    }
    x = number(
        "from",
        axis={"title": "USD", "format": axis_format("usd", [0, most]), "tickCount": 5},
        scale={"domain": [0, most * ROOM], "nice": False},
    )
    colour = {"field": "colour", "type": "nominal", "scale": None}
    bar = {"x": x, "x2": {"field": "to"}, "y": y, "fill": colour, "stroke": colour}
    amount = {"x": number("end"), "y": y, "text": {"field": "amount"}}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "height": 14, "strokeWidth": 1}, "encoding": bar},
        {"mark": {"type": "text", "align": "left", "dx": 5, "color": INK}, "encoding": amount},
    ]
    height = ROW_PX * len(values) + AXIS_PX
    return chart(WIDTH_PX, height, layers, data={"name": "steps", "values": values})


def _values(view: MoneyView) -> list[Spec]:
    values: list[Spec] = []
    at = 0
    for index, (step, row) in enumerate(zip(view.steps, view.table.rows, strict=True)):
        start = 0 if step.is_total else at
        at = start + step.nano_usd
        values.append(
            {
                "row": index,
                "label": plain(step.label),
                "from": float(usd_from_nano(start)),
                "to": float(usd_from_nano(at)),
                "end": float(usd_from_nano(max(start, at))),
                "amount": row.figures[0].value,
                "colour": SOFT if step.is_total else tone_colour(step.tone or "idle"),
            }
        )
    return values
