"""Which rows of the ledger are asked for: `preset=kling`, `metered_usd>0.5`, `state!=done`.

A column is a field of the row (`core.rows.LedgerRow`), `day` or `month` of the submission in UTC,
or an amount in dollars: `estimate_usd`, `metered_usd`, `billed_usd`, `counted_usd`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any, NamedTuple, get_args, get_origin

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.model import nearest
from fal_experiments.core.money import usd_from_nano
from fal_experiments.core.rows import LedgerRow
from fal_experiments.core.usage_rows import moment
from fal_experiments.errors import BadInput

SHORT = {
    "prompt": "prompt_id",
    "input": "input_id",
    "cell": "cell_id",
    "seed": "seed_sent",
    "request": "request_id",
    "error": "error_kind",
}
"""What people call a column → its name."""
AMOUNTS = ("estimate", "metered", "billed", "invoiced", "counted")
COLUMNS = (
    "day",
    "month",
    *(f"{amount}_usd" for amount in AMOUNTS),
    *LedgerRow.model_fields,
)
ORDERS = ("<", "<=", ">", ">=")


def _columns_of(*kinds: type) -> frozenset[str]:
    found = set()
    for name, info in LedgerRow.model_fields.items():
        known = info.annotation
        parts = get_args(known) if isinstance(known, UnionType) else (known,)
        if {get_origin(part) or part for part in parts} & {*kinds}:
            found.add(name)
    return frozenset(found)


NUMBERS = _columns_of(int, float, Decimal) | {f"{amount}_usd" for amount in AMOUNTS}
EXACT = _columns_of(Decimal)
"""Numbers that are kept to the last digit."""
MOMENTS = _columns_of(datetime)
TABLES = _columns_of(dict)
"""Columns with a value for each of some names."""
_TERM = re.compile(r"\s*([A-Za-z_]+)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)


class Term(NamedTuple):
    """One condition on a row."""

    column: str
    sign: str
    value: str


def parse_terms(texts: Sequence[str]) -> tuple[Term, ...]:
    """Return conditions. Raises: BadInput for what is none, or names a column that is none."""
    terms = []
    for text in texts:
        found = _TERM.fullmatch(text)
        if found is None:
            raise BadInput(
                f"--where {text!r} is no condition",
                fix="write COLUMN=VALUE, or !=, <, <=, >, >= or ~ (contains) in place of =",
            )
        terms.append(_checked(Term(column_named(found[1]), found[2], found[3])))
    return tuple(terms)


def column_named(name: str) -> str:
    """Return the full name of a column. Raises: BadInput when there is no such column."""
    full = SHORT.get(name, name)
    if full not in COLUMNS:
        known = list(dict.fromkeys((*COLUMNS, *SHORT)))
        raise BadInput(
            f"the ledger has no column {name}{nearest(name, known)}",
            fix=f"columns are: {', '.join(known)}",
        )
    return full


def value_of(row: LedgerRow, column: str) -> Any:
    """Return what a row has in a column; None where it is not known."""
    if column in {"day", "month"}:
        return f"{row.submitted_at:%Y-%m-%d}"[: 10 if column == "day" else 7]
    if column.endswith("_usd") and column.removesuffix("_usd") in AMOUNTS:
        nano_usd = getattr(row, f"{column.removesuffix('_usd')}_nano_usd")
        return None if nano_usd is None else usd_from_nano(nano_usd)
    return getattr(row, column)


def holds(row: LedgerRow, terms: Sequence[Term]) -> bool:
    """Tell whether a row meets every condition. What is not known meets `=` with nothing only."""
    return all(_holds(value_of(row, term.column), term) for term in terms)


def _holds(value: Any, term: Term) -> bool:
    if term.sign == "~":
        return term.value.lower() in text_of(value).lower()
    if term.sign in {"=", "!="}:
        return _is_equal(value, term) == (term.sign == "=")
    if value is None:
        return False
    left, right = _comparable(value, term)
    compare: Mapping[str, Callable[[], bool]] = {
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
    }
    return compare[term.sign]()


def _checked(term: Term) -> Term:
    """Return a condition that its column's kind has a meaning for. Raises: BadInput."""
    if term.column in TABLES:
        if term.sign in ORDERS:
            raise _no_condition(term, "no order is among its values", f"{term.column}~word")
        # an empty one is written as nothing
        return term._replace(value="") if term.value == "{}" else term
    if not term.value and term.sign in {*ORDERS, "~"}:
        raise _no_condition(term, "it is compared with nothing", f"{term.column}{term.sign}VALUE")
    if term.column in NUMBERS:
        if term.sign == "~" or (term.value and number_of(term.value) is None):
            raise _no_condition(term, f"{term.column} is a number", f"{term.column}=0.5")
    elif term.column in MOMENTS and term.value and term.sign != "~":
        moment_of(term)
    return term


def _no_condition(term: Term, why: str, instead: str) -> BadInput:
    return BadInput(
        f"--where {term.column}{term.sign}{term.value}: {why}",
        fix=f"write {instead}; two columns are compared in an export",
    )


def needed_number(term: Term) -> Decimal:
    """Return the number of a condition. Raises: BadInput where it is none."""
    number = number_of(term.value)
    if number is None:
        raise BadInput(
            f"--where {term.column}{term.sign}{term.value}: {term.column} is a number",
            fix=f"write {term.column}{term.sign}0.5",
        )
    return number


def moment_of(term: Term) -> datetime:
    """Return the moment of a condition, in UTC. Raises: BadInput where it is none."""
    try:
        return moment(term.value)
    except ValueError:
        raise BadInput(
            f"--where {term.column}{term.sign}{term.value}: {term.column} is a moment",
            fix=f"write {term.column}{term.sign}2026-12-01, or 2026-12-01T09:30:00Z",
        ) from None


def _is_equal(value: Any, term: Term) -> bool:
    if value is None or not term.value:
        return text_of(value) == term.value
    if isinstance(value, datetime):
        return value == moment_of(term)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return number_of(term.value) == Decimal(str(value))
    return text_of(value) == term.value


def _comparable(value: Any, term: Term) -> tuple[Any, Any]:
    """Return both sides of a comparison as one kind. Raises: BadInput when they are not."""
    if isinstance(value, datetime):
        return value, moment_of(term)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)), needed_number(term)
    return text_of(value), term.value


def text_of(value: Any) -> str:
    """Return a value as it is written in a table or compared as text; nothing for the unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        plain = {k: v.model_dump() if hasattr(v, "model_dump") else v for k, v in value.items()}
        return canonical_json(plain) if plain else ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def number_of(text: str) -> Decimal | None:
    """Return a finite number, None for anything else."""
    try:
        number = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
