"""A ranking in words and table cells, for a person. Pure."""

from collections.abc import Iterator

from fal_experiments.core.keepers import PriceOfKeeper, Share
from fal_experiments.core.labels import plural
from fal_experiments.core.money import format_usd
from fal_experiments.core.ranking import Agreement, KeeperCost, Ranking, Standing

HEAD = ("preset", "rank", "score (95 %)", "rank, 95 %", "first", "won", "tied", "lost")
MONEY_HEAD = ("preset", "kept", "keep rate (95 %)", "spent", "per keeper (95 %)", "per kept second")
GROUP_HEAD = "group"


def percent(share: float) -> str:
    """Return `63 %`; what is nearly none or all, and is neither, is not rounded to it."""
    if 0 < share < 0.01:
        return "<1 %"
    if 0.99 < share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def standing_cells(row: Standing) -> list[str]:
    """Return the cells of one preset below HEAD."""
    ranks = (
        f"{row.rank_low}" if row.rank_low == row.rank_high else f"{row.rank_low}–{row.rank_high}"
    )
    return [
        row.preset,
        str(row.rank),
        f"{row.score:.0f} ({row.score_low:.0f} to {row.score_high:.0f})",
        ranks,
        percent(row.first),
        f"{row.wins:g}",
        f"{row.ties:g}",
        f"{row.losses:g}",
    ]


def money_cells(row: KeeperCost) -> list[str]:
    """Return the cells of one preset below MONEY_HEAD."""
    of = row.keepers
    kept = f"{of.kept} of {of.judged} judged"
    if of.judged < of.clips:
        kept += f", {plural(of.clips, 'clip')}"
    return [
        row.preset,
        kept,
        share_label(of.share),
        format_usd(row.spent_nano_usd),
        price_label(row.keeper),
        price_label(row.usable_second),
    ]


def share_label(share: Share) -> str:
    """Return `40 % (20 to 64)`, or `–` of nothing."""
    if share.value is None:
        return "–"
    return f"{percent(share.value)} ({100 * share.low:.0f} to {100 * share.high:.0f})"


def price_label(price: PriceOfKeeper) -> str:
    """Return `$0.40 ($0.25 to $0.90)`, or why it is not known."""
    known = price.projected_nano_usd if price.nano_usd is None else price.nano_usd
    if known is None:
        at_least = f"at least {format_usd(price.low)}: " if price.low else ""
        return f"– {at_least}{price.why_not}"
    high = f"to {format_usd(price.high)}" if price.high is not None else "and up"
    told = f"{format_usd(known)} ({format_usd(price.low)} {high})"
    return told if price.nano_usd is not None else f"≈ {told} projected, {price.why_not}"


def lines_of(ranking: Ranking) -> Iterator[tuple[str, str]]:
    """Yield what else is to be said, as a name and a text."""
    yield "first place", _verdict(ranking)
    yield "from", _sources(ranking)
    yield "intervals", _intervals(ranking)
    if ranking.flips is not None:
        yield "flips", _flips(ranking)
    if ranking.both_bad:
        yield "both bad", f"{plural(ranking.both_bad, 'vote')}; in the ranking they are ties"
    yield from _position(ranking)
    for agreement in ranking.agreement:
        yield "agreement", agreement_label(agreement)
    if ranking.unranked:
        yield "unranked", f"without a vote: {', '.join(ranking.unranked)}"


def _verdict(ranking: Ranking) -> str:
    if len(ranking.groups) > 1:
        groups = "; ".join(", ".join(group) for group in ranking.groups)
        return f"not to be told: no vote connects these groups: {groups}. Ranks hold within a group"
    if ranking.leader is None or ranking.leader_is_first is None:
        return "nobody: the best cannot be told apart" if ranking.standings else "nobody"
    chance = f"{ranking.leader} is first with a probability of {percent(ranking.leader_is_first)}"
    if ranking.decided:
        return f"decided at 95 %: {chance}"
    if ranking.undecided_because:
        return f"not decided: {chance}, but {'; '.join(ranking.undecided_because)}"
    if ranking.more_votes is None:
        return f"not decided: {chance}; the lead is too small to say how many votes are missing"
    more = plural(ranking.more_votes, "more vote")
    return f"not decided: {chance}; about {more} would, if the lead is a true one"


def _sources(ranking: Ranking) -> str:
    names = {"votes": "vote", "ratings": "pair of ratings", "judge": "answer of a judge"}
    many = {"ratings": "pairs of ratings", "judge": "answers of a judge"}
    parts = [
        f"{n} {many[source]}" if n != 1 and source in many else plural(n, names[source])
        for source, n in ranking.sources.items()
    ]
    raters = f"{plural(len(ranking.raters), 'rater')} ({', '.join(ranking.raters)})"
    return f"{', '.join(parts)} of {raters} on {plural(ranking.ballots, 'ballot')}"


def _intervals(ranking: Ranking) -> str:
    drawn = f"{ranking.resamples:,} draws, random seed {ranking.random_seed}"
    if ranking.spread_by == "curvature":
        return f"by the curvature of the fit, here less sure than resampled votes; {drawn}"
    return f"by resampling whole {ranking.clustered_by}s; {drawn}"


def _flips(ranking: Ranking) -> str:
    flips = ranking.flips
    if flips is None or flips.votes is None:
        return (
            f"more than {flips.tried if flips else 0} votes told the other way round change nothing"
        )
    bound = "" if flips.exact else "at most "
    does = "puts" if flips.votes == 1 else "put"
    told = f"{bound}{plural(flips.votes, 'vote')} told the other way round"
    return f"{told} {does} {flips.instead} first"


def _position(ranking: Ranking) -> Iterator[tuple[str, str]]:
    bias = ranking.position
    if bias.first.of:
        chance = "more than chance explains" if bias.is_marked else "no more than chance"
        said = f"the clip shown first won {bias.first.n} of {bias.first.of} that were no ties: "
        said += f"{share_label(bias.first)}, exact binomial p {bias.p_value:.2g}: {chance}"
        yield "position", said
    if bias.best_first.of:
        said = f"the clip at the first place was the best in {share_label(bias.best_first)} of "
        said += f"{bias.best_first.of}; even would be {percent(bias.expected_best_first)}"
        yield "position", said


def agreement_label(agreement: Agreement) -> str:
    """Return how far raters agree about one thing, in words."""
    alpha = "not defined" if agreement.alpha is None else f"{agreement.alpha:.2f}"
    what = {"votes": "ballot", "keep or reject": "clip", "stars": "clip"}[agreement.about]
    same = percent(agreement.same or 0.0)
    return (
        f"{agreement.about}: {plural(agreement.asked, what)} answered by several of "
        f"{plural(agreement.raters, 'rater')}, {same} equal, Krippendorff's alpha {alpha}"
    )
