"""The prompts file of a batch: what was asked, in which words, of which models."""

from fal_experiments.core.labels import (
    hold_label,
    hold_name,
    time_label,
    value_label,
)
from fal_experiments.core.plan import Plan
from fal_experiments.core.prompt import shots_text
from fal_experiments.core.seeds import format_seeds
from fal_experiments.core.summary import BatchSummary

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


def learnings_head(summary: BatchSummary) -> list[str]:
    """Return what stands below the title of a learnings file."""
    return _head(summary)


def _head(summary: BatchSummary) -> list[str]:
    note = [SANDBOX_NOTE] if summary.sandbox else []
    return [*note, f"Batch `{summary.batch}`, started {time_label(summary.started_at)}.", ""]


def _quoted(text: str) -> list[str]:
    return [f"> {_text(line)}".rstrip() for line in text.strip().splitlines()]


def _text(text: str) -> str:
    """Return text that stays text in Markdown: no HTML, no table cell, no link of its own."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]<>|#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
