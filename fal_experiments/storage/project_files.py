"""Reading what people write: matrices, presets, schema snapshots, prompts."""

import re
import stat
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.core.aliases import Alias, alias_of, read_aliases
from fal_experiments.core.entries import PromptEntry
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.matrix_file import read_matrix
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset, read_preset
from fal_experiments.core.preset_check_facts import fact_faults
from fal_experiments.core.preset_meant import endpoint_for_preset, unknown_preset
from fal_experiments.core.prompt import Prompt, prompt_from_entry, prompt_from_markdown
from fal_experiments.core.schema import EndpointSchema, read_schema, refusal, schema_file_name
from fal_experiments.core.strict_yaml import Document, load
from fal_experiments.errors import BadInput
from fal_experiments.storage.bundled import bundled_presets
from fal_experiments.storage.layout import Project

_LINE = r"""(?:^|[{{,]\s*)["']?{}["']?:\s*["']?([^\s"',}}]+)"""
_SNAPSHOT_FIX = "mend it, or make it again with `fal-exp presets import`"
MAX_TEXT_BYTES = 100 * 2**20
"""The largest plan (10,000 cells with long prompts) is a tenth of this."""


def read_user_text(path: Path, shown: str) -> str:
    """Return a text file that a person wrote.

    Raises: BadInput when it is missing, a folder, unreadable, or not UTF-8.
    """
    try:
        _refuse_odd_file(path, shown)
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        beside = {p.name for p in path.parent.iterdir()} if path.parent.is_dir() else set()
        raise BadInput(
            f"{shown}: there is no such file{nearest(path.name, beside)}",
            fix=f"it was looked for at {path}",
        ) from None
    except IsADirectoryError:
        raise BadInput(f"{shown}: this is a folder, a file was expected") from None
    except UnicodeDecodeError as exc:
        raise BadInput(
            f"{shown}: not UTF-8 text (byte {exc.start})", fix="save it as UTF-8"
        ) from None
    except OSError as exc:
        raise BadInput(f"{shown}: cannot be read: {exc.strerror}") from exc


def _refuse_odd_file(path: Path, shown: str) -> None:
    """Refuse what would never end, or never begin. Raises: BadInput, OSError."""
    about = path.stat()
    if stat.S_ISFIFO(about.st_mode) or stat.S_ISSOCK(about.st_mode) or stat.S_ISCHR(about.st_mode):
        raise BadInput(f"{shown}: not a regular file", fix="save it as a file first")
    if about.st_size > MAX_TEXT_BYTES:
        raise BadInput(f"{shown}: more than {MAX_TEXT_BYTES:,} bytes, which nobody writes by hand")


class MatrixFile(NamedTuple):
    """A matrix, the text it was read from, and where in it each value stands."""

    spec: MatrixSpec
    text: str
    document: Document


def read_matrix_file(path: Path, shown: str) -> MatrixFile:
    """Return a matrix. Raises: BadInput with file and line."""
    text = read_user_text(path, shown)
    document = load(text, shown)
    return MatrixFile(read_matrix(document), text, document)


def read_prompt(project: Project, entry: PromptEntry) -> Prompt:
    """Return a prompt of a matrix, from its file where it has one. Raises: BadInput."""
    if entry.file is None:
        return prompt_from_entry(entry)
    text = read_user_text(inside_project(project, entry.file), entry.file)
    return prompt_from_markdown(text, entry.file, entry)


def inside_project(project: Project, written: str) -> Path:
    """Return the path of a file that a matrix names, which must lie inside the project.

    Raises: BadInput. A matrix that reads files from elsewhere would not run on another machine.
    """
    path = (project.root / written).resolve()
    if not path.is_relative_to(project.root.resolve()):
        raise BadInput(
            f"{written} lies outside the project {project.root}",
            fix="copy it into the project and name it from the project's root",
        )
    return path


