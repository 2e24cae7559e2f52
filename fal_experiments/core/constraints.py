"""Rules between the fields of a request, which JSON Schema's properties do not state.

The rules are those of references/fal-endpoints.json (`constraints`), named as they stand there.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import ConfigDict, Field

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.model import Json, Record

Rule = Literal[
    "exactly_one_of",
    "not_both",
    "requires_any",
    "max_items",
    "max_items_total",
    "sum_max",
    "if_then",
]


class Constraint(Record):
    """One rule. Which fields it has depends on the rule; `stated_on` limits where it was read."""

    model_config = ConfigDict(populate_by_name=True)

    rule: Rule
    fields: tuple[str, ...] = ()
    field: str | None = None
    """For sum_max a path into a list: `multi_prompt[].duration`."""
    max: float | None = None
    if_: Json = Field(default=None, alias="if")
    """requires_any: a field that is given. if_then: field → value, `present`, or {gt: number}."""
    then: dict[str, Json] = {}
    stated_on: str | None = None

    def broken_by(self, body: dict[str, Any]) -> str | None:
        """Return what is wrong with a body under this rule, None where nothing is."""
        rules = {
            "exactly_one_of": self._not_one,
            "not_both": self._both,
            "requires_any": self._lacks_company,
            "max_items": self._too_many,
            "max_items_total": self._too_many,
            "sum_max": self._too_much,
            "if_then": self._not_followed,
        }
        return rules[self.rule](body)

    def _not_one(self, body: dict[str, Any]) -> str | None:
        given = self._given(body)
        found = " and ".join(given) or "none"
        wrong = f"exactly one of {self._names} may be given, found {found}"
        return None if len(given) == 1 else wrong

    def _both(self, body: dict[str, Any]) -> str | None:
        return f"{self._names} exclude each other" if len(self._given(body)) > 1 else None

    def _lacks_company(self, body: dict[str, Any]) -> str | None:
        lacking = _is_given(body, str(self.if_)) and not self._given(body)
        return f"{self.if_} needs one of {self._names} beside it" if lacking else None

    @property
    def _where(self) -> str:
        return f" (stated on {self.stated_on})" if self.stated_on else ""

    @property
    def _names(self) -> str:
        return ", ".join(self.fields)

    def _given(self, body: dict[str, Any]) -> list[str]:
        return [name for name in self.fields if _is_given(body, name)]

    def _too_many(self, body: dict[str, Any]) -> str | None:
        names = self.fields or (str(self.field),)
        lists = [items for name in names if isinstance(items := body.get(name), list)]
        count, most = sum(len(items) for items in lists), int(self.max or 0)
        if count <= most:
            return None
        together = " together" if len(names) > 1 else ""
        what = "files" if all(name.endswith("_urls") for name in names) else "entries"
        return f"{', '.join(names)}: {count} {what}{together}, the limit is {most}{self._where}"

    def _too_much(self, body: dict[str, Any]) -> str | None:
        name, _, part = str(self.field).partition("[].")
        total = sum(_numbers(body.get(name), part), Decimal(0))
        if self.max is None or total <= Decimal(str(self.max)):
            return None
        said = f"{part} adds up to {total.normalize():f}, the limit is {self.max:g}"
        return f"{name}: {said}{self._where}"

    def _not_followed(self, body: dict[str, Any]) -> str | None:
        conditions = self.if_ if isinstance(self.if_, dict) else {}
        if not conditions or not all(_meets(body.get(k), v) for k, v in conditions.items()):
            return None
        wrong = [f"{k} {canonical_json(v)}" for k, v in self.then.items() if body.get(k) != v]
        if not wrong:
            return None
        said = ", ".join(f"{k} {_words(v)}" for k, v in conditions.items())
        return f"{said} needs {' and '.join(wrong)}"


def _is_given(body: dict[str, Any], name: str) -> bool:
    return body.get(name) not in (None, [], {})


def _meets(value: Any, condition: Any) -> bool:
    if condition == "present":
        return value not in (None, [], {})
    if isinstance(condition, dict) and "gt" in condition:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return bool(is_number and value > condition["gt"])
    return type(value) is type(condition) and bool(value == condition)


def _words(condition: Any) -> str:
    if condition == "present":
        return "given"
    if isinstance(condition, dict) and "gt" in condition:
        return f"above {condition['gt']}"
    return canonical_json(condition)


def _numbers(items: Any, part: str) -> Iterator[Decimal]:
    for item in items if isinstance(items, list) else []:
        value = item.get(part) if isinstance(item, dict) else None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            continue
        if number.is_finite():
            yield number
