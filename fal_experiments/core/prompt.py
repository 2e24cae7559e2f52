"""Prompts: text with an id, and the same direction in other models' idioms (dialects)."""

import re

from fal_experiments.core.matrix import PromptEntry, Task
from fal_experiments.core.model import Record, Slug, Text, read_record
from fal_experiments.core.preset import Preset
from fal_experiments.core.strict_yaml import Document, load
from fal_experiments.errors import BadInput

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


class Prompt(Record):
    """A prompt that is ready for use. `file` is its source, None if it stands in the matrix."""

    id: Slug
    text: Text
    task: Task | None = None
    dialects: dict[Slug, Text] = {}
    tags: tuple[Slug, ...] = ()
    file: str | None = None

    @property
    def origin(self) -> str:
        """Where it was written."""
        return self.file or "the matrix"

    def for_preset(self, preset: Preset) -> tuple[str, str | None]:
        """Return the text that `preset` gets, and the dialect's key (None for the plain text)."""
        for key in (preset.id, preset.family):
            if key in self.dialects:
                return self.dialects[key], key
        return self.text, None


class _FrontMatter(Record):
    id: Slug | None = None
    task: Task | None = None
    tags: tuple[Slug, ...] = ()
    dialects: dict[Slug, Text] = {}


def prompt_from_entry(entry: PromptEntry) -> Prompt:
    """Return a prompt that is written in the matrix itself."""
    if entry.id is None or entry.text is None:
        raise ValueError("an entry without text names a file; read that with prompt_from_markdown")
    return Prompt(id=entry.id, text=entry.text, task=entry.task, dialects=entry.dialects)


def prompt_from_markdown(text: str, source: str, *, entry_id: str | None = None) -> Prompt:
    """Return the prompt of a library file: optional front matter between `---`, then the text.

    Args:
        text: the file's text.
        source: its path from the project root; its stem is the id where none is given.
        entry_id: the id that the matrix gives, which wins.

    Raises: BadInput naming file and line.
    """
    text = text.replace("\r\n", "\n").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    found = _FRONT_MATTER.match(text)
    if text.startswith("---\n") and found is None:
        raise BadInput(f"{source}:1: the front matter has no end", fix="close it with a line ---")
    document = load(found[1], source, first_line=2) if found else None
    body = text[found.end() :] if found else text
    head = (
        read_record(_FrontMatter, document)
        if document is not None and document.data is not None
        else _FrontMatter()
    )
    if not body.strip():
        raise BadInput(f"{source}: there is no prompt text below the front matter")
    stem = source.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".md")
    data = {"id": entry_id or head.id or stem, "text": body, "file": source}
    return read_record(
        Prompt,
        Document(
            source=source,
            data={**head.model_dump(exclude={"id"}), **data},
            lines=document.lines if document else {(): 1},
        ),
    )
