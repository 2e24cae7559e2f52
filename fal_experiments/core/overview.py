"""A batch → its overview: tables by preset, plots to be drawn, and the same in words."""

from fal_experiments.core.overview_facts import OverviewParts, facts_of
from fal_experiments.core.overview_model import OverviewView
from fal_experiments.core.overview_money import money_view
from fal_experiments.core.overview_pareto import cost_axis, latency_axis, pareto, quality_view
from fal_experiments.core.overview_presets import outcome_table, price_lines
from fal_experiments.core.overview_quality import qualities
from fal_experiments.core.overview_strips import latency_strips, metric_strips
from fal_experiments.core.overview_tables import judge_table, metric_table, score_table
from fal_experiments.core.overview_timeline import timeline
from fal_experiments.core.overview_votes import votes_table


def build_overview(parts: OverviewParts) -> OverviewView:
    """Return the overview of a batch as it stands."""
    facts = facts_of(parts)
    cost, latency = cost_axis(facts), latency_axis(facts)
    return OverviewView(
        outcome=outcome_table(facts),
        prices=tuple(price_lines(parts.plan, facts)),
        qualities=tuple(
            quality_view(quality, (cost, latency), facts) for quality in qualities(parts, facts)
        ),
        cost_latency=pareto(cost, latency, facts),
        latency=latency_strips(facts),
        metrics=metric_table(parts, facts),
        strips=metric_strips(parts, facts),
        timeline=timeline(facts, parts.state),
        money=money_view(parts.plan, parts.state),
        votes=votes_table(parts.ranking, facts) if parts.ranking else None,
        judged=tuple(judge_table(judged, facts) for judged in parts.judged),
        scores=score_table(parts, facts),
        legend=tuple(each.row for each in facts),
    )
