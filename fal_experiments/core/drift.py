"""What has changed between two looks at an endpoint: its fields, its status, its unit price."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, Protocol

from fal_experiments.core.foreign import plain_text
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.knobs import Knob, knobs_of, limits_label, range_label
from fal_experiments.core.model import Json, Record
from fal_experiments.core.schema import EndpointSchema

Part = Literal["input", "output", "status", "price"]
Kind = Literal[
    "field_added",
    "field_gone",
    "became_required",
    "became_optional",
    "type_changed",
    "values_added",
    "values_gone",
    "default_changed",
    "range_changed",
    "limits_changed",
    "status_changed",
    "price_changed",
]


class Difference(Record):
    """One thing that is not what it was."""

    kind: Kind
    part: Part
    path: str = ""
    """`duration`, `multi_prompt[].duration`; empty for status and price."""
    before: Json = None
    after: Json = None
    words: str
    """What changed, without saying of what."""

    def label(self) -> str:
        """Return one line for a person: `cfg_scale: default was 0.5, is 0.7`."""
        named = {"input": self.path, "output": f"output {self.path}", "price": "unit price"}
        return plain_text(f"{named.get(self.part, self.part)}: {self.words}")


class UnitQuote(Protocol):
    """A unit price; core.request.Quote is one."""

    @property
    def unit_price_usd(self) -> Decimal:
        """US dollars a unit."""
        ...

    @property
    def unit(self) -> str:
        """What is counted, in the provider's words."""
        ...


def schema_drift(before: EndpointSchema, after: EndpointSchema) -> tuple[Difference, ...]:
    """Return what differs in the fields that an endpoint takes and gives, nested ones included.

    Constraints between fields are not compared: no OpenAPI document states them.
    """
    return (
        *_fields_drift("input", before.input, after.input),
        *_fields_drift("output", before.output, after.output),
    )


def status_drift(before: str, after: str) -> tuple[Difference, ...]:
    """Return the change of an endpoint's status (`active` → `deprecated`), or nothing."""
    if before == after:
        return ()
    words = f"was {before}, is {after}"
    change = Difference(
        kind="status_changed", part="status", before=before, after=after, words=words
    )
    return (change,)


def price_drift(before: UnitQuote | None, after: UnitQuote | None) -> tuple[Difference, ...]:
    """Return the change of a unit price, or nothing. None is an unknown price, never zero."""
    if _price(before) == _price(after):
        return ()
    words = f"was {_price_label(before)}, is {_price_label(after)}"
    change = Difference(
        kind="price_changed", part="price", before=_price(before), after=_price(after), words=words
    )
    return (change,)


def _fields_drift(
    part: Part, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    was = {knob.path: knob for knob in knobs_of(before)}
    is_now = {knob.path: knob for knob in knobs_of(after)}
    for path, knob in was.items():
        if path in is_now:
            for kind, old, new, words in _changes(knob, is_now[path]):
                yield Difference(
                    kind=kind, part=part, path=path, before=old, after=new, words=words
                )
        elif not _parents(path) & (was.keys() - is_now.keys()):
            words = "gone; fal drops it without an error" if part == "input" else "gone"
            old = knob.compact()
            yield Difference(kind="field_gone", part=part, path=path, before=old, words=words)
    for path, knob in is_now.items():
        if path not in was and not _parents(path) & (is_now.keys() - was.keys()):
            words = f"new: {_summary(knob)}"
            new = knob.compact()
            yield Difference(kind="field_added", part=part, path=path, after=new, words=words)


def _changes(was: Knob, now: Knob) -> Iterator[tuple[Kind, Json, Json, str]]:
    """Yield what differs between two states of one field: kind, before, after, words."""
    if was.required != now.required:
        kind: Kind = "became_required" if now.required else "became_optional"
        words = "is required now" if now.required else "is not required any more"
        yield kind, was.required, now.required, words
    if was.type != now.type:
        yield "type_changed", was.type, now.type, f"type was {was.type}, is {now.type}"
    yield from _value_changes(was, now)
    old, new = was.default_label(), now.default_label()
    if old != new:
        words = f"default was {_or_none(old)}, is {_or_none(new)}"
        yield "default_changed", was.default, now.default, words
    if canonical_json(was.range) != canonical_json(now.range):
        old, new = range_label(was.range) or "open", range_label(now.range) or "open"
        yield "range_changed", was.range, now.range, f"range was {old}, is {new}"
    if canonical_json(was.limits) != canonical_json(now.limits):
        old, new = limits_label(was.limits) or "none", limits_label(now.limits) or "none"
        yield "limits_changed", was.limits, now.limits, f"limits were: {old}; are: {new}"


def _value_changes(was: Knob, now: Knob) -> Iterator[tuple[Kind, Json, Json, str]]:
    """Yield values that are taken now and were not, and those that are not taken any more.

    An empty list takes any value, so a list that appears takes values away, whatever is in it.
    """
    old = {canonical_json(value): value for value in was.values}
    new = {canonical_json(value): value for value in now.values}
    before, after = list(was.values), list(now.values)
    if not old and new:
        yield "values_gone", before, after, f"took any value, takes only {', '.join(new)}"
    elif old and not new:
        yield "values_added", before, after, f"took only {', '.join(old)}, takes any value"
    else:
        if gone := [text for text in old if text not in new]:
            yield "values_gone", before, after, f"values gone: {', '.join(gone)}"
        if added := [text for text in new if text not in old]:
            yield "values_added", before, after, f"values added: {', '.join(added)}"


def _parents(path: str) -> set[str]:
    """Return the paths that hold this one: `a`, `a[]` for `a[].b`."""
    steps = path.replace("[]", ".[]").split(".")
    return {".".join(steps[:n]).replace(".[]", "[]") for n in range(1, len(steps))}


def _summary(knob: Knob) -> str:
    need = ", required" if knob.required else ""
    default = f", default {knob.default_label()}" if knob.has_default else ""
    allowed = "" if knob.allowed_label() == "–" else f", {knob.allowed_label()}"
    return f"{knob.type}{need}{default}{allowed}"


def _or_none(label: str) -> str:
    return "none" if label == "–" else label


def _price(quote: UnitQuote | None) -> str | None:
    if quote is None:
        return None
    return f"{quote.unit_price_usd.normalize():f} {quote.unit}"


def _price_label(quote: UnitQuote | None) -> str:
    if quote is None:
        return "unknown"
    return f"${quote.unit_price_usd.normalize():f} a unit ({quote.unit})"
