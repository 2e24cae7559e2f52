"""The head of a report: what was held, what varied, strict evidence, cost, totals, presets."""

from collections.abc import Iterable

from fal_experiments.core.fairness import FairnessSheet
from fal_experiments.core.labels import (
    STATE_LABELS,
    STATE_TONES,
    Tone,
    hold_label,
    hold_name,
    plural,
    seconds_label,
    value_label,
)
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.core.report_model import LabelledValue, PresetSummary
from fal_experiments.core.seeds import format_seeds
from fal_experiments.core.summary import BatchSummary, Times
from fal_experiments.core.summary import PresetSummary as PresetNumbers


def total_lines(summary: BatchSummary) -> tuple[LabelledValue, ...]:
    """Return a line for each state that occurs, each out of all combinations."""
    return tuple(
        LabelledValue(
            label=STATE_LABELS[state],
            value=f"{count} of {summary.combinations}",
            tone=STATE_TONES[state],
        )
        for state, count in summary.counts.items()
    )


def held_lines(plan: Plan, sheet: FairnessSheet) -> tuple[LabelledValue, ...]:
    """Return what the task keeps constant, and how many presets meet each value exactly."""
    lines = []
    presets = [line for line in sheet.lines if line.cells]
    for key, value in plan.spec.hold.stated().items():
        met = sum(hold_name(key) in {held.key for held in line.held} for line in presets)
        lines.append(
            LabelledValue(
                label=hold_name(key),
                value=hold_label(key, value),
                note=f"met exactly by {met} of {len(presets)} presets",
                tone=None if met == len(presets) else "warn",
            )
        )
    if not lines:
        lines.append(LabelledValue(label="nothing", value="", note="the matrix has no hold"))
    return tuple(lines)


def varied_lines(plan: Plan) -> tuple[LabelledValue, ...]:
    """Return the axes of the matrix with their values."""
    spec = plan.spec
    lines = [
        LabelledValue(
            label="prompts", value=str(len(plan.prompts)), note=_names(p.id for p in plan.prompts)
        ),
        LabelledValue(label="presets", value=str(len(plan.presets)), note=_names(plan.presets)),
    ]
    if spec.seeds:
        without = [n for n, use in plan.presets.items() if not use.preset.takes_seed]
        note = f"{_names(without)}: no seed knob, repeats instead" if without else ""
        lines.append(LabelledValue(label="seeds", value=format_seeds(spec.seeds), note=note))
    if plan.inputs:
        names = list(dict.fromkeys(image.id for image in plan.inputs))
        lines.append(LabelledValue(label="inputs", value=str(len(names)), note=_names(names)))
    for name, words in spec.vars.items():
        lines.append(LabelledValue(label=name, value=_names(words)))
    for name, values in spec.axes.items():
        shown = ", ".join(value_label(value) for value in values)
        lines.append(LabelledValue(label=hold_name(name), value=shown))
    if spec.repeats > 1:
        lines.append(LabelledValue(label="repeats", value=str(spec.repeats)))
    if plan.not_asked is not None:
        others = plan.not_asked.combinations
        asked = f"{len(plan.cells)} of {len(plan.cells) + others} combinations"
        note = "with --cell; the others count nowhere here"
        lines.append(LabelledValue(label="asked for", value=asked, note=note))
    lines.append(LabelledValue(label="order", value=spec.order))
    return tuple(lines)


