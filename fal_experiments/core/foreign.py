"""Reading what strangers wrote: JSON that may be anything, numbers, text for a terminal. Pure."""

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any

LEAST_EXPONENT, MOST_EXPONENT = -30, 9
"""A billion dollars a unit is no price but a broken answer."""
MAX_LEVELS = 100
"""Real answers nest ten levels."""


class FieldTwice(ValueError):
    """An object has a field twice: which of them holds cannot be told."""


def json_of(text: str, *, exact: bool = False, unique: bool = False) -> Any:
    """Return the JSON value of a text; None for what is none, or nested far too deep.

    NaN and infinities are not JSON; they become None, so that a paid result is not lost for one.
    Halves of surrogate pairs, which no file can hold, become replacement characters. `exact`: a
    price of 0.1 is Decimal("0.1"), not the nearest float.

    Raises: FieldTwice, where `unique` is asked for; else the last of two equal fields holds.
    """
    try:
        value = json.loads(
            text,
            parse_float=Decimal if exact else _finite,
            parse_constant=lambda _: None,
            object_pairs_hook=_once if unique else None,
        )
    except FieldTwice:
        raise
    except (ValueError, RecursionError):
        return None
    return _whole_text(value) if _is_shallow(value) else None


def exact_number(value: Any) -> Decimal | None:
    """Return an exact amount; None for nothing, no number, a negative or an absurd one.

    What is not understood is `not told`: it never becomes an amount.
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0:
        return None
    if number and not LEAST_EXPONENT < number.adjusted() < MOST_EXPONENT:
        return None
    return number


def plain_text(value: Any, max_chars: int = 2000) -> str:
    """Return text on one line that is safe to print: no escape sequence, no hidden direction mark.

    Anything but text, a number or a truth becomes the empty text.
    """
    if not isinstance(value, str | int | float | Decimal):
        return ""
    text = str(value)[: 4 * max_chars]
    words = "".join(char if char.isprintable() else " " for char in text).split()
    line = " ".join(words)
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FieldTwice(f"the field {plain_text(twice, 60)} stands twice in one object")
    return fields


def _is_shallow(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_LEVELS):
        inside = (node.values() if isinstance(node, dict) else node for node in level)
        level = [child for nodes in inside for child in nodes if isinstance(child, dict | list)]
        if not level:
            return True
    return False


def _whole_text(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_text(key): _whole_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_text(item) for item in value]
    return value


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
