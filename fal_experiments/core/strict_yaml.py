"""YAML text to plain data, refusing what YAML 1.1 silently turns into something else.

PyYAML reads an unquoted `16:9` as 969, `no` as False, `007` as 7 and keeps the last of two equal
keys. In a file that spends money each of these is an error with a line number. Numbers with a
fraction become `Decimal`, so that `12.50` stays 12.50.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn

import yaml

from fal_experiments.errors import BadInput

KeyPath = tuple[str | int, ...]

MAX_CHARS = 2_000_000
MAX_DEPTH = 40

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,3})?")
_CLOCK = re.compile(r"[-+]?[0-9]+(:[0-9]+)+(\.[0-9]*)?")
_ODD_NUMBER = re.compile(
    r"[-+]?(0[0-9_]+|0[xXoObB][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*"
    r"|\.[0-9]+|[0-9]+\.|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|\.(inf|Inf|INF|nan|NaN|NAN))"
)
_YES_NO = {"yes", "no", "on", "off", "y", "n"}
_CONSTANTS: dict[str, bool | None] = {
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "false": False,
}
# libyaml where the wheel has it: it reads events without recursion, so that depth is ours to limit.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """Parsed data with the line of every value, for messages that point at the file."""

    source: str
    data: Any
    lines: Mapping[KeyPath, int] = field(repr=False)

    def line_of(self, path: KeyPath) -> int:
        """Return the 1-based line of the value at `path`, or of its nearest known parent."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def where(self, path: KeyPath) -> str:
        """Return `file:line: dotted.path[0]` for a message."""
        label = path_label(path)
        return f"{self.source}:{self.line_of(path)}" + (f": {label}" if label else "")


def path_label(path: KeyPath) -> str:
    """Return a place in a file as people write it: `price.rules[0].usd`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


def load(text: str, source: str, *, first_line: int = 1) -> Document:
    """Parse one YAML document.

    Args:
        text: the file's text.
        source: its name as a person would write it, for messages.
        first_line: line number of the text's first line (front matter starts at line 2).

    Raises: BadInput naming file and line, and how to write the value instead.
    """
    if len(text) > MAX_CHARS:
        raise BadInput(f"{source}: {len(text):,} characters; the limit is {MAX_CHARS:,}")
    try:
        return _Builder(source, first_line).build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + first_line if mark else first_line
        raise BadInput(
            f"{source}:{line}: not valid YAML: {exc.problem or exc.context}",
            fix="check indentation, quotes and colons on this line and the one above it",
        ) from exc
    except yaml.reader.ReaderError as exc:
        raise BadInput(
            f"{source}: not readable as YAML: {exc.reason}", fix="save it as plain UTF-8 text"
        ) from exc


class _Builder:
    """Turns the parser's events into data; an explicit stack keeps hostile depth harmless."""

    def __init__(self, source: str, first_line: int) -> None:
        self.source = source
        self.first_line = first_line
        self.lines: dict[KeyPath, int] = {}

    def build(self, events: Iterator[Any]) -> Document:
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document begins here", "keep one per file")
            elif isinstance(event, yaml.NodeEvent):
                data = self._value(event, events, ())
        return Document(source=self.source, data=data, lines=self.lines)

    def _value(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        self.lines.setdefault(path, event.start_mark.line + self.first_line)
        if len(path) > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "anchors and aliases (& and *) are not read", "repeat the value")
        if getattr(event, "tag", None) not in {None, "!"}:
            self._refuse(event, f"the tag {event.tag} is not read", "leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return self._scalar(event)

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                return items
            items.append(self._value(event, events, (*path, len(items))))
        raise AssertionError("libyaml closes every sequence that it opens")

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[str, Any]:
        items: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return items
            key = self._key(event)
            if key in items:
                before = self.lines[(*path, key)]
                self._refuse(
                    event, f"the key {key!r} stands here and on line {before}", "keep one of them"
                )
            self.lines[(*path, key)] = event.start_mark.line + self.first_line
            items[key] = self._value(next(events), events, (*path, key))
        raise AssertionError("libyaml closes every mapping that it opens")

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(event, "a key must be plain text", "quote it, or use a list")
        value = self._scalar(event)
        if not isinstance(value, str):
            self._refuse(event, f"the key {event.value} is not text", f'write "{event.value}":')
        return value

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # quoted, or a block: it is text
            return text
        if text.lower() in _YES_NO:
            self._refuse(
                event,
                f"{text} could mean a word or a truth",
                f'write true or false, or "{text}" for the word',
            )
        if _CLOCK.fullmatch(text):
            self._refuse(event, f"unquoted {text} is a number to other readers", f'write "{text}"')
        if _INT.fullmatch(text):
            return int(text) if len(text) <= 20 else self._refuse(event, "too large", "quote it")
        if _DECIMAL.fullmatch(text):
            return self._decimal(event, text)
        if _ODD_NUMBER.fullmatch(text):
            self._refuse(
                event,
                f"{text} is read differently by different tools",
                f'write a plain decimal number, or "{text}" for text',
            )
        lowered = text.lower()
        if lowered in _CONSTANTS and text in {lowered, lowered.capitalize(), lowered.upper()}:
            return _CONSTANTS[lowered]
        return text

    def _decimal(self, event: Any, text: str) -> Decimal:
        number = Decimal(text)
        if not math.isfinite(float(number)) or bool(float(number)) != bool(number):
            self._refuse(
                event, f"{text} is out of the range of numbers", f'quote it if it is text: "{text}"'
            )
        return number

    def _refuse(self, event: Any, what: str, fix: str) -> NoReturn:
        line = event.start_mark.line + self.first_line
        raise BadInput(f"{self.source}:{line}: {what}", fix=fix)
