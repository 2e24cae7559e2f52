"""Matrix file → plan: reads everything that a matrix names, and expands it."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Literal

from fal_experiments.app import wiring
from fal_experiments.core.budget import check_budget
from fal_experiments.core.expand import expand
from fal_experiments.core.matrix import InputEntry, MatrixSpec
from fal_experiments.core.plan import InputImage, Plan
from fal_experiments.core.sense import Materials
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, find_project
from fal_experiments.storage.project_files import (
    PresetShelf,
    inside_project,
    read_matrix_file,
    read_prompts,
)


@dataclasses.dataclass(frozen=True)
class Planned:
    """A plan, the text of its matrix, and where its local inputs are, by SHA-256."""

    project: Project
    plan: Plan
    matrix_text: str
    input_files: dict[str, Path]


def make_plan(matrix: str, cwd: Path, *, max_usd: Decimal | None = None) -> Planned:
    """Return the plan of a matrix file. Nothing is sent and nothing is written.

    Args:
        matrix: path from `cwd`, or from the project root.
        max_usd: a lower cap than the matrix's; a higher one is refused.

    Raises: BadInput for anything that is wrong in any of the files.
    """
    project = find_project(cwd)
    path = cwd / matrix
    if not path.exists() and (project.root / matrix).exists():
        path = project.root / matrix
    spec, text = read_matrix_file(path, matrix)
    spec = _lowered(spec, max_usd)
    prompts = read_prompts(project, spec)
    shelf = PresetShelf(project)
    presets = shelf.read_checked(spec.presets)
    schemas = {p.endpoint: s for p in presets.values() if (s := shelf.schema(p.endpoint))}
    images, files = _read_inputs(project, spec.inputs)
    plan = expand(spec, Materials(prompts, tuple(presets.values()), schemas, images))
    check_budget(plan)
    return Planned(project, plan, text, files)


def _lowered(spec: MatrixSpec, max_usd: Decimal | None) -> MatrixSpec:
    if max_usd is None:
        return spec
    own = spec.budget.max_usd
    if own is not None and max_usd > own:
        raise BadInput(
            f"--max-usd {max_usd} is above the matrix's own budget.max_usd {own}",
            fix="raise it in the matrix, where the next person sees it too",
        )
    budget = spec.budget.model_copy(update={"max_usd": max_usd})
    return spec.model_copy(update={"budget": budget})


def _read_inputs(
    project: Project, entries: Sequence[InputEntry]
) -> tuple[list[InputImage], dict[str, Path]]:
    images: list[InputImage] = []
    files: dict[str, Path] = {}
    for entry in entries:
        written: dict[Literal["image", "last_frame"], str | None] = {
            "image": entry.image,
            "last_frame": entry.last_frame,
        }
        for role, where in written.items():
            if where is None:
                continue
            image = _read_input(project, entry.id, role, where)
            images.append(image)
            if image.sha256 is not None:
                files[image.sha256] = project.root / where
    return images, files


def _read_input(
    project: Project, input_id: str, role: Literal["image", "last_frame"], where: str
) -> InputImage:
    if "://" in where or where.startswith("data:"):
        if not where.startswith(("https://", "http://")):
            raise BadInput(f"inputs.{input_id}: {where[:60]} is neither a path nor an http(s) URL")
        return InputImage(id=input_id, role=role, url=where)
    path = inside_project(project, where, f"inputs.{input_id}")
    shown = PurePosixPath(where.replace("\\", "/")).as_posix()
    return wiring.read_input_image(path, input_id, role, shown)