class PresetShelf:
    """Presets by id: the project's own first, then those that come with the program."""

    def __init__(self, project: Project) -> None:
        places = ((project.presets, "presets"), (bundled_presets(), "bundled presets"))
        is_own = places[0][0].resolve() == places[1][0].resolve()
        self._folders = places[:1] if is_own else places

    def ids(self) -> list[str]:
        """Return every preset id, sorted."""
        found = {p.stem for folder, _ in self._folders for p in folder.glob("[!.]*.yaml")}
        return sorted(found)

    def read(self, preset_id: str) -> Preset:
        """Return a preset.

        Raises: BadInput. An id that is an endpoint's, or widely copied and wrong, is told which
        preset is meant; any other one the nearest.
        """
        return read_preset(self._document(preset_id), file_stem=preset_id)

    def _document(self, preset_id: str) -> Document:
        place = self._place(preset_id)
        if place is None:
            raise self._unknown(preset_id)
        path, name = place
        return load(read_user_text(path, name), name)

    def source(self, preset_id: str) -> Path:
        """Return the file of a preset. Raises: BadInput."""
        place = self._place(preset_id)
        if place is None:
            raise self._unknown(preset_id)
        return place[0]

    def has(self, preset_id: str) -> bool:
        """Tell whether there is a preset of this id."""
        return self._place(preset_id) is not None

    def of_endpoint(self, endpoint: str) -> list[str]:
        """Return the ids of the presets of an endpoint, without reading them whole."""
        return self._ids_by_endpoint.get(endpoint, [])

    def endpoints(self) -> list[str]:
        """Return the endpoint of every preset, sorted."""
        return sorted(self._ids_by_endpoint)

    def alias(self, name: str) -> Alias | None:
        """Return what is true of an id that is widely copied, None where it is not known."""
        return alias_of(name, self.aliases)

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """Every alias: the project's own first. Raises: BadInput for a damaged file."""
        found: list[Alias] = []
        for folder, shown in self._folders:
            for path in sorted((folder / "aliases").glob("*.yaml")):
                name = f"{shown}/aliases/{path.name}"
                found += read_aliases(load(read_user_text(path, name), name))
        return tuple(found)

    @cached_property
    def _ids_by_endpoint(self) -> dict[str, list[str]]:
        return self._ids_by("endpoint")

    @cached_property
    def _families(self) -> frozenset[str]:
        return frozenset(self._ids_by("family"))

    def _ids_by(self, field: str) -> dict[str, list[str]]:
        """Return the ids by a field's value, each file's line found without reading it whole."""
        pattern = re.compile(_LINE.format(field), re.MULTILINE)
        found: dict[str, list[str]] = {}
        for preset_id in self.ids():
            place = self._place(preset_id)
            try:
                line = pattern.search(read_user_text(*place)) if place else None
            except BadInput:  # whoever reads this one is told; the others are not kept from it
                continue
            if line is not None:
                found.setdefault(line[1], []).append(preset_id)
        return found

    def _place(self, preset_id: str) -> tuple[Path, str] | None:
        """Return the file of a preset and its name for messages. An id is no path."""
        if "/" in preset_id or "\\" in preset_id:
            return None
        for folder, shown in self._folders:
            path = folder / f"{preset_id}.yaml"
            if path.is_file():
                return path, f"{shown}/{path.name}"
        return None

    def _unknown(self, name: str) -> BadInput:
        ids = self.of_endpoint(name)
        if ids:
            return endpoint_for_preset(name, [self.read(preset_id) for preset_id in ids])
        prefixed = f"fal-ai/{name}"
        for other in (prefixed, name.removeprefix("fal-ai/")):
            if other != name and self.of_endpoint(other):
                how = "needs the prefix" if other == prefixed else "has no prefix"
                return BadInput(
                    f"{name} is no endpoint: {other} {how} fal-ai/",
                    fix=f"write {' or '.join(self.of_endpoint(other))}",
                )
        alias = self.alias(name)
        if alias is not None:
            return BadInput(f"{name} is no preset: {alias.truth}", fix=alias.advice)
        known = set(self.ids()) | (set(self._ids_by_endpoint) if "/" in name else set())
        return unknown_preset(name, known, self._families)

    def schema(self, endpoint: str) -> EndpointSchema | None:
        """Return the snapshot of an endpoint's schema, None where there is none.

        Raises: BadInput for a snapshot that is damaged or of another endpoint.
        """
        for folder, shown in self._folders:
            path = folder / "schemas" / schema_file_name(endpoint)
            if not path.is_file():
                continue
            name = f"{shown}/schemas/{path.name}"
            try:
                schema = read_schema(read_user_text(path, name))
            except ValidationError as exc:
                raise BadInput(f"{name}: {refusal(exc)}", fix=_SNAPSHOT_FIX) from exc
            if schema.endpoint != endpoint:
                raise BadInput(f"{name}: is of {schema.endpoint}, expected {endpoint}")
            return schema
        return None

    def read_checked(self, preset_id: str) -> Preset:
        """Return a preset that its endpoint's schema bears out: arguments, price rules, output.

        Raises: BadInput with file and line.
        """
        document = self._document(preset_id)
        preset = read_preset(document, file_stem=preset_id)
        schema = self.schema(preset.endpoint)
        if schema is None:
            return preset
        wrong = [
            f"{document.where(('arguments', name))}: {words.removeprefix(f'{name}: ')}"
            for words in schema.violations(preset.arguments)
            if (name := words.split(":")[0].split(".")[0]) in preset.arguments
        ]
        wrong += [f"{document.where(f.path)}: {f.words}" for f in fact_faults(preset, schema)]
        if wrong:
            raise BadInput("\n".join(wrong), fix=f"the endpoint's schema is of {schema.as_of}")
        return preset
