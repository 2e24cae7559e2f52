"""`fal-exp ledger summary`: attempts and money, summed up by any columns."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from fal_experiments.app import wiring
from fal_experiments.cli.console import emit_json, json_option
from fal_experiments.cli.ledger_options import (
    Form,
    filter_options,
    format_option,
    mention_sandbox,
    print_as,
    sandbox_option,
    terms_of,
)
from fal_experiments.core.ledger_query import column_named, text_of
from fal_experiments.core.money import format_usd, usd_from_nano
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import find_project

SUMS = (
    *("attempts", "done", "estimate_nano_usd", "metered_nano_usd", "metered_known"),
    *("billed_nano_usd", "billed_known", "counted_nano_usd"),
)


@click.command("summary")
@click.option(
    "--by", default="preset", show_default=True, help="Columns: a,b,c; day and month too."
)
@filter_options
@format_option
@sandbox_option
@json_option
def summary(  # noqa: PLR0913 - one parameter for each option
    *,
    by: str,
    where: tuple[str, ...],
    since: str | None,
    until: str | None,
    form: Form,
    sandbox: bool,
    as_json: bool,
) -> int:
    """Sum up attempts and money by one or more columns."""
    named = [column_named(name.strip()) for name in by.split(",") if name.strip()]
    columns = list(dict.fromkeys(named))
    if amounts := [name for name in columns if name.endswith("_usd")]:
        raise BadInput(
            f"--by {amounts[0]}: amounts are summed up, not by", fix="--where takes them"
        )
    terms = terms_of(where, since, until)
    tree = find_project(Path.cwd()).tree(sandbox=sandbox)
    groups = wiring.ledger_summary(tree, columns, terms)
    if as_json:
        emit_json(groups)
        return 0
    if form == "csv":
        names = [*columns, *(name for name in groups[0] if name not in columns)] if groups else []
        head = [name.replace("_nano_usd", "_usd") for name in names]
        print_as(form, head, [[_exact(name, group[name]) for name in names] for group in groups])
        return 0
    lines = [[*(text_of(g[name]) or "–" for name in columns), *_sums(g)] for g in groups]
    if len(groups) > 1:
        whole = {name: _sum([group[name] for group in groups]) for name in SUMS}
        lines.append(["total", *[""] * (len(columns) - 1), *_sums(whole)])
    head = ["attempts", "done", "estimate", "metered", "known", "billed", "bills", "counted"]
    print_as(form, [*columns, *head], lines, right=" ".join(head))
    if not groups and form == "table":
        mention_sandbox([], sandbox=sandbox)
    return 0


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _exact(name: str, value: Any) -> str:
    """Return a value for a spreadsheet: amounts in USD with every digit."""
    if name.endswith("_nano_usd") and value is not None:
        return f"{usd_from_nano(value):f}"
    return text_of(value)


def _sums(group: Mapping[str, Any]) -> list[str]:
    return [
        str(group["attempts"]),
        str(group["done"]),
        format_usd(group["estimate_nano_usd"]),
        format_usd(group["metered_nano_usd"]),
        f"{group['metered_known']} of {group['attempts']}",
        format_usd(group["billed_nano_usd"]),
        f"{group['billed_known']} of {group['attempts']}",
        format_usd(group["counted_nano_usd"]),
    ]
