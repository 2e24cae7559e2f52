"""Where in a file each text of a prompt stands, so that a finding can name its line."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_findings import Finding
from fal_experiments.core.strict_yaml import Document, KeyPath, load

_FENCE = "---"


class Places(NamedTuple):
    """A file, and the line at which each text of one prompt begins."""

    file: str
    text: str
    first_line: int
    """Where the prompt itself begins."""
    lines: Mapping[str, int]
    """By `where` of a finding: `text`, `dialects.kling`, `shots[0]`."""

    def line_of(self, found: Finding) -> int:
        """Return the line of the words that a finding is about, or of the text that has them."""
        start = self.lines.get(found.where, self.first_line)
        words = found.quote.split()
        if not words:
            return start
        after = self.text.split("\n")[start - 1 :]
        pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
        match = pattern.search("\n".join(after))
        return start if match is None else start + match.string.count("\n", 0, match.start())


def places_in_markdown(text: str, source: str, prompt: Prompt) -> Places:
    """Return the places of a prompt that is a file of the library."""
    rows = [row.rstrip() for row in text.split("\n")]
    end = rows.index(_FENCE, 1) if rows[0] == _FENCE and _FENCE in rows[1:] else -1
    lines = {"text": next((n for n, row in enumerate(rows, 1) if n > end + 1 and row), 1)}
    if end > 0 and (prompt.dialects or prompt.shots):
        front = load("\n".join(rows[1:end]), source, first_line=2)
        lines |= _lines(front, (), prompt)
    return Places(source, text, lines["text"] if prompt.text else 1, lines)


def places_in_matrix(document: Document, text: str, index: int, prompt: Prompt) -> Places:
    """Return the places of a prompt that stands in a matrix, as entry `index` of its prompts."""
    entry: KeyPath = ("prompts", index)
    lines = {"text": document.line_of((*entry, "text"))} | _lines(document, entry, prompt)
    return Places(document.source, text, document.line_of(entry), lines)


def _lines(document: Document, entry: KeyPath, prompt: Prompt) -> dict[str, int]:
    found = {
        f"dialects.{key}": document.line_of((*entry, "dialects", key)) for key in prompt.dialects
    }
    found |= {
        f"shots[{n}]": document.line_of((*entry, "shots", n, "text"))
        for n in range(len(prompt.shots))
    }
    return found | ({"shots": document.line_of((*entry, "shots"))} if prompt.shots else {})
