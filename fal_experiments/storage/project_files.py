"""Reading what people write: matrices, presets, schema snapshots, prompts."""

import stat
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.core.entries import PromptEntry
from fal_experiments.core.matrix import MatrixSpec, read_matrix
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset, read_preset
from fal_experiments.core.prompt import Prompt, prompt_from_entry, prompt_from_markdown
from fal_experiments.core.schema import EndpointSchema, read_schema, schema_file_name
from fal_experiments.core.strict_yaml import Document, load
from fal_experiments.errors import BadInput
from fal_experiments.storage.bundled import bundled_presets
from fal_experiments.storage.layout import Project

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
        self._folders = [(project.presets, "presets"), (bundled_presets(), "bundled presets")]

    def ids(self) -> list[str]:
        """Return every preset id, sorted."""
        found = {p.stem for folder, _ in self._folders for p in folder.glob("*.yaml")}
        return sorted(found)

    def read(self, preset_id: str) -> Preset:
        """Return a preset. Raises: BadInput; an unknown id names the nearest one."""
        for folder, shown in self._folders:
            path = folder / f"{preset_id}.yaml"
            if path.is_file():
                name = f"{shown}/{path.name}"
                return read_preset(load(read_user_text(path, name), name), file_stem=preset_id)
        raise BadInput(
            f"there is no preset {preset_id}{nearest(preset_id, self.ids())}",
            fix="`fal-exp presets list` names them all",
        )

    def source(self, preset_id: str) -> Path:
        """Return the file of a preset. Raises: BadInput."""
        self.read(preset_id)
        paths = (folder / f"{preset_id}.yaml" for folder, _ in self._folders)
        return next(path for path in paths if path.is_file())

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
                first = exc.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise BadInput(f"{name}: {where}: {first['msg']}") from exc
            if schema.endpoint != endpoint:
                raise BadInput(f"{name}: is of {schema.endpoint}, expected {endpoint}")
            return schema
        return None

    def read_checked(self, preset_id: str) -> Preset:
        """Return a preset whose own arguments pass its endpoint's schema. Raises: BadInput."""
        preset = self.read(preset_id)
        schema = self.schema(preset.endpoint)
        refused = schema.violations(preset.arguments) if schema else ()
        wrong = [v for v in refused if v.split(":")[0].split(".")[0] in preset.arguments]
        if schema is not None and wrong:
            raise BadInput(
                f"{self.source(preset.id)}: arguments: {'; '.join(wrong)}",
                fix=f"the endpoint's schema is of {schema.as_of}",
            )
        return preset
