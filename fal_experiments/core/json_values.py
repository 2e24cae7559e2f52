"""JSON values as people write them: equal by type and value, and never the tool's own mark."""

from typing import Annotated, Any

from pydantic import AfterValidator

from fal_experiments.core.model import Json
from fal_experiments.core.schema import INPUT_REF


def same_json(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal: 5 is 5.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)


def _no_mark(value: Any) -> Any:
    if _has_mark(value):
        raise ValueError(
            f"{INPUT_REF} stands for a file that the program uploads, and only it may write that; "
            "a file of yours goes below inputs, an address is written as it is"
        )
    return value


def _has_mark(value: Any) -> bool:
    if isinstance(value, dict):
        return INPUT_REF in value or any(map(_has_mark, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_mark, value))


OwnJson = Annotated[Json, AfterValidator(_no_mark)]
"""Any JSON value that a person gives to a knob."""
