"""What all commands print with: results on stdout, everything else on stderr."""

import contextlib
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

GAP = "  "
MIN_COLUMN_CHARS = 8


def json_option(command: F) -> F:
    """Add `--json` to a command."""
    text = "One JSON document on stdout."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def emit_json(data: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


def note(text: str) -> None:
    """Tell a person something that is not the command's result."""
    with contextlib.suppress(BrokenPipeError):  # nobody reads any more: nobody is left to be told
        click.echo(text, err=True)


@contextlib.contextmanager
def reader_may_go() -> Iterator[None]:
    """Print for a reader who may stop reading, as `head` does: the rest is left unsaid."""
    try:
        yield
    except BrokenPipeError:
        fall_silent()


def fall_silent() -> None:
    """Print nothing from here on, not even what waits to be printed."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(silence, stream.fileno())


def heading(text: str) -> None:
    """Print the name of what follows."""
    click.secho(text, bold=True)


def print_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: str = "", whole: str = ""
) -> None:
    """Print a table that fits the terminal, long cells on several lines; nothing is cut.

    The first of several columns is what a person copies, so it stays on one line, even where the
    table is then too wide.

    Args:
        right: names of columns, separated by spaces, whose text is set flush right.
        whole: names of further columns whose cells are never broken.
    """
    columns = list(zip(head, *rows, strict=True))
    kept = set(whole.split()) | (set(head[:1]) if len(head) > 1 else set())
    widths = [max(map(_width, column)) for column in columns]
    if sys.stdout.isatty():
        loose = [index for index, name in enumerate(head) if name not in kept]
        words = [max(map(_longest_word, column)) for column in columns]
        room = shutil.get_terminal_size().columns - len(GAP) * (len(head) - 1)
        _shrink(widths, room, {index: words[index] for index in loose})
        _shrink(widths, room, dict.fromkeys(loose, MIN_COLUMN_CHARS))
    flush = set(right.split())
    first, *rest = [_lines(row, widths, [name in flush for name in head]) for row in (head, *rows)]
    click.secho(first, bold=True)
    click.echo("\n".join(rest))


def print_text(text: str) -> None:
    """Print a text that fits the terminal."""
    lines = _wrap(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else [text]
    click.echo("\n".join(lines))


def print_lines(rows: Sequence[tuple[str, str]]) -> None:
    """Print names with what they say beside them, long texts on several lines."""
    label = max(_width(name) for name, _ in rows)
    room = shutil.get_terminal_size().columns - label - 2 * len(GAP)
    for name, text in rows:
        lines = _wrap(text, max(room, MIN_COLUMN_CHARS)) if sys.stdout.isatty() else [text]
        for index, line in enumerate(lines):
            shown = click.style(name, dim=True) if index == 0 else ""
            pad = " " * (label - (_width(name) if index == 0 else 0))
            click.echo(f"{GAP}{shown}{pad}{GAP}{line}")


def _shrink(widths: list[int], room: int, least: Mapping[int, int]) -> None:
    """Take from the widest column until the table fits; a column without a least stays."""
    while sum(widths) > room:
        left = [index for index in least if widths[index] > least[index]]
        if not left:
            return
        widths[max(left, key=lambda index: widths[index])] -= 1


def _longest_word(text: str) -> int:
    return max(map(_width, text.split()), default=0)


def _lines(row: Sequence[str], widths: Sequence[int], flush: Sequence[bool]) -> str:
    """Return a row as text, as many lines high as its highest cell."""
    columns = [_wrap(text, width) for text, width in zip(row, widths, strict=True)]
    lines = []
    for parts in zip_longest(*columns, fillvalue=""):
        cells = []
        for text, width, right in zip(parts, widths, flush, strict=True):
            pad = " " * (width - _width(text))
            cells.append(pad + text if right else text + pad)
        lines.append(GAP.join(cells).rstrip())
    return "\n".join(lines)


def _wrap(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` columns, broken at spaces where there are any."""
    lines, line = [], ""
    for word in re.findall(r"\S+\s*|\s+", text):
        rest = word
        if line and _width(line + rest.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while _width(rest.rstrip()) > width:
            fit = next(n for n in range(len(rest), 0, -1) if _width(rest[:n]) <= width)
            fit = max(rest.rfind(sign, 0, fit) for sign in "-/") + 1 or fit
            lines.append(rest[:fit])
            rest = rest[fit:]
        line += rest
    return [*lines, line.rstrip()] if line or not lines else lines


def _width(text: str) -> int:
    """Return the columns that text takes: two for East Asian wide signs, none for accents."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
