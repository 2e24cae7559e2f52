"""Options that several commands share."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from fal_experiments.core.usage_rows import moment
from fal_experiments.errors import BadInput

F = TypeVar("F", bound=Callable[..., Any])


class Dollars(click.ParamType[Decimal]):
    """An exact amount of US dollars."""

    name = "usd"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the amount; anything else is a usage error."""
        if isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(str(value).removeprefix("$"))
        except InvalidOperation:
            self.fail(f"{value!r} is not an amount; write 2.50", param, ctx)
        if not amount.is_finite() or amount <= 0:
            self.fail(f"{value!r} is not an amount that can be spent", param, ctx)
        return amount


def max_usd_option(command: F) -> F:
    """Add `--max-usd`."""
    text = "Spend at most this. Lowers the matrix's own cap, never raises it."
    return click.option("--max-usd", type=Dollars(), help=text)(command)


def stage_options(command: F) -> F:
    """Add `--no-render` and `--no-report`."""
    skip_render = click.option(
        "--no-render", is_flag=True, help="Leave the pictures for `fal-exp render`."
    )
    skip_report = click.option(
        "--no-report", is_flag=True, help="Leave the page for `fal-exp report`."
    )
    return skip_render(skip_report(command))


def cell_option(command: F) -> F:
    """Add `--cell`."""
    text = "Only this cell, by its id or the beginning of it; may be given several times."
    return click.option("--cell", "cells", multiple=True, metavar="ID", help=text)(command)


def detach_option(command: F) -> F:
    """Add `--detach`."""
    text = "Submit and leave; `fal-exp status --watch` and `fal-exp resume` collect later."
    return click.option("--detach", is_flag=True, help=text)(command)


def faults_option(command: F) -> F:
    """Add `--faults`."""
    text = "YAML script of what goes wrong in the sandbox; see docs/sandbox.md."
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--faults", type=path, help=text)(command)


def concurrency_option(command: F) -> F:
    """Add `--concurrency`."""
    text = "Jobs at the provider at once; the matrix's own number otherwise."
    return click.option("--concurrency", type=click.IntRange(1, 1000), help=text)(command)


def probe_seeds_option(command: F) -> F:
    """Add `--probe-seeds`."""
    text = "Buy one cell of each seeded preset twice, to see whether its seed decides the clip."
    return click.option("--probe-seeds", is_flag=True, help=text)(command)


def window_of_options(
    since: str | None, until: str | None
) -> tuple[datetime | None, datetime | None]:
    """Return the moments of --since and --until. Raises: BadInput where none is between them."""
    first = None if since is None else moment_of_option("--since", since)
    end = None if until is None else moment_of_option("--until", until)
    if first is not None and end is not None and first >= end:
        raise BadInput("--since and --until: no moment is between them", fix="swap them")
    return first, end


def moment_of_option(option: str, text: str) -> datetime:
    """Return the moment of an option, in UTC. Raises: BadInput for what is none."""
    try:
        return moment(text)
    except ValueError:
        raise BadInput(
            f"{option}: {text!r} is no day and no moment",
            fix="write 2026-12-01, or 2026-12-01T09:30:00Z",
        ) from None