def strict_lines(plan: Plan, summary: BatchSummary) -> tuple[LabelledValue, ...]:
    """Return the evidence that the comparison was strict."""
    if not plan.spec.strict:
        return (LabelledValue(label="strict", value="off", tone="warn"),)
    done = summary.counts.get("done", 0)
    breaches = summary.strict_breaches
    checked = [use.checked_against for use in plan.presets.values()]
    with_schema = sum(stamp is not None for stamp in checked)
    dates = sorted({stamp.as_of for stamp in checked if stamp})
    return (
        LabelledValue(label="fallback routing", value="off", note="x-app-fal-disable-fallback"),
        LabelledValue(label="hidden retries", value="off", note="X-Fal-No-Retry"),
        LabelledValue(label="payloads kept", value="on", note="X-Fal-Store-IO: 1"),
        LabelledValue(
            label="served and billed as asked",
            value=f"{done - breaches} of {done}",
            note="no x-fal-bill-as or fallback header naming another endpoint",
            tone="bad" if breaches else "good" if done else None,
        ),
        LabelledValue(
            label="arguments checked",
            value=f"{with_schema} of {len(checked)} presets",
            note=f"against schemas of {', '.join(dates)}" if dates else "",
            tone=None if with_schema == len(checked) else "warn",
        ),
    )


def cost_lines(summary: BatchSummary) -> tuple[LabelledValue, ...]:
    """Return estimate, metered cost with its denominators, and what the cap holds."""
    money = summary.money
    lines = [
        LabelledValue(
            label="estimate",
            value=money.estimate_label,
            tone="warn" if money.unpriced else None,
        ),
        LabelledValue(label="metered", value=money.metered_label, note=money.metered_note),
    ]
    if money.open_attempts:
        lines.append(
            LabelledValue(
                label="not known yet",
                value=f"up to {format_usd(money.open_nano_usd)}",
                note=f"{plural(money.open_attempts, 'attempt')}, held at the worst case",
                tone="person",
            )
        )
    lines.append(
        LabelledValue(
            label="cap",
            value=format_usd(money.cap_nano_usd),
            note=f"{format_usd(money.counted_nano_usd)} counted against it",
        )
    )
    is_partly_billed = 0 < money.billed_known < money.attempts
    part = f" for {money.billed_known} of {money.attempts}" if is_partly_billed else ""
    lines.append(
        LabelledValue(
            label="billed",
            value=money.billed_label + part,  # the page's head shows no notes
            note=money.billed_note,
            tone="warn" if is_partly_billed or money.billed_missing else None,
        )
    )
    return tuple(lines)


def preset_lines(plan: Plan, summary: BatchSummary) -> tuple[PresetSummary, ...]:
    """Return one line for each preset."""
    return tuple(_preset_line(plan, numbers) for numbers in summary.presets)


def _preset_line(plan: Plan, numbers: PresetNumbers) -> PresetSummary:
    preset = plan.presets[numbers.preset].preset
    cells = [cell for cell in plan.cells if cell.at.preset == preset.id]
    others = [f"{n} {STATE_LABELS[s]}" for s, n in numbers.counts.items() if s != "done"]
    done = numbers.counts.get("done", 0)
    money = numbers.money
    billed = f"; billed {money.billed_label}, {money.billed_note}" if money.is_reconciled else ""
    return PresetSummary(
        preset=preset.id,
        title=preset.title,
        endpoint=preset.endpoint,
        done=f"{done} of {numbers.combinations}",
        others=", ".join(others),
        tone=_tone(numbers),
        estimate=numbers.money.estimate_label if cells else "–",
        metered=money.metered_label,
        metered_note=money.metered_note + billed,
        inference=_times_label(numbers.inference),
        total=_times_label(numbers.total),
        price_source=f"{preset.price.source} ({preset.price.as_of})" if preset.price else "unknown",
    )


def _tone(numbers: PresetNumbers) -> Tone:
    if "submission_unknown" in numbers.counts:
        return "person"
    if {"failed", "rejected"} & set(numbers.counts):
        return "bad"
    return "good" if set(numbers.counts) == {"done"} else "warn"


def _times_label(times: Times | None) -> str:
    if times is None:
        return "–"
    return f"{seconds_label(times.median_s)} median, {seconds_label(times.max_s)} longest"


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join(listed[:6])
    return f"{shown}, … {len(listed) - 6} more" if len(listed) > 6 else shown
