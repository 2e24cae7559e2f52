"""Plan, state and measured clips → the raw numbers of each preset that the overview is made of."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.derived import Derived
from fal_experiments.core.fold import BatchState
from fal_experiments.core.keepers import Keepers, Spent, keepers, spent_by_preset
from fal_experiments.core.labels import plural
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.overview_model import TableRow
from fal_experiments.core.overview_stats import Reading, ratio_of
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.core.ranking import Ranking
from fal_experiments.core.ratings import Ratings, of_cells
from fal_experiments.core.report_axes import short_titles
from fal_experiments.core.report_cell_judge import Judged
from fal_experiments.core.summary import BatchSummary, PresetSummary, total_s


class OverviewParts(NamedTuple):
    """Everything the overview is made of."""

    plan: Plan
    state: BatchState
    summary: BatchSummary
    derived: Mapping[str, Derived]
    """What was measured of each cell's last clip."""
    ratings: Ratings = {}
    judged: Sequence[Judged] = ()
    """The judge that answered last stands last."""
    scores: Mapping[str, Sequence[Score]] = {}
    """Of plug-in metrics, by cell, those of the clip that is there now."""
    ranking: Ranking | None = None
    """By votes, where there are any."""
    metric_facts: Mapping[str, MetricFacts] = {}
    """What plug-in metrics say of themselves, by name."""


class Sample(NamedTuple):
    """One number of one cell."""

    cell: Cell
    value: float


class PresetFacts(NamedTuple):
    """The raw numbers of one preset."""

    mark: str
    """The letter that stands for it in plots."""
    preset: str
    title: str
    endpoint: str
    href: str
    makes_pictures: bool
    """True where a result is a still picture, which has no seconds."""
    cells: tuple[Cell, ...]
    """The cells that are to be bought; probes of seeds are among them."""
    numbers: PresetSummary
    spent: Spent
    keepers: Keepers | None
    queue_s: tuple[Sample, ...]
    run_s: tuple[Sample, ...]
    total_s: tuple[Sample, ...]
    """Of the attempts that ended well."""
    unit_cost: Reading | None
    """Dollars for a usable second, or for a picture."""
    no_unit_cost: str
    """Why that is not known."""
    stars: tuple[Sample, ...]

    @property
    def row(self) -> TableRow:
        """The preset as the head of a row."""
        return TableRow(
            mark=self.mark, title=self.title, subtitle=self.endpoint, href=self.href, figures=()
        )


def facts_of(parts: OverviewParts) -> list[PresetFacts]:
    """Return the raw numbers of every preset, in the order of the plan."""
    plan, state = parts.plan, parts.state
    done = {c.cell_id for c in plan.cells if state.cell_state(c.cell_id) == "done"}
    kept = keepers(plan.cells, done, parts.ratings)
    spent = spent_by_preset(plan.cells, state)
    numbers = {summary.preset: summary for summary in parts.summary.presets}
    names, titles = list(plan.presets), short_titles(plan)
    stars = _stars(parts.ratings)
    found = []
    for index, (name, use) in enumerate(plan.presets.items()):
        cells = tuple(cell for cell in plan.cells if cell.at.preset == name)
        tries = [(c, a) for c in cells for a in state.attempts.get(c.cell_id, ())]
        pictures = use.preset.output.kind == "image"
        unit_cost, why_not = _unit_cost(parts, cells, spent.get(name), pictures=pictures)
        found.append(
            PresetFacts(
                mark=mark_of(index),
                preset=name,
                title=titles[name],
                endpoint=use.preset.endpoint,
                href=clips_of(name, names),
                makes_pictures=pictures,
                cells=cells,
                numbers=numbers[name],
                spent=spent.get(name, Spent(nano_usd=0, unknown=0)),
                keepers=kept.get(name),
                queue_s=_samples(tries, queue_s),
                run_s=_samples(tries, lambda a: float(a.inference_s) if a.inference_s else None),
                total_s=_samples(tries, total_s),
                unit_cost=unit_cost,
                no_unit_cost=why_not,
                stars=tuple(Sample(c, stars[c.cell_id]) for c in cells if c.cell_id in stars),
            )
        )
    return found


def mark_of(index: int) -> str:
    """Return A, B, … Z, AA, AB, …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clips_of(preset: str, presets: Sequence[str]) -> str:
    """Return the address of the clips of one preset: the others are hidden."""
    others = urlencode([("hide", f"preset={name}") for name in sorted(presets) if name != preset])
    return f"index.html#{others}" if others else "index.html"


def cell_href(cell_id: str) -> str:
    """Return the address of a cell's drawer."""
    return f"index.html#{urlencode({'cell': cell_id})}"


def queue_s(attempt: Attempt) -> float | None:
    """Return the seconds from acceptance until it was first seen running."""
    if attempt.accepted_at is None or attempt.running_at is None:
        return None
    return (attempt.running_at - attempt.accepted_at).total_seconds()


def _samples(
    tries: Sequence[tuple[Cell, Attempt]], of: Callable[[Attempt], float | None]
) -> tuple[Sample, ...]:
    values = ((cell, of(attempt)) for cell, attempt in tries if attempt.state == "done")
    return tuple(Sample(cell, value) for cell, value in values if value is not None)


def _stars(ratings: Ratings) -> dict[str, float]:
    """Return the mean of the raters' stars, by cell."""
    found = {}
    for cell, some in of_cells(ratings).items():
        given = [rating.stars for rating in some if rating.stars is not None]
        if given:
            found[cell] = sum(given) / len(given)
    return found


def _unit_cost(
    parts: OverviewParts, cells: Sequence[Cell], spent: Spent | None, *, pictures: bool
) -> tuple[Reading | None, str]:
    """Return what a usable second (or a picture) costs: all money, failed attempts' too."""
    if spent is None or not any(cell.cell_id in parts.state.attempts for cell in cells):
        return None, "nothing was bought"
    if spent.unknown:
        return None, f"the cost of {plural(spent.unknown, 'attempt')} is not known"
    tops, bottoms, unmeasured = [], [], 0
    for cell in cells:
        tries = parts.state.attempts.get(cell.cell_id, ())
        if not tries:
            continue
        tops.append(float(usd_from_nano(sum(a.known_nano_usd for a in tries))))
        made = 0.0
        if parts.state.cell_state(cell.cell_id) == "done":
            derived = parts.derived.get(cell.cell_id)
            made = 1.0 if pictures else _length_s(derived)
            unmeasured += not made
        bottoms.append(made)
    if unmeasured:
        return None, f"the length of {plural(unmeasured, 'clip')} is not measured"
    return ratio_of(tops, bottoms), "no clip is done"


def _length_s(derived: Derived | None) -> float:
    return float(derived.probe.duration_s) if derived is not None and derived.probe else 0.0
