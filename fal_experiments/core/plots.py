"""Overview → what is to be drawn: Vega-Lite specifications, and what a click on a mark leads to.

Colours are names of the page's own (`var(--ink)`), so that a plot follows the page's theme. A mark
that is a link carries the number of its link only: no address of ours passes through the library.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.overview_model import OverviewView
from fal_experiments.core.plots_money import money_spec
from fal_experiments.core.plots_pareto import pareto_spec
from fal_experiments.core.plots_parts import Links, Spec
from fal_experiments.core.plots_strips import strip_spec
from fal_experiments.core.plots_timeline import timeline_spec


class Plot(NamedTuple):
    """One plot to be drawn."""

    label: str
    """What it is called for those who do not see it."""
    spec: Spec
    links: tuple[str, ...]
    """The address of each mark that is a link, by its number."""
    is_crowded: bool = False
    """True where the links are so many that only a mouse should stop at them; a table of the page
    has the same ones for the keyboard."""

    def key(self, version: str) -> str:
        """Return what identifies the drawing, by a version of the library."""
        return sha256_hex(
            canonical_json([self.label, self.spec, self.links, self.is_crowded, version])
        )


def plots_of(overview: OverviewView) -> dict[str, Plot]:
    """Return every plot of the page by its key; what has nothing to show is not among them."""
    return {name: plot for name, plot in _plots(overview) if plot is not None}


def _plots(overview: OverviewView) -> Iterator[tuple[str, Plot | None]]:
    views = [view for quality in overview.qualities for view in quality.plots]
    if overview.cost_latency is not None:
        views.append(overview.cost_latency)
    for view in views:
        if not view.why_not:
            links = Links()
            yield view.key, _plot(f"{view.title}, presets", pareto_spec(view, links), links)
    for strip in (*overview.latency, *overview.strips):
        if not strip.why_not:
            links = Links()
            plot = _plot(f"{strip.title}, clip by clip", strip_spec(strip, links), links)
            yield strip.key, plot._replace(is_crowded=True)
    if overview.timeline is not None and not overview.timeline.why_not:
        links = Links()
        spec = timeline_spec(overview.timeline, links)
        yield "timeline", _plot("Attempts over time", spec, links)._replace(is_crowded=True)
    if overview.money is not None and not overview.money.why_not:
        yield "money", _plot("From estimate to bill", money_spec(overview.money), Links())


def _plot(label: str, spec: Mapping[str, Any], links: Links) -> Plot:
    return Plot(label, dict(spec), links.addresses)
