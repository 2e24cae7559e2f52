"""Conditions on ledger rows over an Arrow table, as `core.ledger_query.holds` has them."""

import operator
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fal_experiments.core.ledger_query import (
    AMOUNTS,
    EXACT,
    Term,
    moment_of,
    needed_number,
    number_of,
)

SIGNS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARE = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}
INT64 = 2**63 - 1


def mask_of(table: pa.Table, terms: Sequence[Term]) -> pa.ChunkedArray:
    """Return which rows meet every condition; what is not known meets no comparison.

    Raises: BadInput for a comparison of a number or of a moment with something else.
    """
    mask: Any = pa.array([True] * table.num_rows, pa.bool_())  # of no rows the type is unknown
    for term in terms:
        mask = pc.and_(mask, pc.fill_null(_mask(table, term), fill_value=False))
    return mask


def _mask(table: pa.Table, term: Term) -> Any:
    column, value = _column(table, term.column), term.value
    if term.sign == "~":
        return pc.match_substring(pc.fill_null(_text(column), ""), value, ignore_case=True)
    if term.column in EXACT and value:
        return _exact(column, term)
    if term.sign in {"=", "!="}:
        is_equal = pc.fill_null(_equal(column, term), fill_value=value == "")
        return is_equal if term.sign == "=" else pc.invert(is_equal)
    return _ordered(column, term)


def _ordered(column: Any, term: Term) -> Any:
    compare = COMPARE[term.sign]
    if pa.types.is_timestamp(column.type):
        return compare(column, pa.scalar(moment_of(term), column.type))
    if pa.types.is_integer(column.type):
        return _whole(column, term)
    if pa.types.is_floating(column.type):
        return compare(column, float(needed_number(term)))
    return compare(_text(column), term.value)


def _whole(column: Any, term: Term) -> Any:
    """Compare whole numbers exactly: as floats those above 2^53 would be rounded."""
    number = needed_number(term) * _scale(term.column)
    rounding = ROUND_FLOOR if term.sign in {"<=", ">"} else ROUND_CEILING
    limit = min(max(int(number.to_integral_value(rounding)), -INT64), INT64)
    return COMPARE[term.sign](column, pa.scalar(limit, pa.int64()))


def _column(table: pa.Table, name: str) -> Any:
    if name in {"day", "month"}:
        form = "%Y-%m-%d" if name == "day" else "%Y-%m"
        return pc.strftime(table["submitted_at"], format=form)
    return table[f"{name.removesuffix('_usd')}_nano_usd" if _is_amount(name) else name]


def _equal(column: Any, term: Term) -> Any:
    number = number_of(term.value)
    if pa.types.is_timestamp(column.type) and term.value:
        return pc.equal(column, pa.scalar(moment_of(term), column.type))
    if pa.types.is_integer(column.type):
        exact = None if number is None else number * _scale(term.column)
        is_whole = exact is not None and exact == exact.to_integral_value() and abs(exact) <= INT64
        if exact is None or not is_whole:
            return _never(column)
        return pc.equal(column, pa.scalar(int(exact), pa.int64()))
    if pa.types.is_floating(column.type):
        return _never(column) if number is None else pc.equal(column, float(number))
    text = _text(column)
    is_nothing = pc.and_(pc.equal(text, "{}"), pa.scalar(value=term.value == ""))
    return pc.or_(pc.equal(text, term.value), is_nothing)


def _exact(column: Any, term: Term) -> Any:
    """Compare exact numbers, which the table has as text, one by one: a float would round them."""
    wanted, compare = needed_number(term), SIGNS[term.sign]
    texts = column.to_pylist()
    if term.sign == "!=":  # what is not known is not this number
        return pa.array([text is None or Decimal(text) != wanted for text in texts], pa.bool_())
    known = (None if text is None else compare(Decimal(text), wanted) for text in texts)
    return pa.array(list(known), pa.bool_())


def _never(column: Any) -> Any:
    """Return false for what is known, and null for what is not: that may still be asked for."""
    return pc.if_else(pc.is_valid(column), pa.scalar(value=False), pa.scalar(None, pa.bool_()))


def _text(column: Any) -> Any:
    """Return a column as `core.ledger_query.text_of` writes it."""
    if pa.types.is_timestamp(column.type):
        text = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S+00:00")
        return pc.replace_substring(text, ".000000+", "+")
    return pc.cast(column, pa.string())


def _is_amount(name: str) -> bool:
    return name.endswith("_usd") and name.removesuffix("_usd") in AMOUNTS


def _scale(name: str) -> Decimal:
    return Decimal(10**9 if _is_amount(name) else 1)
