"""Prompts: text with an id, and the same direction in other models' idioms (dialects)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from fal_experiments.core.entries import PromptEntry, Shot, Task
from fal_experiments.core.idioms import dialect_keys
from fal_experiments.core.model import Record, Slug, Text, read_record
from fal_experiments.core.preset import Preset, ShotKnobs
from fal_experiments.core.strict_yaml import Document, load
from fal_experiments.errors import BadInput

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


class Worded(NamedTuple):
    """What one preset is told: text, or shots in place of it."""

    text: str
    """As a person reads it; of shots, one line each."""
    dialect: str | None
    """The key under which it stands in the prompt; None: the plain text."""
    shots: tuple[Shot, ...] = ()


class Prompt(Record):
    """A prompt that is ready for use. `file` is its source, None if it stands in the matrix."""

    id: Slug
    text: Text | None = None
    task: Task | None = None
    dialects: dict[Slug, Text] = {}
    shots: tuple[Shot, ...] = ()
    tags: tuple[Slug, ...] = ()
    inputs: tuple[Slug, ...] | None = None
    file: str | None = None

    @property
    def origin(self) -> str:
        """Where it was written."""
        return self.file or "the matrix"

    @property
    def plain_text(self) -> str:
        """The text, or its shots where there is none."""
        return self.text if self.text is not None else shots_text(self.shots)

    @property
    def whole_text(self) -> str:
        """The text, and its shots below it."""
        parts = [self.text, shots_text(self.shots) if self.shots else None]
        return "\n".join(part for part in parts if part is not None)

    @property
    def variables(self) -> frozenset[str]:
        """The names that stand in `{{ … }}` anywhere in it."""
        return frozenset(name for text in self.texts for name in _VARIABLE.findall(text))

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text in it: its own, those of dialects and of shots."""
        return (self.text or "", *self.dialects.values(), *(shot.text for shot in self.shots))

    def for_preset(self, preset: Preset) -> Worded | None:
        """Return what `preset` gets; None when it has only shots and the model takes none.

        A dialect is looked for by preset id, by the idiom that the preset names, by its family and
        by the idiom of that.
        """
        if self.shots and preset.inputs.shots is not None:
            return Worded(shots_text(self.shots), None, self.shots)
        for key in dialect_keys(preset):
            if key in self.dialects:
                return Worded(self.dialects[key], key)
        return None if self.text is None else Worded(self.text, None)

    def filled(self, values: Mapping[str, str]) -> "Prompt":
        """Return the prompt with its variables replaced. Raises: KeyError for one without value."""
        if not self.variables:
            return self

        def fill(text: str) -> str:
            return _VARIABLE.sub(lambda found: values[found[1]], text)

        return self.model_copy(
            update={
                "text": None if self.text is None else fill(self.text),
                "dialects": {key: fill(text) for key, text in self.dialects.items()},
                "shots": tuple(s.model_copy(update={"text": fill(s.text)}) for s in self.shots),
            }
        )


def shot_argument(shot: Shot, knobs: ShotKnobs) -> dict[str, str]:
    """Return a shot as an element of the list that the model takes."""
    length = {} if knobs.duration is None else {knobs.duration: f"{shot.duration.normalize():f}"}
    return {knobs.text: shot.text, **length}


def shots_text(shots: tuple[Shot, ...]) -> str:
    """Return shots as text for people: `[5 s] She turns.`, a line each."""
    return "\n".join(f"[{shot.duration.normalize():f} s] {shot.text}" for shot in shots)


class _FrontMatter(Record):
    id: Slug | None = None
    task: Task | None = None
    tags: tuple[Slug, ...] = ()
    dialects: dict[Slug, Text] = {}
    shots: tuple[Shot, ...] = ()


def prompt_from_entry(entry: PromptEntry) -> Prompt:
    """Return a prompt that is written in the matrix itself."""
    if entry.id is None or entry.file is not None:
        raise ValueError("an entry of a file is read with prompt_from_markdown")
    return Prompt.model_validate(entry.model_dump(exclude={"file"}))


def prompt_from_markdown(text: str, source: str, entry: PromptEntry | None = None) -> Prompt:
    """Return the prompt of a library file: optional front matter between `---`, then the text.

    Args:
        text: the file's text.
        source: its path from the project root; its stem is the id where none is given.
        entry: the matrix's entry for it, whose id wins, and whose inputs it is paired with.

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
    if not body.strip() and not head.shots:
        raise BadInput(f"{source}: there is no prompt text below the front matter")
    stem = source.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".md")
    given_id, inputs = (entry.id, entry.inputs) if entry else (None, None)
    data = {
        "id": given_id or head.id or stem,
        "text": body if body.strip() else None,
        "inputs": inputs,
        "file": source,
    }
    return read_record(
        Prompt,
        Document(
            source=source,
            data={**head.model_dump(exclude={"id"}), **data},
            lines=document.lines if document else {(): 1},
        ),
    )
