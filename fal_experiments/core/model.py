"""What every record of the project has in common: frozen, exact about its fields and types."""

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)
from pydantic import ValidationError as ModelError

from fal_experiments.core.strict_yaml import Document
from fal_experiments.errors import BadInput

Whole = Annotated[int, Strict()]
"""An integer; neither `"5"` nor `true` nor 5.0 will do."""

Truth = Annotated[bool, Strict()]
"""true or false, nothing that merely looks like one."""


def worded(pattern: str, words: str) -> AfterValidator:
    """Return a check of text against a pattern that says in words what was expected."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f"{text!r} is not {words}")
        return text

    return AfterValidator(check)


_DEVICES = r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$))"
"""Names that Windows keeps for devices, whatever follows the first dot."""
_SLUG = rf"{_DEVICES}[a-z0-9][a-z0-9._-]{{0,63}}"
SLUG_WORDS = (
    "an id: lower-case letters, digits, `.`, `_` and `-`, at most 64, and no device such as con"
)
Slug = Annotated[
    str,
    worded(_SLUG, SLUG_WORDS),
    Field(json_schema_extra={"pattern": f"^{_SLUG}$"}),
]
"""An id that is also a safe file name on every system: `kling-v3-pro-i2v`, never `con`."""


def is_slug(text: str) -> bool:
    """Tell whether a text may be the id of a preset, a prompt or an input."""
    return re.fullmatch(_SLUG, text) is not None


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""Text that says something."""


def _plain_json(value: Any) -> Any:
    """Turn the loader's exact decimals into the floats that JSON on the wire has."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_json(item) for item in value]
    return value


Json = Annotated[Any, BeforeValidator(_plain_json)]
"""Any JSON value, kept exactly as it will be sent."""


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=BaseModel)

MAX_ERRORS_SHOWN = 8


def read_record(model: type[R], document: Document) -> R:
    """Return `document` as `model`.

    Raises: BadInput that lists each wrong field with file and line, what was expected, and the
    nearest field name where an unknown one was written.
    """
    if document.data is None:
        raise BadInput(f"{document.source}: the file is empty")
    if not isinstance(document.data, dict):
        raise BadInput(
            f"{document.where(())}: expected fields (`name: …`), found a "
            f"{type(document.data).__name__}"
        )
    try:
        return model.model_validate(document.data)
    except ModelError as exc:
        lines = [_explain(document, error, model) for error in exc.errors()]
        shown = list(dict.fromkeys(lines))[:MAX_ERRORS_SHOWN]
        more = len(dict.fromkeys(lines)) - len(shown)
        raise BadInput("\n".join(shown) + (f"\n… and {more} more" if more else "")) from exc


def nearest(word: str, known: list[str] | set[str]) -> str:
    """Return ` — did you mean “x”?` for the nearest known word, or nothing."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else ""


_PLAIN_WORDS = {
    "model_type": "expected fields, such as {id: walk, text: He walks.}",
    "dict_type": "expected fields, such as {name: value}",
    "string_type": "expected text",
    "decimal_type": "expected a number, such as 5",
    "decimal_parsing": "expected a number without a unit, such as 5",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "tuple_type": "expected a list, such as [a, b]",
    "list_type": "expected a list, such as [a, b]",
}


def _explain(document: Document, error: Any, model: type[BaseModel]) -> str:
    known = _field_names(model)
    path = _path_in_file(document, error["loc"])
    where = document.where(path)
    kind = error["type"]
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        hint = nearest(name, known - {name})
        if not hint and "axes" in model.model_fields:
            hint = f"; a model's own knob goes below axes: {{{name}: [{error.get('input')}]}}"
        return f"{where}: there is no such field{hint}"
    if kind == "literal_error" and isinstance(error.get("input"), str):
        choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        hint = nearest(error["input"], set(choices))
        return f"{where}: expected one of {', '.join(choices)}, found {error['input']!r}{hint}"
    if kind == "missing":
        return f"{where}: the field `{error['loc'][-1]}` is missing"
    if kind == "too_short":
        least, found = error["ctx"]["min_length"], error["ctx"]["actual_length"]
        return f"{where}: expected at least {least}, found {found or 'none'}"
    message = _PLAIN_WORDS.get(kind, error["msg"].removeprefix("Value error, "))
    found = error.get("input")
    shown = f", found {found!r}" if isinstance(found, str | int | float | bool | None) else ""
    if kind == "value_error":
        return f"{where}: {message}"
    return f"{where}: {message[:1].lower()}{message[1:]}{shown}"


def _path_in_file(document: Document, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the parts of a location that stand in the file, without names of union members."""
    path: tuple[str | int, ...] = ()
    for part in loc:
        if (*path, part) in document.lines:
            path = (*path, part)
    return path


def _field_names(model: type[BaseModel]) -> set[str]:
    schema = model.model_json_schema()
    names = set(schema.get("properties", {}))
    for definition in schema.get("$defs", {}).values():
        names |= set(definition.get("properties", {}))
    return names
