"""Where in a request files stand: top-level knobs, lists of them, and fields of nested objects."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fal_experiments.core.preset import InputKnobs, argument_name
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.order import Loc, MediumKind

_ADDRESS_NAME = re.compile(r"(?:^|_)urls?$")
_KIND_BY_WORD: tuple[tuple[str, MediumKind], ...] = (
    ("audio", "audio"),
    ("voice", "audio"),
    ("sound", "audio"),
    ("video", "video"),
    ("image", "image"),
    ("frame", "image"),
    ("mask", "image"),
)


@dataclass(frozen=True)
class Place:
    """One file of a request: where it stands, what is expected there, and within which limits."""

    loc: Loc
    value: Any
    kind: MediumKind
    limits: Mapping[str, Any]


def places_in(endpoint: CataloguedEndpoint, arguments: Mapping[str, Any]) -> list[Place]:
    """Return every place of a body that holds a file, in the order in which they stand.

    A place is one that the preset names, or one that the schema marks: with `x-fal`, as a URI, or
    by a name that ends in `_url`.
    """
    schema = endpoint.schema.input if endpoint.schema else {}
    roles = kinds_of(endpoint.preset.inputs)
    return list(_in_object(schema, arguments, roles, ()))


def kinds_of(knobs: InputKnobs) -> dict[str, MediumKind]:
    """Return what each argument takes that a preset names as an input."""
    roles: list[tuple[str | None, MediumKind]] = [
        (knobs.image, "image"),
        (knobs.last_frame, "image"),
        (knobs.references, "image"),
        (knobs.video, "video"),
        (knobs.audio, "audio"),
    ]
    if knobs.elements is not None:
        elements = knobs.elements
        roles += [(elements.image, "image"), (elements.references, "image")]
        roles += [(elements.video, "video")]
    return {argument_name(name): kind for name, kind in roles if name is not None}


def _in_object(
    schema: Mapping[str, Any], value: Mapping[str, Any], roles: Mapping[str, MediumKind], loc: Loc
) -> Iterator[Place]:
    properties = schema.get("properties", {})
    for name, item in value.items():
        yield from _in_value(properties.get(name, {}), item, roles, (*loc, name))


def _in_value(
    schema: Mapping[str, Any], value: Any, roles: Mapping[str, MediumKind], loc: Loc
) -> Iterator[Place]:
    name = next(part for part in reversed(loc) if isinstance(part, str))
    if isinstance(value, dict):
        yield from _in_object(schema, value, roles, loc)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _in_value(schema.get("items", {}), item, roles, (*loc, index))
    elif value is not None and _holds_a_file(schema, value, name, roles):
        yield Place(loc, value, roles.get(name) or _kind_by_name(name), schema.get("x-fal", {}))


def _holds_a_file(
    schema: Mapping[str, Any], value: Any, name: str, roles: Mapping[str, MediumKind]
) -> bool:
    if name in roles:
        return True
    is_marked = schema.get("format") == "uri" or "x-fal" in schema
    return isinstance(value, str) and (is_marked or bool(_ADDRESS_NAME.search(name)))


def _kind_by_name(name: str) -> MediumKind:
    return next((kind for word, kind in _KIND_BY_WORD if word in name), "other")
