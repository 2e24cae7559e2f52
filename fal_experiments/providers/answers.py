"""Reading what a service said: JSON that may be anything, numbers that may be nonsense. Pure."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

LEAST_EXPONENT, MOST_EXPONENT = -30, 9
"""A billion units, or dollars a unit, is no amount but a broken answer."""


def json_of(text: str, *, exact: bool = False) -> Any:
    """Return the JSON value of an answer; None for text that is none, or far too deep.

    Halves of surrogate pairs, which no file can hold, become replacement characters. `exact`: a
    price of 0.1 is Decimal("0.1"), not the nearest float.
    """
    try:
        return _whole_text(json.loads(text, parse_float=Decimal if exact else float))
    except (ValueError, RecursionError):
        return None


def exact_number(value: Any) -> Decimal | None:
    """Return an exact number; None for nothing, no number, a negative or an absurd one.

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


def _whole_text(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole_text(key): _whole_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_text(item) for item in value]
    return value
