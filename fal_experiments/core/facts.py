"""Facts files → dated snapshots of endpoints, with the traps of their sources handled and noted.

A facts file is a JSON object of endpoint → {title, category, source, input, output, …}, made from
type definitions and OpenAPI documents. What such sources get wrong (references/presets-notes.md 1):

- an aliased type shows another model's default: where an OpenAPI document corrected it, the
  snapshot says so (`x-default-from`); where none could, the endpoint's defaults are uncertain;
- an integer enum prints its default as text: it is turned into the number that the enum has;
- a boolean without a default is mostly false, because generators drop `false`: the snapshot states
  no default then, and notes it;
- a whole number that is only inferred is taken as any number; a range that was read in prose is
  enforced, unless it may be another model's.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from fal_experiments.core.constraints import Constraint
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.schema import EndpointSchema, refusal
from fal_experiments.core.schema_shape import faults_of
from fal_experiments.core.schema_sources import FAL_JS, SchemaSource, openapi_url, sources_line
from fal_experiments.errors import BadInput

_DATE = re.compile(r"20[0-9]{2}-[01][0-9](?:-[0-3][0-9])?")
_TYPES = re.compile(r"fal-js@(\w+) \(([0-9-]+)\)(.*)")
_OPENAPI = re.compile(r"openapi ([0-9-]+)")
_COPIES = "llms.txt"
_NOTES = "research note"
_DROPPED = {"description", "title", "x-default-from", "x-range-from", "x-integer-inferred"}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_PART_WORDS = ("anyOf", "oneOf", "allOf")


class Facts(NamedTuple):
    """What a facts file says of one endpoint."""

    endpoint: str
    entry: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The model's name as its vendor writes it, or the endpoint's id."""
        return str(self.entry.get("title") or self.endpoint)


def read_facts(data: Any, name: str) -> dict[str, Facts]:
    """Return the endpoints of a parsed facts file. Raises: BadInput for another kind of file."""
    if not isinstance(data, dict) or not data:
        raise BadInput(f"{name}: expected an object of endpoint → facts")
    for endpoint, entry in data.items():
        for part in ("input", "output"):
            if not isinstance(entry, dict) or not isinstance(entry.get(part), dict):
                raise BadInput(
                    f"{name}: {endpoint}: `{part}` is missing or not a schema",
                    fix="expected a facts file, or an OpenAPI document with `paths`",
                )
    return {endpoint: Facts(endpoint, entry) for endpoint, entry in data.items()}


def snapshot_of(facts: Facts, name: str) -> EndpointSchema:
    """Return the snapshot of one endpoint, the same for the same facts.

    Args:
        name: the file that the facts stand in, for messages.

    Raises: BadInput naming the endpoint and what is wrong.
    """
    entry = facts.entry
    for part in ("input", "output"):
        fault = next(faults_of(entry[part], part), None)
        if fault is not None:
            raise BadInput(f"{name}: {facts.endpoint}: {fault}")
    notes = [*_doubts(entry)]
    is_uncertain = "defaults_uncertain" in entry or "warning" in entry
    cleaner = _Cleaner(notes, trusts_ranges=not is_uncertain)
    source, as_of = _source(facts)
    if as_of is None:
        raise BadInput(f"{name}: {facts.endpoint}: neither as_of nor source gives a date")
    taken = cleaner.clean(entry["input"], "")
    given = _Cleaner([], trusts_ranges=True).clean(entry["output"], "")
    try:
        return EndpointSchema.model_validate(
            {
                "endpoint": facts.endpoint,
                "as_of": as_of,
                "source": source,
                "input": taken,
                "output": given,
                "constraints": entry.get("constraints", ()),
                "notes": tuple(dict.fromkeys(notes)),
            }
        )
    except ValidationError as exc:
        raise BadInput(f"{name}: {facts.endpoint}: {refusal(exc)}") from exc


def snapshot_json(schema: EndpointSchema) -> dict[str, Any]:
    """Return what stands in a snapshot's file, without what is only a default of the format."""
    data = schema.model_dump(mode="json", by_alias=True, exclude={"constraints", "notes"})
    if schema.constraints:
        data["constraints"] = [_rule_json(rule) for rule in schema.constraints]
    if schema.notes:
        data["notes"] = list(schema.notes)
    return data


