"""Attempts over time as a specification: a group of lanes for each preset, a shape for each phase.

Waiting is a thin dashed line, running a full bar, the download an open one: the phases can be told
apart without their colours.
"""

from fal_experiments.core.overview_model import TimelineView
from fal_experiments.core.plots_parts import (
    EDGE,
    LINE,
    SOFT,
    Links,
    Spec,
    chart,
    number,
    plain,
    tone_colour,
)

WIDTH_PX = 1280
HEAD_PX = 20
"""Above the lanes of each preset, for its name; and above all, for the time."""
MOST_LANE_PX, LEAST_LANE_PX = 13, 5
ALL_LANES_PX = 1600
SIGN_PX = 11
LAST_LABEL = 0.95
"""Of the axis: words that begin beyond it would be cut off."""


def timeline_spec(view: TimelineView, links: Links) -> Spec:
    """Return the drawing of a batch over time."""
    lane_px = max(LEAST_LANE_PX, min(MOST_LANE_PX, ALL_LANES_PX // max(1, view.lanes)))
    tops = _tops(view, lane_px)
    height_px = HEAD_PX * (1 + len(view.groups)) + lane_px * view.lanes + 4
    scales = _Scales(view.length, height_px)
    bars = _bars(view, links, tops, lane_px)
    layers = [
        *_time_layers(view, scales),
        *_name_layers(view, scales, tops),
        *(
            _layer(bars.get(phase, []), {"type": "rect", **look}, scales.rectangle())
            for phase, look in _LOOKS.items()
        ),
        _sign_layer(view, scales, tops, lane_px),
    ]
    return chart(WIDTH_PX, height_px + 8, layers)


_LOOKS: dict[str, Spec] = {
    "queue": {"fillOpacity": 0, "strokeDash": [2, 2], "strokeWidth": 1},
    "run": {"strokeWidth": 1},
    "download": {"fillOpacity": 0.15, "strokeWidth": 1},
}


class _Scales:
    """Seconds to the right, pixels downwards."""

    def __init__(self, length: float, height_px: int) -> None:
        self._x = {"domain": [0, length], "nice": False, "zero": False}
        self._y = {"domain": [0, height_px], "reverse": True, "nice": False}
        self.height_px = height_px

    def x(self, field: str) -> Spec:
        return number(field, scale=self._x, axis=None)

    def y(self, field: str) -> Spec:
        return number(field, scale=self._y, axis=None)

    def rectangle(self) -> Spec:
        """Return the channels of a bar that is a link."""
        return {
            "x": self.x("start"),
            "x2": {"field": "end"},
            "y": self.y("top"),
            "y2": {"field": "bottom"},
            "fill": _raw("colour"),
            "stroke": _raw("colour"),
            "href": {"field": "href"},
            "description": {"field": "says"},
        }


def _bars(view: TimelineView, links: Links, tops: list[int], lane_px: int) -> dict[str, list[Spec]]:
    """Return the bars by phase: a thin one for the queue, full ones for the others."""
    found: dict[str, list[Spec]] = {}
    for bar in view.bars:
        top, is_queue = tops[bar.lane], bar.phase == "queue"
        found.setdefault(bar.phase, []).append(
            {
                "start": bar.start,
                "end": bar.end,
                "top": top + (lane_px * 0.36 if is_queue else 1),
                "bottom": top + (lane_px * 0.64 if is_queue else lane_px - 2),
                "colour": EDGE if is_queue else tone_colour(bar.tone),
                "href": links.to(bar.href),
                "says": plain(bar.label),
            }
        )
    return found


def _time_layers(view: TimelineView, scales: _Scales) -> list[Spec]:
    marks = [
        {
            "at": tick.at,
            # no room is left for words at the right edge
            "label": tick.label if tick.at < LAST_LABEL * view.length else "",
            "cut": tick.is_break,
            "y": 12,
            "begin": HEAD_PX,
            "end": scales.height_px,
        }
        for tick in view.ticks
    ]
    rule = {
        "x": scales.x("at"),
        "y": scales.y("begin"),
        "y2": {"field": "end"},
        "color": {"condition": {"test": "datum.cut", "value": "var(--warn)"}, "value": LINE},
        "strokeDash": {"condition": {"test": "datum.cut", "value": [3, 3]}, "value": [1, 0]},
    }
    words = {"x": scales.x("at"), "y": scales.y("y"), "text": {"field": "label"}}
    text = {"type": "text", "align": "left", "dx": 3, "color": SOFT}
    return [_layer(marks, {"type": "rule"}, rule), _layer(marks, text, words)]


def _name_layers(view: TimelineView, scales: _Scales, tops: list[int]) -> list[Spec]:
    names = [
        {
            "at": 0,
            "top": tops[group.first] - 4,
            "line": tops[group.first] - HEAD_PX + 1,
            "name": plain(f"{group.mark} {group.title}"),
        }
        for group in view.groups
    ]
    text = {"type": "text", "align": "left", "baseline": "bottom", "fontWeight": "bold", "dx": 3}
    words = {"x": scales.x("at"), "y": scales.y("top"), "text": {"field": "name"}}
    line = {"type": "rule", "color": LINE}
    return [_layer(names, line, {"y": scales.y("line")}), _layer(names, text, words)]


def _sign_layer(view: TimelineView, scales: _Scales, tops: list[int], lane_px: int) -> Spec:
    signs = [
        {
            "at": sign.at,
            "y": tops[sign.lane] + lane_px / 2,
            "sign": sign.sign,
            "colour": tone_colour(sign.tone),
        }
        for sign in view.signs
    ]
    text = {"type": "text", "fontWeight": "bold", "fontSize": SIGN_PX, "align": "left", "dx": 2}
    words = {"x": scales.x("at"), "y": scales.y("y"), "text": {"field": "sign"}}
    return _layer(signs, text, words | {"color": _raw("colour")})


def _raw(field: str) -> Spec:
    """Return the channel of a colour that stands in the data."""
    return {"field": field, "type": "nominal", "scale": None}


def _layer(values: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _tops(view: TimelineView, lane_px: int) -> list[int]:
    """Return where each lane begins, in pixels from the top."""
    return [
        HEAD_PX * (2 + index) + lane * lane_px
        for index, group in enumerate(view.groups)
        for lane in range(group.first, group.first + group.lanes)
    ]
