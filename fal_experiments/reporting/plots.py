"""Vega-Lite specification → SVG that may stand in the page: drawn without a browser or a network.

Nothing of the library's output gets into the page but elements and attributes that are named here,
so no script, no style attribute (the page's policy forbids it), no address of elsewhere. Plots
that an earlier rendering of the page has already are taken from there, after the same checks:
starting the library costs half a second, and most renderings change no plot.
"""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from markupsafe import Markup

from fal_experiments.core.plots import Plot
from fal_experiments.reporting.svg import Frame, NotPlainSvg, plain_svg

LIBRARY = "vl-convert-python"
_PLOT = re.compile(r'<svg class="plot" data-plot="([0-9a-f]{64})".*?</svg>', re.DOTALL)


def draw_plots(plots: Mapping[str, Plot], earlier_page: Path) -> dict[str, Markup]:
    """Return each plot as markup for the page, by its name. The same plots give the same bytes.

    `earlier_page`: the page that the last rendering left, if there was one.
    """
    keys = {name: plot.key(version(LIBRARY)) for name, plot in plots.items()}
    known = _earlier(earlier_page) if plots else {}
    drawn: dict[str, Markup] = {}
    for name, plot in plots.items():
        kept = _still_good(known.get(keys[name], ""), plot, keys[name])
        drawn[name] = Markup(kept or _draw(plot, keys[name]))  # noqa: S704 - see plain_svg
    return drawn


def _draw(plot: Plot, key: str) -> str:
    # 60 MB of library and 0.5 s for the first plot of a process
    from vl_convert import vegalite_to_svg

    svg = vegalite_to_svg(plot.spec, allowed_base_urls=[])
    return plain_svg(svg, Frame(plot.label, key, plot.links, plot.is_crowded))


def _still_good(svg: str, plot: Plot, key: str) -> str:
    """Return an earlier drawing if it is exactly what the checks let through, else nothing."""
    frame = Frame(plot.label, key, plot.links, plot.is_crowded)
    try:
        return svg if svg and plain_svg(svg, frame) == svg else ""
    except NotPlainSvg:
        return ""


def _earlier(page: Path) -> dict[str, str]:
    try:
        text = page.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return _by_key(_PLOT.finditer(text))


def _by_key(found: Iterable[re.Match[str]]) -> dict[str, str]:
    return {match[1]: match[0] for match in found}
