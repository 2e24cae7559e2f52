"""Matrix file → plan: reads everything that a matrix names, and expands it."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.evidence import read_evidence
from fal_experiments.core.budget import check_budget
from fal_experiments.core.expand import expand
from fal_experiments.core.inputs import InputFile
from fal_experiments.core.levers import Replan
from fal_experiments.core.matrix import MatrixSpec
from fal_experiments.core.narrow import narrowed
from fal_experiments.core.plan import Plan
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.schema import is_web_address
from fal_experiments.core.sense import Materials
from fal_experiments.core.strict_yaml import Document
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, find_project
from fal_experiments.storage.project_files import (
    MatrixFile,
    PresetShelf,
    inside_project,
    read_matrix_file,
    read_prompt,
)


@dataclasses.dataclass(frozen=True)
class Planned:
    """A plan, the text of its matrix, and where its local inputs are, by SHA-256."""

    project: Project
    plan: Plan
    matrix_text: str
    input_files: dict[str, Path]
    replan: Replan | None = None
    """Plans another matrix with the same materials; None for cells of a batch."""


class PlanWishes(NamedTuple):
    """What a person wants beside what the matrix says."""

    max_usd: Decimal | None = None
    """A lower cap than the matrix's; a higher one is refused."""
    probe_seeds: bool = False
    """One cell of each preset that is sent seeds runs twice."""
    sandbox: bool = False
    """Estimates rest on what the sandbox's own batches have cost, not on what real ones have."""


NO_WISHES = PlanWishes()


def make_plan(
    matrix: str,
    cwd: Path,
    wishes: PlanWishes = NO_WISHES,
    *,
    may_run: bool = True,
    cells: Sequence[str] = (),
) -> Planned:
    """Return the plan of a matrix file. Nothing is sent and nothing is written.

    Args:
        matrix: path from `cwd`, or from the project root.
        wishes: what beside the matrix decides.
        may_run: refuse a plan that the budget cannot even begin; else it is only looked at.
        cells: ids, or beginnings of them, of the only cells that are asked for; all where empty.

    Raises: BadInput for anything that is wrong in any of the files, with file and line.
    """
    project = find_project(cwd)
    file = read_matrix_file(matrix_path(project, cwd, matrix), matrix)
    spec = lowered(file.spec, wishes.max_usd)
    prompts = _read_prompts(project, file)
    shelf = PresetShelf(project)
    presets = _read_presets(shelf, file)
    schemas = {p.endpoint: s for p in presets if (s := shelf.schema(p.endpoint))}
    inputs, files = _read_inputs(project, file)
    evidence = read_evidence(project, sandbox=wishes.sandbox)
    with blaming(file.document):
        materials = Materials(prompts, presets, schemas, inputs, evidence)
        replan = partial(expand, materials=materials, probe_seeds=wishes.probe_seeds)
        plan = replan(spec)
    plan = narrowed(plan, cells, matrix) if cells else plan
    with blaming(file.document):
        if may_run:
            check_budget(plan)
    return Planned(project, plan, file.text, files, None if cells else replan)


def matrix_path(project: Project, cwd: Path, matrix: str) -> Path:
    """Return where a matrix is that a person named, from `cwd` or from the project root."""
    path = cwd / matrix
    return project.root / matrix if not path.exists() and (project.root / matrix).exists() else path


def budget_trouble(planned: Planned) -> BadInput | None:
    """Return why the budget would refuse a run of a plan, None where it would not."""
    try:
        check_budget(planned.plan)
    except BadInput as exc:
        return exc
    return None


@contextmanager
def blaming(document: Document, *path: str | int) -> Iterator[None]:
    """Put the place in the matrix before the message of what is wrong there."""
    try:
        yield
    except BadInput as exc:
        place = exc.path or path
        where = document.where(place) if place else document.source
        raise BadInput(f"{where}: {exc.message}", fix=exc.fix) from exc


def lowered(spec: MatrixSpec, max_usd: Decimal | None) -> MatrixSpec:
    """Return a matrix with a lower cap. Raises: BadInput for a higher one than its own."""
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


def _read_prompts(project: Project, file: MatrixFile) -> list[Prompt]:
    prompts: dict[str, Prompt] = {}
    for index, entry in enumerate(file.spec.prompts):
        with blaming(file.document, "prompts", index):
            prompt = read_prompt(project, entry)
            if prompt.id in prompts:
                raise BadInput(
                    f"the id {prompt.id} stands twice ({prompts[prompt.id].origin} and "
                    f"{prompt.origin})",
                    fix="give one of them another id",
                )
        prompts[prompt.id] = prompt
    return list(prompts.values())


def _read_presets(shelf: PresetShelf, file: MatrixFile) -> list[Preset]:
    presets: list[Preset] = []
    wrong: list[BadInput] = []
    for index, preset_id in enumerate(file.spec.presets):
        try:
            with blaming(file.document, "presets", index):
                presets.append(shelf.read_checked(preset_id))
        except BadInput as exc:
            wrong.append(exc)
    if len(wrong) > 1:
        raise BadInput("\n".join(f"{exc.message} → {exc.fix}" for exc in wrong))
    if wrong:
        raise wrong[0]
    return presets


def _read_inputs(project: Project, file: MatrixFile) -> tuple[list[InputFile], dict[str, Path]]:
    found: list[InputFile] = []
    paths: dict[str, Path] = {}
    for index, entry in enumerate(file.spec.inputs):
        for role, where in entry.files().items():
            place = (int(part) if part.isdecimal() else part for part in role.split("."))
            with blaming(file.document, "inputs", index, *place):
                one = _read_input(project, entry.id, role, where)
            found.append(one)
            if one.sha256 is not None:
                paths[one.sha256] = project.root / where
    return found, paths


def _read_input(project: Project, input_id: str, role: str, where: str) -> InputFile:
    if "://" in where or where.startswith("data:"):
        if not is_web_address(where):
            raise BadInput(
                f"{where[:60]} is neither a path nor an http(s) address",
                fix="write https://host/file, or the path of a file in the project",
            )
        return InputFile(id=input_id, role=role, url=where)
    path = inside_project(project, where)
    return wiring.read_input_file(path, input_id, role, where.replace("\\", "/"))
