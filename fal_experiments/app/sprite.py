"""Sprites of one clip or of the clips of a batch: what is made, where it goes, what is kept."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app.batch import Batch
from fal_experiments.core.fold import BatchState
from fal_experiments.core.plan import Cell
from fal_experiments.core.sense import SPRITE_TAG
from fal_experiments.core.sprite import SPRITE_FOLDER, SpriteOrder, SpriteRecord, colour_of
from fal_experiments.errors import BadInput
from fal_experiments.media.sprite.jobs import (
    SpriteJob,
    is_in_the_way,
    made_before,
    make_sprites,
)
from fal_experiments.media.sprite.plate import Plate, make_plate
from fal_experiments.storage.atomic import write_bytes

Progress = Callable[[int, int], None]


class Made(NamedTuple):
    """A sprite, or why there is none, and the folder that it lies in."""

    label: str
    folder: Path
    record: SpriteRecord


class Wish(NamedTuple):
    """Which clips of a batch are meant, and where their sprites go."""

    cells: Sequence[str] = ()
    """Beginnings of cell ids; without any, those of prompts that are tagged `sprite`."""
    take_all: bool = False
    out: Path | None = None
    """A folder for each cell is made in it; None: each goes beside its clip."""


def sprite_of_clip(clip: Path, anchor: Path | None, out: Path | None, order: SpriteOrder) -> Made:
    """Make the sprite of a clip, or find that it was made before.

    Without `out` it goes to a folder beside the clip: `sprite` for the clip of an attempt,
    `NAME-sprite` for any other. Raises: BadInput when the clip or the anchor cannot be read, or
    when other files lie where the sprite is to go.
    """
    name = SPRITE_FOLDER if clip.stem == "clip" else f"{clip.stem}-{SPRITE_FOLDER}"
    job = SpriteJob(clip.name, clip, anchor, out or clip.parent / name, _blank(clip, anchor, order))
    record = made_before(job)
    if record is None:
        if is_in_the_way(job):
            raise BadInput(
                _in_the_way(job.folder), fix="choose another folder with --out, or remove this one"
            )
        ((_, record),) = make_sprites([job])
    return Made(clip.name, job.folder, record)


def sprites_of_batch(
    batch: Batch, state: BatchState, wish: Wish, order: SpriteOrder, progress: Progress
) -> dict[str, Made]:
    """Make the sprites of a batch's clips, by cell id; those made before are kept.

    Each figure is compared with the local picture that its clip began from. A clip that cannot be
    used, or whose place is taken, is among them with its reason.
    Raises: BadInput when no clip is meant.
    """
    jobs = {}
    for cell in _meant(batch, state, wish):
        job = _job(batch, state, cell, wish, order)
        if job is not None:
            jobs[cell.cell_id] = job
    made: dict[str, SpriteRecord] = {}
    waiting = []
    for key, job in jobs.items():
        known = made_before(job)
        if known is not None:
            made[key] = known
        elif is_in_the_way(job):
            reason = f"{_in_the_way(job.folder)}; choose another with --out, or remove it"
            made[key] = job.blank.model_copy(update={"failed": reason})
        else:
            waiting.append(job)
    progress(len(made), len(jobs))
    for job, record in make_sprites(waiting):
        made[job.key] = record
        progress(len(made), len(jobs))
    labels = {cell.cell_id: _label(cell) for cell in batch.plan.cells}
    return {key: Made(labels[key], job.folder, made[key]) for key, job in jobs.items()}


def plate_of(image: Path, out: Path | None, colour: str | None) -> tuple[Path, Plate]:
    """Write the anchor plate of a picture; returns its path. A file that exists is not replaced.

    Raises: BadInput when no plate can be made of it, or another file has its name.
    """
    target = out or image.with_name(f"{image.stem}-plate-1280x720.png")
    if not image.is_file():
        raise BadInput(f"{image}: there is no such file")
    try:
        wanted = None if colour is None else colour_of(colour)
    except ValueError as exc:
        raise BadInput(f"--colour: {exc}") from exc
    plate = make_plate(image, wanted, str(image))
    if target.exists() and target.read_bytes() != plate.png:
        raise BadInput(f"{target} is another file", fix="choose another name with --out")
    write_bytes(target, plate.png)
    return target, plate


def _meant(batch: Batch, state: BatchState, wish: Wish) -> list[Cell]:
    """Return the cells that are meant and have a clip."""
    done = [c for c in batch.plan.cells if (a := state.latest(c.cell_id)) and a.asset is not None]
    if wish.cells:
        unknown = [w for w in wish.cells if not any(c.cell_id.startswith(w) for c in done)]
        if unknown:
            raise BadInput(f"{batch.name} has no clip of a cell {unknown[0]}")
        return [c for c in done if any(c.cell_id.startswith(w) for w in wish.cells)]
    tagged = {prompt.id for prompt in batch.plan.prompts if SPRITE_TAG in prompt.tags}
    meant = done if wish.take_all else [c for c in done if c.at.prompt in tagged]
    if not meant:
        raise BadInput(
            f"{batch.name} has no clip of a prompt that is tagged `sprite`"
            if done
            else f"{batch.name} has no clip yet",
            fix="--all takes every clip; `tags: [sprite]` in a prompt marks it for good"
            if done
            else "`fal-exp resume` goes on with it",
        )
    return meant


def _job(
    batch: Batch, state: BatchState, cell: Cell, wish: Wish, order: SpriteOrder
) -> SpriteJob | None:
    attempt = state.latest(cell.cell_id)
    if attempt is None or attempt.asset is None:
        return None
    stamp = cell.inputs.get("image")
    anchor = _anchor(batch.input_files(), stamp.sha256 if stamp else None)
    folder = batch.folder.attempt(cell.cell_id, attempt.number) / SPRITE_FOLDER
    if wish.out is not None:
        folder = wish.out / cell.cell_id
    blank = SpriteRecord(
        asset_sha256=attempt.asset.sha256,
        anchor_sha256=stamp.sha256 if stamp and anchor else None,
        order=order,
    )
    return SpriteJob(cell.cell_id, batch.project.root / attempt.asset.path, anchor, folder, blank)


def _anchor(copies: Mapping[str, Path], sha256: str | None) -> Path | None:
    path = copies.get(sha256) if sha256 else None
    return path if path is not None and path.is_file() else None


def _blank(clip: Path, anchor: Path | None, order: SpriteOrder) -> SpriteRecord:
    return SpriteRecord(
        asset_sha256=_sha256(clip),
        anchor_sha256=None if anchor is None else _sha256(anchor),
        order=order,
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise BadInput(f"{path}: {exc.strerror or exc}") from exc


def _label(cell: Cell) -> str:
    return f"{cell.at.prompt} × {cell.at.preset}, {cell.run_label}"


def _in_the_way(folder: Path) -> str:
    return f"{folder} holds other files, and nothing is overwritten"
