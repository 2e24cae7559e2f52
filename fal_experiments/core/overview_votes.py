"""What the votes of blind tests say of the presets: a table, and a quality to plot by."""

from collections.abc import Iterator, Sequence

from fal_experiments.core.labels import plural
from fal_experiments.core.overview_facts import PresetFacts
from fal_experiments.core.overview_labels import percent_label, reading_figure
from fal_experiments.core.overview_model import Figure, Heading, TableRow, TableView
from fal_experiments.core.overview_pareto import Axis
from fal_experiments.core.overview_stats import Reading
from fal_experiments.core.ranking import Ranking, Standing

SAYS = "Points of a Bradley-Terry fit to blind votes; 191 more means 3 wins of 4."


def votes_axis(ranking: Ranking, facts: Sequence[PresetFacts]) -> Axis:
    """Return the scores as a quality; none where the votes do not connect all presets."""
    one_scale = len(ranking.groups) == 1
    readings = {row.preset: _score(row) for row in ranking.standings} if one_scale else {}
    why_not = dict.fromkeys((each.preset for each in facts), "no vote about it")
    return Axis("votes", "score in votes", "", "higher", readings, why_not, SAYS)


def votes_table(ranking: Ranking, facts: Sequence[PresetFacts]) -> TableView:
    """Return the ranking by votes."""
    labels = ("Preset", "Rank", "Score", "First with", "Won", "Tied", "Lost")
    by_preset = {each.preset: each for each in facts}
    return TableView(
        key="votes",
        title="Blind votes",
        lead=(
            f"{plural(ranking.votes, 'vote')} of {plural(len(ranking.raters), 'rater')}, "
            f"{plural(ranking.ballots, 'ballot')}."
        ),
        headings=tuple(Heading(label=label) for label in labels),
        rows=tuple(
            _row(by_preset[row.preset], row) for row in ranking.standings if row.preset in by_preset
        ),
        notes=tuple(_notes(ranking, by_preset)),
    )


def _row(facts: PresetFacts, row: Standing) -> TableRow:
    span = f"{row.rank_low}–{row.rank_high}" if row.rank_low < row.rank_high else ""
    figures = (
        Figure(value=str(row.rank), note=span and f"95 %: {span}", number=row.rank),
        reading_figure(_score(row)),
        Figure(value=percent_label(row.first), note="of draws", number=row.first),
        *(Figure(value=f"{count:g}", number=count) for count in (row.wins, row.ties, row.losses)),
    )
    return facts.row.model_copy(update={"figures": figures})


def _score(row: Standing) -> Reading:
    duels = round(row.wins + row.ties + row.losses)
    return Reading(row.score, row.score_low, row.score_high, duels, "interval")


def _notes(ranking: Ranking, by_preset: dict[str, PresetFacts]) -> Iterator[str]:
    yield f"{SAYS} “fal-exp rank” tells biases, agreement and prompts too."
    if ranking.leader in by_preset:
        sure = percent_label(ranking.leader_is_first or 0)
        decided = "decided" if ranking.decided else "not decided"
        but = f", but {'; '.join(ranking.undecided_because)}" if ranking.undecided_because else ""
        yield f"First place is {decided}: {by_preset[ranking.leader].title} with {sure}{but}."
    if len(ranking.groups) > 1:
        yield "The votes do not connect all presets: scores hold within a group only."
    unranked = [by_preset[name].title for name in ranking.unranked if name in by_preset]
    if unranked:
        yield f"Without a vote: {', '.join(unranked)}."
