"""Conditions on ledger rows over an Arrow table, as `core.ledger_query.holds` has them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fal_experiments.core.ledger_query import AMOUNTS, Term, check_number, number_of
from fal_experiments.errors import BadInput

COMPARE = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}


def mask_of(table: pa.Table, terms: Sequence[Term]) -> pa.ChunkedArray:
    """Return which rows meet every condition; what is not known meets no comparison.

    Raises: BadInput for a comparison of a number with a text.
    """
    mask: Any = pa.array([True] * table.num_rows)
    for term in terms:
        mask = pc.and_(mask, pc.fill_null(_mask(table, term), fill_value=False))
    return mask


def _mask(table: pa.Table, term: Term) -> Any:
    column, value = _column(table, term.column), term.value
    if term.sign == "~":
        return pc.match_substring(pc.cast(column, pa.string()), value, ignore_case=True)
    if term.sign in {"=", "!="}:
        check_number(term)
        is_equal = pc.fill_null(_equal(column, value), fill_value=value == "")
        return is_equal if term.sign == "=" else pc.invert(is_equal)
    if pa.types.is_timestamp(column.type):
        moment = pa.scalar(datetime.fromisoformat(value), column.type)
        return COMPARE[term.sign](column, moment)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        number = number_of(value)
        if number is None:
            raise BadInput(
                f"--where {term.column}{term.sign}{value}: {term.column} is a number",
                fix=f"write {term.column}{term.sign}0.5",
            )
        return COMPARE[term.sign](column, float(number * _scale(term.column)))
    return COMPARE[term.sign](pc.cast(column, pa.string()), value)


def _column(table: pa.Table, name: str) -> Any:
    if name in {"day", "month"}:
        form = "%Y-%m-%d" if name == "day" else "%Y-%m"
        return pc.strftime(table["submitted_at"], format=form)
    return table[f"{name.removesuffix('_usd')}_nano_usd" if _is_amount(name) else name]


def _equal(column: Any, value: str) -> Any:
    if pa.types.is_boolean(column.type):
        return pc.equal(column, value == "true")
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        number = number_of(value)
        return pc.equal(column, float("nan") if number is None else float(number))
    return pc.equal(pc.cast(column, pa.string()), value)


def _is_amount(name: str) -> bool:
    return name.endswith("_usd") and name.removesuffix("_usd") in AMOUNTS


def _scale(name: str) -> int:
    return 10**9 if _is_amount(name) else 1
