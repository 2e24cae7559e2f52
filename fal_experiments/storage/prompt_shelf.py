"""The prompt library of a project: the Markdown files below `prompts/`, save those of batches."""

import re
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.prompt import Prompt, prompt_from_markdown
from fal_experiments.core.prompt_places import Places, places_in_markdown
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import read_user_text

_OF_A_BATCH = re.compile(r"\d{8}T\d{6}Z-.+-prompts\.md")
_NO_PROMPTS = {"readme.md"}


class ShelvedPrompt(NamedTuple):
    """A prompt of the library, and where its texts stand."""

    prompt: Prompt
    places: Places


class Unreadable(NamedTuple):
    """A file of the library that is no prompt, and why."""

    file: str
    error: BadInput


class PromptShelf(NamedTuple):
    """The whole library. One bad file does not hide the others."""

    prompts: tuple[ShelvedPrompt, ...]
    unreadable: tuple[Unreadable, ...]


def read_prompt_shelf(project: Project) -> PromptShelf:
    """Return every prompt below `prompts/`, sorted by file name."""
    folder = project.tree(sandbox=False).prompts
    prompts, unreadable = [], []
    for path in sorted(folder.rglob("*.md"), key=lambda path: path.with_suffix("")):
        if _OF_A_BATCH.fullmatch(path.name) or path.name.lower() in _NO_PROMPTS:
            continue
        shown = project.relative(path)
        try:
            prompts.append(read_prompt_file(path, shown))
        except BadInput as exc:
            unreadable.append(Unreadable(shown, exc))
    return PromptShelf(tuple(prompts), tuple(unreadable))


def read_prompt_file(path: Path, shown: str) -> ShelvedPrompt:
    """Return the prompt of one file. Raises: BadInput with file and line."""
    text = read_user_text(path, shown)
    prompt = prompt_from_markdown(text, shown)
    return ShelvedPrompt(prompt, places_in_markdown(text, shown, prompt))
