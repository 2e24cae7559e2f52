"""What the specifications of all plots have in common: colours, type, links, plain text."""

from collections.abc import Iterable
from math import ceil, log10
from typing import Any

Spec = dict[str, Any]

INK, SOFT, LINE, EDGE = "var(--ink)", "var(--soft)", "var(--line)", "var(--edge)"
ACCENT, SURFACE = "var(--accent)", "var(--surface)"
TEXT_PX = 12
SMALL_PX = 340
"""Width of a plot of one thing: it fits a phone, and three of them a desk."""

LINK_BASE = "https://mark.invalid/"
"""Never asked for: the library makes addresses absolute, and these are replaced again."""

LEAST_DIGITS = 3

CONFIG: Spec = {
    "view": {"stroke": None},
    "font": "sans-serif",
    "axis": {
        "domainColor": EDGE,
        "tickColor": EDGE,
        "gridColor": LINE,
        "labelColor": SOFT,
        "titleColor": SOFT,
        "labelFontSize": TEXT_PX,
        "titleFontSize": TEXT_PX,
        "titleFontWeight": "normal",
        "labelPadding": 4,
        "tickSize": 4,
        "labelOverlap": "greedy",
    },
    "text": {"fontSize": TEXT_PX, "color": INK},
}


class Links:
    """Addresses, each known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def to(self, href: str) -> str:
        """Return what stands for an address in a specification."""
        return f"{LINK_BASE}{self._numbers.setdefault(href, len(self._numbers))}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in the order of their numbers."""
        return tuple(self._numbers)


def plain(text: str) -> str:
    """Return a text that any XML may carry: what cannot be printed becomes a space."""
    return "".join(char if char.isprintable() else " " for char in text)


def axis_format(unit: str, values: Iterable[float]) -> str:
    """Return how the numbers of an axis are written: with as many digits as tell its ticks apart.

    Never 2e+1: people read these.
    """
    if unit == "share":
        return ".0%"
    shown = list(values)
    span = max(shown) - min(shown)
    largest = max(abs(value) for value in shown)
    apart = ceil(log10(largest / span)) + 2 if span > 0 and largest > 0 else 0
    digits = max(LEAST_DIGITS, apart)
    return f"{'$' if unit == 'usd' else ''},.{digits}~r"


def tone_colour(tone: str | None) -> str:
    """Return the colour of a tone."""
    return f"var(--{tone})" if tone else EDGE


def chart(width_px: int, height_px: int, layers: list[Spec], **more: Any) -> Spec:
    """Return a whole specification of that size, axes included."""
    return {
        "background": None,
        "width": width_px,
        "height": height_px,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4,
        "config": CONFIG,
        "layer": layers,
        **more,
    }


def number(field: str, **more: Any) -> Spec:
    """Return the channel of a number."""
    return {"field": field, "type": "quantitative", **more}


def colour_by(field: str, colours: dict[str, str]) -> Spec:
    """Return the channel of a colour, by the values of a field."""
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "scale": scale, "legend": None}