def _rule_json(rule: Constraint) -> dict[str, Any]:
    said = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if rule.max is not None and rule.max == int(rule.max):
        said["max"] = int(rule.max)
    return said


def _source(facts: Facts) -> tuple[str, str | None]:
    """Return where the facts can be looked up, and the date that they hold for."""
    written, day = str(facts.entry.get("source", "")), str(facts.entry.get("as_of", ""))
    stated = _DATE.search(day)
    dates = _DATE.findall(written)
    as_of = stated[0] if stated else dates[0] if dates else None
    if _COPIES in written and as_of is not None:
        page = f"https://fal.ai/models/{facts.endpoint}/{_COPIES}"
        what = "read by a public research note" if _NOTES in written else "a copy"
        is_about = stated is None or day.startswith("~")
        return SchemaSource(page, what, as_of, is_about=is_about).words(), as_of
    types, document = _TYPES.match(written), _OPENAPI.search(written)
    places = []
    if types:
        places.append(SchemaSource(f"{FAL_JS}/{types[1]}", "type definitions", types[2]))
    if document:
        what = "defaults and limits" if types else "OpenAPI document"
        places.append(SchemaSource(openapi_url(facts.endpoint), what, document[1]))
    return sources_line(places) or written, as_of


def _doubts(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the facts file itself is not sure of."""
    if entry.get("completeness") == "partial":
        yield "the source may not name every field; one that is missing here is refused"
    for key in ("warning", "defaults_uncertain", "note"):
        if entry.get(key):
            yield str(entry[key])
    if entry.get("defaults_from"):
        yield f"defaults from {entry['defaults_from']}"
    if entry.get("status") == "not-in-latest-types":
        seen = entry.get("last_seen", "an older date")
        yield f"not in the newest type definitions (last seen {seen}), which does not prove removal"


class _Cleaner:
    """Takes the marks of a facts file out of a schema and says in `notes` what they meant."""

    def __init__(self, notes: list[str], *, trusts_ranges: bool) -> None:
        self._notes = notes
        self._trusts_ranges = trusts_ranges

    def clean(self, schema: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Return a schema without marks; limits of files (`x-fal`) stay where they stand."""
        kept = {key: value for key, value in schema.items() if key not in _DROPPED}
        if "properties" in kept:
            kept["properties"] = {
                name: self.clean(field, f"{path}.{name}".lstrip("."))
                for name, field in kept["properties"].items()
            }
        if isinstance(kept.get("items"), dict):
            kept["items"] = self.clean(kept["items"], f"{path}[]")
        for word in _PART_WORDS:
            if word in kept:
                kept[word] = [self.clean(part, path) for part in kept[word]]
        self._mend_default(kept, path)
        self._mend_number(kept, schema, path)
        if "x-default-from" in schema:
            self._notes.append(
                f"{path}: the default {canonical_json(schema.get('default'))} is that of "
                f"{schema['x-default-from']}; newer type definitions print another model's"
            )
        return kept

    def _mend_default(self, kept: dict[str, Any], path: str) -> None:
        if kept.get("type") == "boolean" and "default" not in kept:
            self._notes.append(f"{path}: no default is stated; generators leave out `false`")
        values = kept.get("enum")
        if "default" not in kept or not values or kept["default"] in (*values, None):
            return
        default = kept["default"]
        meant = [value for value in values if str(value) == str(default)]
        if meant:
            kept["default"] = meant[0]
            self._notes.append(f"{path}: the default was printed as {canonical_json(default)}")
        else:
            del kept["default"]
            said = canonical_json(default)
            self._notes.append(f"{path}: the stated default {said} is none of its values")

    def _mend_number(self, kept: dict[str, Any], schema: Mapping[str, Any], path: str) -> None:
        if schema.get("x-integer-inferred") and kept.get("type") == "integer":
            kept["type"] = "number"
            self._notes.append(f"{path}: whole numbers are inferred, any number is let through")
        if "x-range-from" not in schema:
            return
        bounds = {word: kept[word] for word in _BOUNDS if word in kept}
        said = canonical_json(bounds)
        if self._trusts_ranges:
            self._notes.append(f"{path}: the range {said} is that of the {schema['x-range-from']}")
        else:
            for word in bounds:
                del kept[word]
            self._notes.append(f"{path}: the range {said} may be another model's: not enforced")
