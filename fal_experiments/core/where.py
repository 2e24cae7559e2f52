"""`--where "loop_seam<=0.1"`: conditions on the columns of a table.

What is unknown equals nothing: it passes `!=`, and any condition that ends in `?`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

from fal_experiments.core.cell_table import Column, Kind, Table, Value, shown
from fal_experiments.core.model import nearest
from fal_experiments.errors import BadInput

_CONDITION = re.compile(r"\s*([^<>=!]+?)\s*(<=|>=|!=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": le,
    ">=": ge,
    "<": lt,
    ">": gt,
    "=": eq,
    "!=": ne,
}
_NUMBERS: frozenset[Kind] = frozenset({"whole", "number", "usd"})
_EQUAL = {"=", "!="}


class Condition(NamedTuple):
    """One condition. `=` without a value asks for what is unknown, `!=` for what is known."""

    column: str
    test: str
    value: Decimal | str
    or_unknown: bool = False

    def passes(self, row: Mapping[str, Value]) -> bool:
        """Tell whether a row passes."""
        found = row[self.column]
        if self.value == "":
            return (found is None) == (self.test == "=")
        if found is None:
            return self.or_unknown or self.test == "!="
        given = Decimal(str(found)) if isinstance(self.value, Decimal) else shown(found)
        return _TESTS[self.test](given, self.value)


def parse_conditions(texts: Sequence[str], columns: Sequence[Column]) -> list[Condition]:
    """Return conditions. Raises: BadInput for one that names no column or compares words."""
    kinds = {column.name: column.kind for column in columns}
    return [_parsed(text, kinds) for text in texts]


def keep(table: Table, conditions: Sequence[Condition]) -> Table:
    """Return a table with the rows that pass all conditions."""
    rows = tuple(row for row in table.rows if all(each.passes(row) for each in conditions))
    return table._replace(rows=rows)


def _parsed(text: str, kinds: Mapping[str, Kind]) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise BadInput(
            f"--where {text!r} is not a condition",
            fix='write a column, a comparison and a value: --where "loop_seam<=0.1"',
        )
    name, test, value = found.groups()
    if name not in kinds:
        raise BadInput(
            f"--where {text!r}: there is no column {name}{nearest(name, kinds)}",
            fix=f"the columns are: {', '.join(kinds)}",
        )
    if value == "" and test in _EQUAL:
        return Condition(name, test, "")
    if kinds[name] in _NUMBERS:
        number = _number(text, value.removesuffix("?").strip())
        return Condition(name, test, number, or_unknown=value.endswith("?"))
    if test not in _EQUAL and kinds[name] != "time":
        raise BadInput(
            f"--where {text!r}: {name} is text, and has no order", fix="compare it with = or !="
        )
    return Condition(name, test, value)


def _number(text: str, value: str) -> Decimal:
    try:
        number = Decimal(value.removeprefix("$"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadInput(f"--where {text!r}: {value!r} is not a number", fix="write 0.5")
    return number
