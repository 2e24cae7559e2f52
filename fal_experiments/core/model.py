"""What every record of the project has in common: frozen, exact about its fields and types."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, get_args

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


class WrongValue(ValueError):
    """A value that a field refuses, how to mend it, and where below the field it stands."""

    def __init__(self, message: str, *, fix: str = "", path: tuple[str | int, ...] = ()) -> None:
        self.fix = fix
        self.path = path
        super().__init__(message)


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
        raise _refusal(document, _causes(exc.errors()), model) from exc


def nearest(word: str, known: Iterable[str], *, most: int = 1) -> str:
    """Return `; did you mean x?` for the nearest known words, or nothing."""
    found = get_close_matches(word, sorted(known), n=most, cutoff=0.5)
    return f"; did you mean {listed(found)}?" if found else ""


def listed(words: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join([part for part in (", ".join(words[:-1]), *words[-1:]) if part])


def _causes(errors: Sequence[Any]) -> list[Any]:
    """Return the errors without those that only follow: a list is short of what it refused."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(
            len(p) > len(error["loc"]) and p[: len(error["loc"])] == error["loc"] for p in places
        )
    ]


def _refusal(document: Document, errors: Sequence[Any], model: type[BaseModel]) -> BadInput:
    """Return the error that lists each wrong field; one alone has its mend below it."""
    said: dict[str, str] = {}
    for error in errors:
        cause = error.get("ctx", {}).get("error")
        said[_explain(document, error, model)] = getattr(cause, "fix", "")
    if len(said) == 1:
        ((line, fix),) = said.items()
        return BadInput(line, fix=fix)
    lines = [f"{line}; {fix}" if fix else line for line, fix in said.items()]
    more = len(lines) - MAX_ERRORS_SHOWN
    return BadInput(
        "\n".join(lines[:MAX_ERRORS_SHOWN]) + (f"\n… and {more} more" if more > 0 else "")
    )


_SYNONYMS = {
    "sound": "audio",
    "generate_audio": "audio",
    "generate_sound": "audio",
    "length": "duration",
    "seconds": "duration",
    "size": "resolution",
    "ratio": "aspect_ratio",
    "seed": "seeds",
    "prompt": "prompts",
    "preset": "presets",
    "model": "presets",
    "models": "presets",
    "input": "inputs",
    "variables": "vars",
}
"""What people write for a field, where the place has that field."""
_PLAIN_WORDS = {
    "model_type": "expected fields, such as {id: walk, text: He walks.}",
    "dict_type": "expected fields, such as {name: value}",
    "string_type": "expected text",
    "string_too_short": "expected text that says something",
    "decimal_type": "expected a number, such as 5",
    "decimal_parsing": "expected a number without a unit, such as 5",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "tuple_type": "expected a list, such as [a, b]",
    "list_type": "expected a list, such as [a, b]",
}


def _explain(document: Document, error: Any, model: type[BaseModel]) -> str:
    cause = error.get("ctx", {}).get("error")
    path = _path_in_file(document, (*error["loc"], *getattr(cause, "path", ())))
    where = document.where(path)
    kind = error["type"]
    if kind == "extra_forbidden":
        return f"{where}: there is no such field{_meant(error, model)}"
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
    found = float(found) if isinstance(found, Decimal) else found
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


def _meant(error: Any, model: type[BaseModel]) -> str:
    """Return which field of its place an unknown one is meant to be, or which there are."""
    *above, name = error["loc"]
    known = _fields_at(model, above)
    if _SYNONYMS.get(name) in known:
        return f"; did you mean {_SYNONYMS[name]}?"
    hint = nearest(str(name), known)
    if hint:
        return hint
    if "axes" in model.model_fields and above in ([], ["hold"]):
        return f"; a model's own knob goes below axes: {{{name}: [{error.get('input')}]}}"
    return f"; the fields here are {', '.join(sorted(known))}"


def _fields_at(model: type[BaseModel], loc: Sequence[str | int]) -> set[str]:
    """Return the fields of the record in which a location stands; of all where several may be."""
    here = [model]
    for part in loc:
        chosen = [record for record in here if record.__name__ == part]
        fields = [f for record in here if (f := record.model_fields.get(str(part))) is not None]
        here = chosen or [r for field in fields for r in _records_in(field.annotation)] or here
    return {name for record in here for name in record.model_fields}


def _records_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the records that a field holds: `tuple[Shot, ...]` holds Shot."""
    parts = get_args(annotation)
    if parts:
        return [record for part in parts for record in _records_in(part)]
    is_record = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return [annotation] if is_record else []
