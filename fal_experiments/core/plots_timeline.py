"""Attempts over time as a specification: a group of lanes for each preset, a shape for each phase.

Waiting is a thin dashed line, running a full bar, the download an open one: the phases can be told
apart without their colours.
"""

from typing import Any

from fal_experiments.core.overview_model import TimelineView
from fal_experiments.core.plots_parts import (
    EDGE,
    INK,
    LINE,
    SOFT,
    Links,
    Spec,
    chart,
    number,
    plain,
    tone_colour,
)

WIDTH_PX = 1080
HEAD_PX = 20
"""Above the lanes of each preset, for its name; and above all, for the time."""
MOST_LANE_PX, LEAST_LANE_PX = 13, 5
ALL_LANES_PX = 1600
SIGN_PX = 11


def timeline_spec(view: TimelineView, links: Links) -> Spec:
    """Return the drawing of a batch over time."""
    lane_px = max(LEAST_LANE_PX, min(MOST_LANE_PX, ALL_LANES_PX // max(1, view.lanes)))
    tops = _tops(view, lane_px)
    height = HEAD_PX * (1 + len(view.groups)) + lane_px * view.lanes + 4
    x_scale = {"domain": [0, view.length], "nice": False, "zero": False}
    y_scale = {"domain": [0, height], "reverse": True, "nice": False}

    def x(field: str) -> Spec:
        return number(field, scale=x_scale, axis=None)

    def y(field: str) -> Spec:
        return number(field, scale=y_scale, axis=None)

    bars = [
        {
            "phase": bar.phase,
            "start": bar.start,
            "end": bar.end,
            "top": tops[bar.lane] + (lane_px * 0.36 if bar.phase == "queue" else 1),
            "bottom": tops[bar.lane] + (lane_px * 0.64 if bar.phase == "queue" else lane_px - 2),
            "colour": EDGE if bar.phase == "queue" else tone_colour(bar.tone),
            "href": links.to(bar.href),
            "says": plain(bar.label),
        }
        for bar in view.bars
    ]
    names = [
        {"at": 0, "top": tops[g.first] - 5, "line": tops[g.first] - HEAD_PX + 2,
         "name": plain(f"{g.mark} {g.title}")}
        for g in view.groups
    ]  # fmt: skip
    signs = [
        {
            "at": sign.at,
            "y": tops[sign.lane] + lane_px / 2,
            "sign": sign.sign,
            "colour": tone_colour(sign.tone),
        }
        for sign in view.signs
    ]
    marks = [{"at": t.at, "label": t.label, "cut": t.is_break} for t in view.ticks]
    times = [{**m, "y": 12, "end": height, "begin": HEAD_PX} for m in marks]
    layers: list[Spec] = [
        _layer(
            times,
            {"type": "rule"},
            {
                "x": x("at"),
                "y": y("begin"),
                "y2": {"field": "end"},
                "color": {
                    "condition": {"test": "datum.cut", "value": "var(--warn)"},
                    "value": LINE,
                },
                "strokeDash": {
                    "condition": {"test": "datum.cut", "value": [3, 3]},
                    "value": [1, 0],
                },
            },
        ),
        _layer(
            times,
            {"type": "text", "align": "left", "dx": 3, "color": SOFT},
            {"x": x("at"), "y": y("y"), "text": {"field": "label"}},
        ),
        _layer(names, {"type": "rule", "color": LINE}, {"y": y("line")}),
        _layer(
            names,
            {"type": "text", "align": "left", "baseline": "bottom", "fontWeight": "bold", "dx": 3},
            {"x": x("at"), "y": y("top"), "text": {"field": "name"}},
        ),
    ]
    for phase, look in LOOKS.items():
        some = [bar for bar in bars if bar["phase"] == phase]
        layers.append(_layer(some, {"type": "rect", **look}, _rectangle(x, y)))
    layers.append(
        _layer(
            signs,
            {"type": "text", "fontWeight": "bold", "fontSize": SIGN_PX, "align": "left", "dx": 2},
            {"x": x("at"), "y": y("y"), "text": {"field": "sign"}, "color": _raw("colour")},
        )
    )
    return chart(WIDTH_PX, height + 8, layers, encoding={})


LOOKS: dict[str, Spec] = {
    "queue": {"fillOpacity": 0, "strokeDash": [2, 2], "strokeWidth": 1, "stroke": INK},
    "run": {"strokeWidth": 1},
    "download": {"fillOpacity": 0.15, "strokeWidth": 1},
}


def _rectangle(x: Any, y: Any) -> Spec:
    return {
        "x": x("start"),
        "x2": {"field": "end"},
        "y": y("top"),
        "y2": {"field": "bottom"},
        "fill": _raw("colour"),
        "stroke": _raw("colour"),
        "href": {"field": "href"},
        "description": {"field": "says"},
    }


def _raw(field: str) -> Spec:
    """Return the channel of a colour that stands in the data."""
    return {"field": field, "type": "nominal", "scale": None}


def _layer(values: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _tops(view: TimelineView, lane_px: int) -> list[int]:
    """Return where each lane begins, in pixels from the top."""
    tops: list[int] = []
    for number_of_group, group in enumerate(view.groups, start=1):
        for lane in range(group.first, group.first + group.lanes):
            tops.append(HEAD_PX * (1 + number_of_group) + lane * lane_px)
    return tops
