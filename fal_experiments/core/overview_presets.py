"""The table of presets: what came of each, what it cost, how long it took, what was kept."""

from collections.abc import Iterator, Sequence

from fal_experiments.core.keepers import price_of_keeper
from fal_experiments.core.labels import STATE_LABELS, Tone, plural
from fal_experiments.core.money import format_usd, usd_from_nano
from fal_experiments.core.overview_facts import PresetFacts
from fal_experiments.core.overview_labels import (
    NBSP,
    latency_figure,
    percent_label,
    reading_figure,
)
from fal_experiments.core.overview_model import Figure, Heading, TableRow, TableView
from fal_experiments.core.overview_stats import LEAST, LEAST_FOR_P95
from fal_experiments.core.plan import Plan

PER_KEEPER = "money of all attempts ÷ keepers; ≈ where clips have no verdict yet: projected"
BILLED = Heading(label="Billed", says="what the provider's bill has, over all attempts")
"""A column once any bill was read."""
HEADINGS = (
    Heading(label="Preset"),
    Heading(label="Done", says="of all combinations, those left out among them"),
    Heading(label="Estimate", says="expected before the run, least to worst case"),
    Heading(label="Metered", says="billable units × price, over all attempts"),
    Heading(
        label="Per usable second",
        says="money of all attempts, billed where known, else metered ÷ seconds of clips done",
    ),
    Heading(label="Queue", says="from acceptance until first seen running; median"),
    Heading(label="On the runner", says="as the provider measured it; median"),
    Heading(label="Submit to file", says="until the clip was on disk; median"),
    Heading(label="Keepers", says="of clips with a verdict; more raters say keep than reject"),
    Heading(label="Per keeper", says=PER_KEEPER),
)


def outcome_table(facts: Sequence[PresetFacts]) -> TableView:
    """Return the table of presets."""
    has_bill = any(preset.numbers.money.is_reconciled for preset in facts)
    return TableView(
        key="presets",
        title="By preset",
        headings=(*HEADINGS[:4], BILLED, *HEADINGS[4:]) if has_bill else HEADINGS,
        rows=tuple(_row(preset, has_bill=has_bill) for preset in facts),
        notes=tuple(_notes(facts)),
    )


def _row(facts: PresetFacts, *, has_bill: bool) -> TableRow:
    figures = (
        _done(facts),
        _estimate(facts),
        _metered(facts),
        *([_billed(facts)] if has_bill else []),
        reading_figure(facts.unit_cost, "usd", facts.no_unit_cost),
        latency_figure([sample.value for sample in facts.queue_s]),
        latency_figure([sample.value for sample in facts.run_s]),
        latency_figure([sample.value for sample in facts.total_s]),
        _keepers(facts),
        _per_keeper(facts),
    )
    return facts.row.model_copy(update={"figures": figures})


def _done(facts: PresetFacts) -> Figure:
    counts, of = facts.numbers.counts, facts.numbers.combinations
    done = counts.get("done", 0)
    others = [f"{n} {STATE_LABELS[state]}" for state, n in counts.items() if state != "done"]
    return Figure(
        value=f"{done} of {of}",
        note=", ".join(others),
        number=done / of if of else None,
        tone=_tone(counts),
    )


def _tone(counts: dict[str, int]) -> Tone:
    if "submission_unknown" in counts:
        return "person"
    if {"failed", "rejected"} & set(counts):
        return "bad"
    return "good" if set(counts) == {"done"} else "warn"


def _estimate(facts: PresetFacts) -> Figure:
    money = facts.numbers.money
    if not facts.cells:
        return Figure(value="–", note="no cell of it is bought")
    # a sum without some of its parts has no place in an order of sums
    number = None if money.unpriced else _usd(money.estimate.expected)
    return Figure(value=money.estimate_label, number=number)


def _metered(facts: PresetFacts) -> Figure:
    money = facts.numbers.money
    if not money.attempts:
        return Figure(value="–", note="no attempt that costs")
    note = money.metered_note
    if not money.metered_known:
        return Figure(value="unknown", note=note, tone="person")
    tone: Tone | None = "person" if money.metered_unknown else None
    shown = format_usd(money.metered_nano_usd)
    return Figure(value=shown, note=note, number=_usd(money.metered_nano_usd), tone=tone)


def _billed(facts: PresetFacts) -> Figure:
    money = facts.numbers.money
    if not money.attempts:
        return Figure(value="–", note="no attempt that costs")
    is_known = money.billed_known > 0
    tone: Tone | None = None if money.billed_known == money.attempts else "person"
    number = _usd(money.billed_nano_usd) if is_known else None
    return Figure(value=money.billed_label, note=money.billed_note, number=number, tone=tone)


def _keepers(facts: PresetFacts) -> Figure:
    found = facts.keepers
    if found is None or not found.clips:
        return Figure(value="–", note="no clip")
    share = found.share
    if share.value is None:
        return Figure(value="not rated", note=f"{plural(found.clips, 'clip')} to rate")
    tied = f", {found.tied} tied" if found.tied else ""
    rest = found.clips - found.judged
    unrated = f", {rest} not rated" if rest else ""
    span = f"95{NBSP}%: {100 * share.low:.0f}–{percent_label(share.high)}"
    note = f"{percent_label(share.value)} ({span}){tied}{unrated}"
    return Figure(value=f"{found.kept} of {found.judged}", note=note, number=share.value)


def _per_keeper(facts: PresetFacts) -> Figure:
    if facts.keepers is None:
        return Figure(value="–")
    price = price_of_keeper(facts.keepers, facts.spent)
    low = format_usd(price.low) if price.low is not None else ""
    known = price.projected_nano_usd if price.nano_usd is None else price.nano_usd
    if known is None:
        note = f"95 %: at least {low}" if low and not facts.spent.unknown else ""
        return Figure(value="–", note="; ".join(filter(None, (price.why_not, note))))
    high = f"–{format_usd(price.high)}" if price.high is not None else " or more"
    note = f"95 %: {low}{high}"
    if price.nano_usd is None:
        # no fact, so it has no place in an order of facts
        of = f"{facts.keepers.judged} of {plural(facts.keepers.clips, 'clip')} judged"
        note = f"projected at the rate so far ({of}); {note}"
        return Figure(value=f"≈ {format_usd(known)}", note=note, tone="warn")
    return Figure(value=format_usd(known), note=note, number=_usd(known))


def _usd(nano_usd: int) -> float:
    return float(usd_from_nano(nano_usd))


def price_lines(plan: Plan, facts: Sequence[PresetFacts]) -> Iterator[str]:
    """Yield where each preset's price was read."""
    for each in facts:
        price = plan.presets[each.preset].preset.price
        where = f"{price.source} ({price.as_of})" if price else "its price is not known"
        yield f"{each.mark} {each.title}: {where}"


def _notes(facts: Sequence[PresetFacts]) -> list[str]:
    found = [
        (
            f"n counts values. From {LEAST} on the small figures are a 95 % interval: between two "
            "of the values for a median, linearised for the logarithm of a ratio, Wilson's for a "
            "share; with fewer they are the least and the largest, and of a price none where a "
            "cell that cost something is not done."
        ),
        f"p95 is interpolated, and not told of fewer than {LEAST_FOR_P95} values.",
    ]
    if not any(each.keepers and each.keepers.judged for each in facts):
        found.append(
            "No clip has a verdict yet: press Y to keep and X to reject in the page, or join the "
            "ratings of others with “fal-exp ratings import”, and write the report again."
        )
    return found
