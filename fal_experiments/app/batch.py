"""A batch folder, opened: its frozen plan, its state, and where its files go."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from fal_experiments.app.planning import Planned
from fal_experiments.core.fold import BatchState, settle_interrupted
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.plan import Cell, Plan
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage.assets import AttemptFolder
from fal_experiments.storage.atomic import write_bytes, write_text
from fal_experiments.storage.event_log import busy_batch, is_locked, read_batch_log, state_of
from fal_experiments.storage.layout import BatchFolder, Project, Tree, find_batch, find_project
from fal_experiments.storage.project_files import read_user_text


@dataclass(frozen=True)
class Batch:
    """One batch of a project."""

    project: Project
    tree: Tree
    folder: BatchFolder
    plan: Plan

    @property
    def name(self) -> str:
        """The batch's id: `<timestamp>-<slug>`."""
        return self.folder.name

    @property
    def is_sandbox(self) -> bool:
        """True when its folder is in the sandbox's tree."""
        return self.tree == self.project.tree(sandbox=True)

    @property
    def plan_sha256(self) -> str:
        """SHA-256 of the plan's canonical JSON."""
        return sha256_hex(canonical_json(self.plan.snapshot()))

    def attempt_folder(self, cell: Cell, number: int) -> AttemptFolder:
        """Return the files of one attempt; the clip may go to the matrix's `media_dir`."""
        folder = self.folder.attempt(cell.cell_id, number)
        return AttemptFolder(self.project, folder, self._media_stem(cell, number))

    def input_files(self) -> dict[str, Path]:
        """Return the batch's own copies of local inputs, by SHA-256."""
        return {
            image.sha256: self.folder.input(image.sha256, PurePosixPath(image.path).suffix)
            for image in self.plan.inputs
            if image.sha256 is not None and image.path is not None
        }

    def missing_files(self, state: BatchState) -> frozenset[str]:
        """Return the cells whose clip was stored, and is not where it was."""
        return frozenset(
            cell
            for cell, tries in state.attempts.items()
            if (asset := tries[-1].asset) is not None
            and not (self.project.root / asset.path).exists()
        )

    def _media_stem(self, cell: Cell, number: int) -> Path:
        media_dir = self.plan.spec.media_dir
        if media_dir is None:
            return self.folder.attempt(cell.cell_id, number) / "clip"
        run = re.sub(r"[^a-z0-9]+", "-", cell.run_label)
        again = f"-{number}" if number > 1 else ""
        name = f"{cell.at.prompt}--{cell.at.preset}--{run}--{cell.cell_id}{again}"
        return self.project.root / media_dir / self.name / name


def freeze(planned: Planned, tree: Tree, folder: BatchFolder) -> Batch:
    """Write what a resume needs: matrix, plan and copies of the inputs.

    Raises: BadInput when the disk refuses; nothing was submitted, and nothing half-written stays.
    """
    batch = Batch(planned.project, tree, folder, planned.plan)
    copies = batch.input_files()
    try:
        write_text(folder.matrix, planned.matrix_text)
        for sha256, copy in copies.items():
            write_bytes(copy, _same_content(planned.input_files[sha256], sha256))
        # the plan comes last: a folder that has one is a batch
        write_text(folder.plan, planned.plan.model_dump_json(indent=1) + "\n")
    except StorageFailed as exc:
        for path in (folder.matrix, *copies.values()):
            path.unlink(missing_ok=True)
        raise nothing_submitted(exc) from exc
    return batch


def _same_content(path: Path, sha256: str) -> bytes:
    """Return a file that must still be what the plan was made of."""
    data = path.read_bytes()
    if sha256_hex(data) != sha256:
        raise BadInput(f"{path} has changed since the plan was made; nothing was submitted")
    return data


def nothing_submitted(error: StorageFailed) -> BadInput:
    """Return what a disk that refuses means before the first submission: nothing is lost."""
    return BadInput(
        f"{error.message}; nothing was submitted",
        fix="free some space, make the folder writable for you, or run in another one",
    )


def open_batch(name: str, cwd: Path) -> Batch:
    """Return a batch by folder, name, end of its name, or `latest`. Raises: BadInput."""
    project = find_project(cwd)
    folder = find_batch(project, name)
    # a batch named by its folder may belong to another project than the working directory
    project = find_project(folder.path) if not folder.path.is_relative_to(project.root) else project
    shown = f"{folder.name}/plan.json"
    try:
        plan = Plan.model_validate_json(read_user_text(folder.plan, shown))
    except ValidationError as exc:
        first = exc.errors()[0]
        raise BadInput(
            f"{shown}: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            fix="the file was changed or is of another version; restore it from a copy",
        ) from exc
    sandbox = folder.path.parent == project.tree(sandbox=True).batches.resolve()
    return Batch(project, project.tree(sandbox=sandbox), folder, plan)


def refuse_busy(batch: Batch) -> None:
    """Refuse to work on a batch that another process works on. Raises: BadInput."""
    if is_locked(batch.folder):
        raise busy_batch(batch.folder)


def read_state(batch: Batch) -> tuple[BatchState, bool]:
    """Return the state of a batch without touching it, and whether a process works on it now.

    Without such a process, a submission that has no answer is an unknown one.
    """
    busy = is_locked(batch.folder)
    state = state_of(batch.folder, read_batch_log(batch.folder))
    if not busy:
        settle_interrupted(state)
    return state, busy
