"""The prompt library and its lint: what stands in `prompts/`, and what is unwise in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_advice import lint_matrix
from fal_experiments.core.prompt_findings import Finding, Remark, finding
from fal_experiments.core.prompt_lint import lint, lint_alone, unknown_dialects
from fal_experiments.core.prompt_places import places_in_markdown, places_in_matrix
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, find_project
from fal_experiments.storage.project_files import (
    MatrixFile,
    PresetShelf,
    inside_project,
    read_matrix_file,
    read_prompt,
    read_user_text,
)
from fal_experiments.storage.prompt_shelf import (
    PromptShelf,
    ShelvedPrompt,
    read_prompt_file,
    read_prompt_shelf,
)

MATRIX_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Located:
    """A finding with the prompt and the line that it is about."""

    prompt: str
    file: str
    line: int
    finding: Finding


@dataclass(frozen=True)
class Linted:
    """How many prompts were looked at, and all that was found in them."""

    prompts: int
    found: tuple[Located, ...]

    def count(self, level: str) -> int:
        """Return how many errors, or how many pieces of advice, there are."""
        return sum(located.finding.level == level for located in self.found)


def read_library(cwd: Path) -> PromptShelf:
    """Return the prompt library of the project of `cwd`, with the files that are no prompts."""
    return read_prompt_shelf(find_project(cwd))


def find_prompt(name: str, cwd: Path) -> ShelvedPrompt:
    """Return a prompt by its id or its file. Raises: BadInput; an unknown id names the nearest."""
    project = find_project(cwd)
    if name.endswith(".md"):
        return read_prompt_file(_path(project, cwd, name), name)
    shelf = read_prompt_shelf(project)
    found = [shelved for shelved in shelf.prompts if shelved.prompt.id == name]
    if len(found) > 1:
        raise BadInput(
            f"{name} is the id of {' and of '.join(one.places.file for one in found)}",
            fix="name the file",
        )
    if not found:
        ids = {shelved.prompt.id for shelved in shelf.prompts}
        raise BadInput(
            f"there is no prompt {name} below prompts/{nearest(name, ids)}",
            fix="`fal-exp prompts list` names them all; a file is named with its .md",
        )
    return found[0]


def read_presets(ids: Iterable[str], cwd: Path) -> list[tuple[Preset, EndpointSchema | None]]:
    """Return presets with the schemas of their endpoints. Raises: BadInput for an unknown one."""
    return _with_schemas(PresetShelf(find_project(cwd)), ids)


def lint_paths(names: Sequence[str], presets: Sequence[str], cwd: Path) -> Linted:
    """Return what is wrong or unwise in prompt files and matrices; without names, in the library.

    Args:
        names: files ending in .md, or matrices ending in .yaml.
        presets: who is told the files; nobody named: each text is read in its own idiom.

    Raises: BadInput for a named file that cannot be read. In the library such a file is an error
    among the findings, so that it hides no other.
    """
    project = find_project(cwd)
    shelf = PresetShelf(project)
    readers = _with_schemas(shelf, presets)
    everybody = [shelf.read(preset_id) for preset_id in shelf.ids()]
    if not names:
        return _lint_library(read_prompt_shelf(project), readers, everybody)
    count, found = 0, list[Located]()
    for name in names:
        path = _path(project, cwd, name)
        if name.endswith(MATRIX_SUFFIXES):
            one = _lint_matrix_file(project, shelf, read_matrix_file(path, name), everybody)
        else:
            one = Linted(1, _lint_shelved(read_prompt_file(path, name), readers, everybody))
        count += one.prompts
        found += one.found
    return Linted(count, tuple(found))


def _path(project: Project, cwd: Path, name: str) -> Path:
    here, from_root = cwd / name, project.root / name
    return from_root if not here.exists() and from_root.exists() else here


def _with_schemas(
    shelf: PresetShelf, ids: Iterable[str]
) -> list[tuple[Preset, EndpointSchema | None]]:
    presets = [shelf.read(preset_id) for preset_id in ids]
    return [(preset, shelf.schema(preset.endpoint)) for preset in presets]


def _lint_library(
    shelf: PromptShelf,
    readers: Sequence[tuple[Preset, EndpointSchema | None]],
    everybody: Sequence[Preset],
) -> Linted:
    found = [_unreadable(file, error) for file, error in shelf.unreadable]
    first: dict[str, str] = {}
    for shelved in shelf.prompts:
        found += _lint_shelved(shelved, readers, everybody)
        prompt, file = shelved.prompt, shelved.places.file
        if first.setdefault(prompt.id, file) != file:
            remark = Remark("same-id", f"{first[prompt.id]} has the id {prompt.id} too")
            found.append(Located(prompt.id, file, 1, finding(remark, "prompt")))
    return Linted(len(shelf.prompts) + len(shelf.unreadable), tuple(found))


def _unreadable(file: str, error: BadInput) -> Located:
    place = re.match(rf"{re.escape(file)}(?::(\d+))?: ", error.message)
    line = int(place[1]) if place and place[1] else 1
    said = error.message[place.end() :] if place else error.message
    fix = f" → {error.fix}" if error.fix else ""
    return Located(Path(file).stem, file, line, finding(Remark("unreadable", said + fix), "prompt"))


def _lint_shelved(
    shelved: ShelvedPrompt,
    readers: Sequence[tuple[Preset, EndpointSchema | None]],
    everybody: Sequence[Preset],
) -> tuple[Located, ...]:
    prompt, places = shelved
    stand_in = prompt.filled({name: name for name in prompt.variables})
    found = lint(stand_in, readers) if readers else lint_alone(prompt)
    return tuple(
        Located(prompt.id, places.file, places.line_of(one), one)
        for one in (*found, *unknown_dialects(prompt, everybody))
    )


def _lint_matrix_file(
    project: Project, shelf: PresetShelf, file: MatrixFile, everybody: Sequence[Preset]
) -> Linted:
    spec = file.spec
    presets = _with_schemas(shelf, spec.presets)
    located: list[Located] = []
    for index, shelved in enumerate(_prompts_of(project, spec, file)):
        prompt, places = shelved
        found = lint_matrix(spec, [prompt], presets).get(prompt.id, ())
        if spec.prompts[index].file is None:
            found += unknown_dialects(prompt, everybody)
        located += [Located(prompt.id, places.file, places.line_of(one), one) for one in found]
    return Linted(len(spec.prompts), tuple(located))


def _prompts_of(project: Project, spec: MatrixSpec, file: MatrixFile) -> list[ShelvedPrompt]:
    found = []
    for index, entry in enumerate(spec.prompts):
        prompt: Prompt = read_prompt(project, entry)
        if entry.file is None:
            places = places_in_matrix(file.document, file.text, index, prompt)
        else:
            text = read_user_text(inside_project(project, entry.file), entry.file)
            places = places_in_markdown(text, entry.file, prompt)
        found.append(ShelvedPrompt(prompt, places))
    return found
