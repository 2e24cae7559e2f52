"""A matrix file, read: what no single field can say of itself is checked here, with its line."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from fal_experiments.core.json_values import same_json
from fal_experiments.core.matrix import HOLD_KEYS, Hold, MatrixSpec
from fal_experiments.core.model import nearest, read_record
from fal_experiments.core.strict_yaml import Document, KeyPath
from fal_experiments.errors import BadInput

SELECTORS = ("preset", "prompt", "input", "seed", "repeat")
"""What an exclude rule can name beside axes and variables."""
NAMES_TAKEN = {*SELECTORS, "task"}


def read_matrix(document: Document) -> MatrixSpec:
    """Return the matrix in a parsed file.

    Raises: BadInput with file and line for wrong fields, duplicate ids, axes that are held too,
    exclude rules that name nothing of the matrix.
    """
    spec = read_record(MatrixSpec, document)
    _refuse_twice(document, "presets", spec.presets)
    _refuse_twice(document, "inputs", [entry.id for entry in spec.inputs])
    _refuse_twice(document, "prompts", [entry.id for entry in spec.prompts if entry.id])
    for name, values in spec.axes.items():
        _check_axis(document, spec, name, values)
    _check_pairs(document, spec)
    _check_vars(document, spec)
    _check_selectors(document, spec)
    _check_media_dir(document, spec)
    return spec


def _check_axis(document: Document, spec: MatrixSpec, name: str, values: tuple[Any, ...]) -> None:
    where = document.where(("axes", name))
    if name in NAMES_TAKEN:
        raise BadInput(f"{where}: {name} has a field of its own", fix=f"use {name}s: …")
    if name in spec.hold.stated():
        raise BadInput(
            f"{where}: {name} is held and varied at once", fix="keep it in hold or in axes"
        )
    _refuse_equal(where, values)
    if name in HOLD_KEYS:
        for index, value in enumerate(values):
            _check_held(document, ("axes", name, index), name, value)


def _check_held(document: Document, path: KeyPath, name: str, value: Any) -> None:
    """Check one value of an axis as if it were held. Raises: BadInput with the axis's place."""
    where, line = document.where(path), document.line_of(path)
    if value is None:
        raise BadInput(
            f"{where}: null is no {name}",
            fix="leave the value out; a matrix without this axis leaves it to the model",
        )
    exact = Decimal(str(value)) if isinstance(value, float) else value
    alone = Document(source=document.source, data={name: exact}, lines={(): line, (name,): line})
    try:
        read_record(Hold, alone)
    except BadInput as exc:
        said = exc.message.removeprefix(f"{alone.where((name,))}: ")
        raise BadInput(f"{where}: {said}", fix=exc.fix) from exc


def _refuse_equal(where: str, values: tuple[Any, ...]) -> None:
    for index, value in enumerate(values):
        if any(same_json(value, other) for other in values[:index]):
            raise BadInput(f"{where}: a value stands twice", fix="use repeats to run it again")


def _check_pairs(document: Document, spec: MatrixSpec) -> None:
    known = {entry.id for entry in spec.inputs}
    for index, prompt in enumerate(spec.prompts):
        for nth, name in enumerate(prompt.inputs or ()):
            if name not in known:
                raise BadInput(
                    f"{document.where(('prompts', index, 'inputs', nth))}: there is no input "
                    f"{name}{nearest(name, known)}",
                    fix="name an id of inputs",
                )


def _check_vars(document: Document, spec: MatrixSpec) -> None:
    for name, values in spec.vars.items():
        where = document.where(("vars", name))
        if name in NAMES_TAKEN or name in spec.axes or name in HOLD_KEYS:
            raise BadInput(f"{where}: the name {name} is taken", fix="give it another name")
        _refuse_equal(where, values)
        for index, value in enumerate(values):
            _check_filling(document.where(("vars", name, index)), value)


def _check_filling(where: str, value: str) -> None:
    """Refuse what would leave a prompt empty, or with braces in it. Raises: BadInput."""
    if not value.strip():
        raise BadInput(f"{where}: expected text, found none", fix="drop the value")
    if "{{" in value or "}}" in value:
        raise BadInput(
            f"{where}: a value is put into the prompt as it is, and {value!r} has braces",
            fix="write the words themselves, or the other variable into the prompt",
        )


def _check_selectors(document: Document, spec: MatrixSpec) -> None:
    known = [*SELECTORS, *spec.axes, *spec.vars]
    for index, rule in enumerate(spec.exclude):
        for name in rule.match:
            if name not in known:
                raise BadInput(
                    f"{document.where(('exclude', index, name))}: there is no {name} to select by"
                    f"{nearest(name, known)}",
                    fix=f"a rule names {', '.join(known)}",
                )


def _check_media_dir(document: Document, spec: MatrixSpec) -> None:
    folder = spec.media_dir
    if folder is None:
        return
    parts = re.split(r"[\\/]", folder)
    if ".." in parts or folder.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:", folder):
        raise BadInput(
            f"{document.where(('media_dir',))}: {folder} leads out of the project",
            fix="name a folder below the project root",
        )


def _refuse_twice(document: Document, field: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if name in seen:
            raise BadInput(
                f"{document.where((field, index))}: the id {name} stands twice",
                fix="give each its own id, or use repeats to run it again",
            )
        seen.add(name)
