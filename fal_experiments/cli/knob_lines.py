"""Knobs of an endpoint as a table, as compact JSON, and as lines for a matrix's `axes`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fal_experiments.cli.console import print_table
from fal_experiments.core.control_kinds import spelled_out
from fal_experiments.core.foreign import plain_text
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.knobs import Knob, knobs_of

COMMENT_COLUMN = 44
AXES_HEAD = (
    "# Lines for a matrix. Leave out what hold, prompts, inputs or seeds set; one value is no axis."
)
COUNTED = {"duration", "fps"}
YAML_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def knob_table(schema: Mapping[str, Any]) -> None:
    """Print one line a knob: name, type, default, what it takes."""
    rows = [
        [
            plain_text(knob.path),
            "required" if knob.required else "",
            plain_text(knob.type),
            plain_text(knob.default_label()),
            plain_text(knob.allowed_label()),
        ]
        for knob in knobs_of(schema)
    ]
    print_table(["knob", "", "type", "default", "takes"], rows or [["–"] * 5])


def compact_knobs(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return knob → type, default, values, range, required, limits; nested ones by path."""
    return {knob.path: knob.compact() for knob in knobs_of(schema)}


def axes_lines(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield YAML that can be pasted into a matrix; knobs without known values are comments."""
    yield AXES_HEAD
    yield "axes:"
    for knob in knobs_of(schema):
        values = _suggested(knob)
        is_plain = knob.path.isidentifier() and knob.path not in YAML_WORDS
        if values and is_plain:
            line = f"  {knob.path}: [{', '.join(map(_yaml_value, values))}]"
        else:
            line = f"  # {plain_text(knob.path)}"
        yield f"{line:<{COMMENT_COLUMN}}  # {_comment(knob)}"


def _suggested(knob: Knob) -> list[Any]:
    """Return the values of an axis: all that are listed, both truths, else the default."""
    if knob.path in COUNTED:  # a key of hold: seconds and frames, not the model's own words
        choices = spelled_out(knob.path, {"choices": list(knob.values)})["choices"]
        meant = [choice["means"] if isinstance(choice, dict) else choice for choice in choices]
        return [value for value in meant if isinstance(value, int | float)]
    if knob.values:
        return list(knob.values)
    if knob.type == "boolean":
        return [True, False]
    return [knob.default] if knob.has_default and knob.default is not None else []


def _yaml_value(value: Any) -> str:
    """Return a value as JSON, which YAML reads too; signs that nobody sees are spelled out."""
    text = canonical_json(value)
    return text if text.isprintable() else json.dumps(value)


def _comment(knob: Knob) -> str:
    parts = [knob.type, "required" if knob.required else ""]
    if knob.has_default and knob.default is not None:
        parts.append(f"default {knob.default_label()}")
    allowed = knob.model_copy(update={"values": ()}).allowed_label()
    parts.append("" if allowed == "–" else allowed)
    return plain_text(", ".join(part for part in parts if part), 200)
