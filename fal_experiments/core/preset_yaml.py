"""The fields of a preset as YAML for people: one line a control, quotes only where needed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput

BLOCKS = ("arguments", "controls")
"""Fields with a line for each of their own fields."""
LINE_CHARS = 100


def preset_yaml(fields: Mapping[str, Any], remarks: Sequence[str] = ()) -> str:
    """Return the text of a preset file, with what is still to be decided as comments on top."""
    lines = [f"# TODO {remark}" for remark in remarks]
    for name, value in fields.items():
        if name in {"arguments", "controls", "seed", "price", "facts"}:
            lines.append("")
        lines += _field(name, value)
    return "\n".join(lines).lstrip("\n") + "\n"


def _field(name: str, value: Any) -> Iterator[str]:
    is_long = name == "inputs" and len(_flow(value)) > LINE_CHARS - len(name)
    if (name in BLOCKS or is_long) and value:
        yield f"{name}:"
        for key, item in value.items():
            yield from _entry(key, item, "  ")
    elif name == "price" and isinstance(value, dict):
        yield from _price(value)
    elif name == "facts" and value:
        yield f"{name}:"
        for key, fact in value.items():
            yield f"  {key}:"
            for part, text in fact.items():
                yield f"    {part}: {_scalar(text)}"
    else:
        yield f"{name}: {_scalar(value)}"


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    line = f"{indent}{key}: {_scalar(value)}"
    choices = value.get("choices") if isinstance(value, dict) else None
    if len(line) <= LINE_CHARS or not choices:
        yield line
        return
    yield f"{indent}{key}:"
    for name, item in value.items():
        if name != "choices" or not any(isinstance(choice, dict) for choice in item):
            yield f"{indent}  {name}: {_flow(item)}"
        else:
            yield f"{indent}  {name}:"
            yield from (f"{indent}    - {_flow(choice)}" for choice in item)


def _price(price: Mapping[str, Any]) -> Iterator[str]:
    yield "price:"
    for name, value in price.items():
        if name == "rules":
            yield "  rules:"
            yield from (f"    - {_flow(rule)}" for rule in value)
        else:
            yield f"  {name}: {_scalar(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _text(value) if isinstance(value, str) else _scalar(value)


def _text(text: str) -> str:
    """Return text as it stands between braces: plain where the loader reads it as the same."""
    return text if _reads_as(f"{{a: {text}, b: [{text}]}}", {"a": text, "b": [text]}) else _q(text)


def _scalar(value: Any) -> str:
    """Return a value as it stands at the end of a line."""
    if isinstance(value, str):
        return value if _reads_as(f"a: {value}", {"a": value}) else _q(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list | tuple):
        return _flow(value)
    return json.dumps(value)


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _reads_as(yaml: str, data: Any) -> bool:
    try:
        return bool(load(yaml, "").data == data)
    except BadInput:
        return False
