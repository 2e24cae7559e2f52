"""The two files of a batch that people read and finish: prompts, and learnings.

Each number in a table stands beside the ledger row that it comes from.
"""

from collections.abc import Iterable

from fal_experiments.core.labels import (
    STATE_LABELS,
    counts_label,
    hold_label,
    hold_name,
    seconds_label,
    time_label,
    value_label,
)
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Plan
from fal_experiments.core.prompt import shots_text
from fal_experiments.core.rows import LedgerRow
from fal_experiments.core.seeds import format_seeds
from fal_experiments.core.summary import BatchSummary, Money, metered_label

SANDBOX_NOTE = (
    "> **Sandbox batch.** The clips were drawn by the tool itself: no model was called, no money "
    "moved, and nothing below says anything about a real model.\n"
)


def prompts_markdown(plan: Plan, summary: BatchSummary) -> str:
    """Return the prompts file: what was asked, in which words, of which models."""
    lines = [f"# Prompts: {_text(plan.spec.name)}", "", *_head(summary)]
    if plan.spec.description:
        lines += [_text(plan.spec.description), ""]
    lines += ["## Held and varied", ""]
    for key, value in plan.spec.hold.stated().items():
        lines.append(f"- {hold_name(key)}: {_text(hold_label(key, value))}")
    if plan.spec.seeds:
        lines.append(f"- seeds: {format_seeds(plan.spec.seeds)}")
    for name, values in plan.spec.axes.items():
        lines.append(f"- {_text(name)}: {', '.join(_text(value_label(v)) for v in values)}")
    for name, values in plan.spec.vars.items():
        lines.append(f"- {_text(name)}: {', '.join(map(_text, values))}")
    for file in plan.inputs:
        where = file.path or file.url or ""
        digest = f" (sha256 {file.sha256[:12]}…)" if file.sha256 else ""
        lines.append(f"- input {_text(file.id)}, {file.role}: {_text(where)}{digest}")
    lines += ["", "## Prompts", ""]
    for prompt in plan.prompts:
        lines += [f"### {_text(prompt.id)} ({prompt.task or plan.spec.task})", ""]
        lines += [*_quoted(prompt.plain_text), ""]
        if prompt.shots and prompt.text is not None:
            lines += ["As shots, for models that take them:", ""]
            lines += [*_quoted(shots_text(prompt.shots)), ""]
        for dialect, text in prompt.dialects.items():
            used = [
                name
                for name, use in plan.presets.items()
                if (worded := prompt.for_preset(use.preset)) and worded.dialect == dialect
            ]
            lines += [f"For {_text(dialect)} (used by {', '.join(used) or 'no preset here'}):", ""]
            lines += [*_quoted(text), ""]
    lines += ["## Notes", "", "<!-- Why these words? What would you change next time? -->", ""]
    return "\n".join(lines)


def learnings_markdown(plan: Plan, summary: BatchSummary, rows: Iterable[LedgerRow]) -> str:
    """Return the learnings file: results and cost with row ids, and room for a person's words."""
    money = summary.money
    lines = [f"# Learnings: {_text(plan.spec.name)}", "", *_head(summary)]
    lines += [
        "## What was run",
        "",
        f"- {counts_label(summary.counts, summary.combinations)}",
        f"- estimate {money.estimate_label}",
        f"- metered {metered_label(money)}, {_known(money)}",
        f"- cap {format_usd(money.cap_nano_usd)}, {format_usd(money.counted_nano_usd)} counted",
        "",
        "## Presets",
        "",
        "| preset | result | estimate | metered | on the runner (median) | in all (median) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for preset in summary.presets:
        inference = preset.inference.median_s if preset.inference else None
        total = preset.total.median_s if preset.total else None
        known = preset.money.metered_known > 0
        metered = format_usd(preset.money.metered_nano_usd if known else None)
        lines.append(
            f"| {preset.preset} | {counts_label(preset.counts, preset.combinations)} "
            f"| {preset.money.estimate_label} | {metered} "
            f"| {seconds_label(inference)} | {seconds_label(total)} |"
        )
    lines += ["", "## Attempts", ""]
    lines += ["| row | preset | prompt | seed | result | metered | in all |", "|" + " --- |" * 7]
    lines += [_row_line(row) for row in rows] or ["| – | no attempt was made | | | | | |"]
    lines += ["", *_left_out(plan), *_deviations(plan)]
    for title, question in (
        ("What I saw", "Which clips would you keep, and why? Name the rows."),
        ("What I conclude", "What is true beyond this batch? What would prove it wrong?"),
        ("Next", "What is the next matrix?"),
    ):
        lines += [f"## {title}", "", f"<!-- {question} -->", ""]
    return "\n".join(lines)


def _known(money: Money) -> str:
    attempts = money.metered_known + money.metered_unknown
    return f"known for {money.metered_known} of {attempts} attempts that may have cost something"


def _head(summary: BatchSummary) -> list[str]:
    note = [SANDBOX_NOTE] if summary.sandbox else []
    return [*note, f"Batch `{summary.batch}`, started {time_label(summary.started_at)}.", ""]


def _row_line(row: LedgerRow) -> str:
    seed = f"seed {row.seed_sent}" if row.seed_sent is not None else f"repeat {row.repeat}"
    why = f": {row.error_kind}" if row.error_kind else ""
    return (
        f"| `{row.row_id}` | {row.preset} | {_text(_row_name(row))} | {seed} "
        f"| {STATE_LABELS[row.state]}{_text(why)} | {format_usd(row.metered_nano_usd)} "
        f"| {seconds_label(row.total_s)} |"
    )


def _row_name(row: LedgerRow) -> str:
    """Return `walk · plate · hero knight`: what tells a row from the others of its preset."""
    varied = {**row.vars, **row.axes}
    parts = [row.prompt_id, row.input_id, *(f"{n} {value_label(v)}" for n, v in varied.items())]
    return " · ".join(part for part in parts if part)


def _left_out(plan: Plan) -> list[str]:
    if not plan.left_out:
        return []
    lines = [
        f"- {cell.at.preset}, {cell.at.prompt}: {STATE_LABELS[cell.state]}: {_text(cell.reason)}"
        for cell in plan.left_out
    ]
    return ["## Left out", "", *dict.fromkeys(lines), ""]


def _deviations(plan: Plan) -> list[str]:
    seen = {
        f"- {cell.at.preset}: {_text(deviation.label())} ({_text(deviation.why)})": None
        for cell in plan.cells
        for deviation in cell.deviations
    }
    return ["## Deviations from what was held", "", *seen, ""] if seen else []


def _quoted(text: str) -> list[str]:
    return [f"> {_text(line)}".rstrip() for line in text.strip().splitlines()]


def _text(text: str) -> str:
    """Return text that stays text in Markdown: no HTML, no table cell, no link of its own."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]<>|#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
