"""Text in Markdown that stays text, whatever it holds, and tables and links that it cannot break.

For CommonMark with the tables and automatic links of GitHub.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from fal_experiments.core.hrefs import is_local_href

_MARKS = re.compile(r"([\\`*_\[\]<>|#&~]|\$(?!\d))")
"""An amount such as $5 stays as it is; `$x$` would be a formula."""
_SCHEME = re.compile(r"(?<=:)(?=//)")
_WWW = re.compile(r"(?<=www)(?=\.)", re.IGNORECASE)
_NOT_IN_HREFS = {" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "|": "%7C"}


def plain(text: str) -> str:
    """Return text on one line, without markup, HTML, table cells or links of its own."""
    flat = _MARKS.sub(r"\\\1", " ".join(text.split()))
    # a bare address would become a link by itself
    return _WWW.sub(r"\\", _SCHEME.sub(r"\\", flat))


def code(text: str) -> str:
    """Return text on one line, letter by letter as it is, in backticks; nothing for no text.

    In a table a pipe must be escaped in code too.
    """
    flat = " ".join(text.split()).replace("|", "\\|")
    if not flat:
        return ""
    fence = _fence(flat, least=1)
    space = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{space}{flat}{space}{fence}"


def block(text: str) -> list[str]:
    """Return text as it is, on lines of its own."""
    fence = _fence(text, least=3)
    return [f"{fence}text", *text.splitlines(), fence]


def link(label: str, href: str | None) -> str:
    """Return a link to a file beside the document; for one that leads elsewhere only its label."""
    if href is None or not is_local_href(href):
        return plain(label)
    return f"[{plain(label)}]({_href(href)})"


def picture(label: str, href: str | None) -> str:
    """Return an image beside the document; nothing for one that lies elsewhere."""
    if href is None or not is_local_href(href):
        return ""
    return f"![{plain(label)}]({_href(href)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; its cells are Markdown already."""
    lines = (f"| {' | '.join(row)} |" for row in chain((head, ["---"] * len(head)), rows))
    return list(lines)


def _href(href: str) -> str:
    return "".join(_NOT_IN_HREFS.get(sign, sign) for sign in href if sign.isprintable())


def _fence(text: str, *, least: int) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
