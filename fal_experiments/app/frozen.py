"""Cells of a batch made once more, from the batch's own frozen plan and copies of its inputs."""

from collections.abc import Sequence
from pathlib import Path

from fal_experiments.app.batch import Batch, open_batch
from fal_experiments.app.planning import (
    NO_WISHES,
    Planned,
    PlanWishes,
    blaming,
    lowered,
    make_plan,
    matrix_path,
)
from fal_experiments.core.budget import check_budget
from fal_experiments.core.changes import Changes
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.narrow import narrowed
from fal_experiments.core.plan import Plan
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project, find_project
from fal_experiments.storage.project_files import PresetShelf, read_matrix_file, read_prompt


def plan_cells(
    matrix: str,
    cwd: Path,
    cells: Sequence[str],
    wishes: PlanWishes = NO_WISHES,
    *,
    may_run: bool = True,
) -> Planned:
    """Return the plan of some cells of a matrix file.

    A cell's id says what is sent, byte for byte. The matrix that a batch has kept may lead to other
    bytes by now, since a prompt file or a preset was edited; so its cells come from the plan that
    the batch has kept beside it, and what has changed since is among the warnings. The cap is that
    of the matrix file.

    Raises: BadInput, as `make_plan`, and for an id that no cell has or that fits several.
    """
    path = matrix_path(find_project(cwd), cwd, matrix)
    if path.name != "matrix.yaml" or not path.with_name("plan.json").is_file():
        return make_plan(matrix, cwd, wishes, may_run=may_run, cells=cells)
    batch = open_batch(str(path.parent), cwd)
    file = read_matrix_file(path, matrix)
    plan = narrowed(batch.plan, cells, matrix)
    spec = plan.spec.model_copy(update={"budget": file.spec.budget})
    warnings = (*plan.warnings, *_warnings(changes_since(batch.project, plan)))
    plan = plan.model_copy(update={"spec": lowered(spec, wishes.max_usd), "warnings": warnings})
    with blaming(file.document):
        if may_run:
            check_budget(plan)
    return Planned(batch.project, plan, file.text, batch.input_files())


def _warnings(changes: Changes) -> list[str]:
    names = dict.fromkeys(name for part in changes for name in part.values())
    return [
        f"{name} is not what it was when the batch was planned; the batch's own copy is used"
        for name in names
    ]


def changes_of(batch: Batch) -> Changes:
    """Return which files of the project are not what a batch was planned from."""
    return changes_since(batch.project, batch.plan)


def changes_since(project: Project, plan: Plan) -> Changes:
    """Return which files are not what a plan was made of. What cannot be read has changed too."""
    return Changes(
        prompts=_changed_prompts(project, plan),
        presets=_changed_presets(project, plan),
        inputs={
            file.sha256: file.path
            for file in plan.inputs
            if file.sha256 and file.path and _sha256(project.root / file.path) != file.sha256
        },
    )


def _changed_prompts(project: Project, plan: Plan) -> dict[str, str]:
    changed: dict[str, str] = {}
    entries = {entry.file.replace("\\", "/"): entry for entry in plan.spec.prompts if entry.file}
    for prompt in plan.prompts:
        entry = entries.get((prompt.file or "").replace("\\", "/"))
        if entry is None or prompt.file is None:
            continue
        try:
            same = read_prompt(project, entry) == prompt
        except BadInput:
            same = False
        if not same:
            changed[prompt.id] = prompt.file
    return changed


def _changed_presets(project: Project, plan: Plan) -> dict[str, str]:
    shelf, changed = PresetShelf(project), {}
    for name, use in plan.presets.items():
        try:
            if shelf.read(name) != use.preset:
                changed[name] = f"preset {name}"
                continue
            schema = shelf.schema(use.preset.endpoint)
        except BadInput:
            changed[name] = f"preset {name}"
            continue
        stamp = use.checked_against.sha256 if use.checked_against else None
        if (schema.sha256 if schema else None) != stamp:
            changed[name] = f"the schema of {use.preset.endpoint}"
    return changed


def _sha256(path: Path) -> str | None:
    try:
        return sha256_hex(path.read_bytes())
    except OSError:
        return None
