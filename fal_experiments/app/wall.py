"""A wall of a batch's clips, or of any clip files: chooses the panes, names the file, makes it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.core.attempt import Attempt
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES
from fal_experiments.core.wall import Window
from fal_experiments.core.wall_grid import Layout
from fal_experiments.core.wall_selection import (
    Candidate,
    Filters,
    grid_of,
    ordered,
    select,
)
from fal_experiments.core.wall_wish import (
    EVERY_CELL,
    FORMATS,
    Wish,
    found_window,
    pane_named,
    wall_command,
)
from fal_experiments.core.wall_words import Caption, Gap, caption_of
from fal_experiments.errors import BadInput
from fal_experiments.media.wall import make_wall
from fal_experiments.media.wall_made import WallMade
from fal_experiments.media.wall_panes import PaneSource
from fal_experiments.storage.atomic import storage_failed

Progress = Callable[[int, int], None]
SPRITE_RECORDS = ("sprite.json", "sprite/sprite.json")
"""Where the sprite lab leaves what it found, beside a clip's other derived files."""


class WallRequest(NamedTuple):
    """What was asked for."""

    selection: tuple[str, ...]
    """A batch, or clip files; empty: the newest batch."""
    filters: Filters
    wish: Wish
    output: Path | None = None
    force: bool = False


class WallDone(NamedTuple):
    """A wall, the command that makes it again, and the cells that are not on it."""

    made: WallMade
    command: str
    left_out: tuple[tuple[str, str], ...]
    """How each is called, and why."""


class _Chosen(NamedTuple):
    panes: list[PaneSource]
    wish: Wish
    target: Path
    """Where it goes if nobody says."""
    selection: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    note: str = ""


def wall(request: WallRequest, cwd: Path, progress: Progress) -> WallDone:
    """Make a wall. Raises: BadInput for what cannot be; StorageFailed."""
    files = _clip_files(request, cwd)
    chosen = _of_files(files, request, cwd) if files else _of_batch(request, cwd)
    target = _target(request, chosen, cwd)
    try:
        made = make_wall(chosen.panes, chosen.wish, target, progress, chosen.note)
    except OSError as exc:
        raise storage_failed(target, exc) from exc
    output = str(request.output) if request.output else ""
    command = wall_command(chosen.selection, request.filters, request.wish, output)
    return WallDone(made, command, chosen.left_out)


def _clip_files(request: WallRequest, cwd: Path) -> list[Path]:
    """Return the clip files that are meant; none where it is a batch."""
    words = request.selection
    pair = request.wish.wipe or request.wish.side_by_side
    if not words and pair and all((cwd / word).is_file() for word in pair):
        words = pair
    paths = [cwd / word for word in words]
    if len(words) < 2 and not any(path.is_file() for path in paths):
        return []
    for word, path in zip(words, paths, strict=True):
        if not path.is_file():
            raise BadInput(
                f"{word}: there is no such file",
                fix="give one batch (its name, folder or `latest`), or clip files only",
            )
    return paths


def _of_files(files: Sequence[Path], request: WallRequest, cwd: Path) -> _Chosen:
    if request.filters != EVERY_CELL:
        raise BadInput(
            "--preset, --prompt, --seed, --input, --cell, --rows, --columns and --with-gaps choose "
            "cells of a batch, and clip files are given",
            fix="give a batch instead, or leave them away",
        )
    written = request.selection or request.wish.wipe or request.wish.side_by_side or ()
    panes = [
        PaneSource(name, Caption(path.stem), path, alias=word)
        for name, path, word in zip(_names(files), files, written, strict=True)
    ]
    panes, wish = _paired(panes, request.wish)
    stem = "wipe" if wish.wipe else "side-by-side" if wish.side_by_side else "wall"
    return _Chosen(panes, wish, cwd / stem, request.selection)


def _names(files: Sequence[Path]) -> list[str]:
    """Return a name for each file; those of one name in several folders keep their folder."""
    names = [path.name for path in files]
    return [
        str(path) if names.count(name) > 1 else name
        for path, name in zip(files, names, strict=True)
    ]


def _of_batch(request: WallRequest, cwd: Path) -> _Chosen:
    batch = open_batch(request.selection[0] if request.selection else "latest", cwd)
    state, _ = read_state(batch)
    filters = request.filters
    found = select(batch.plan, state, filters)
    shown = found if filters.with_gaps else [one for one in found if one.has_clip]
    if not any(one.has_clip for one in found):
        raise BadInput(
            f"none of the {len(found)} chosen cells of {batch.name} has a clip",
            fix=f"`fal-exp status {batch.name}` tells why",
        )
    left_out = tuple((c.name, _why(c)) for c in found if not c.has_clip)
    panes, wish = _placed(batch, state, shown, request)
    panes, wish = _paired(panes, wish)
    name = "wipe" if wish.wipe else "side-by-side" if wish.side_by_side else f"wall-{wish.sync}"
    note = f"{batch.name}, sandbox: no money moved" if batch.is_sandbox else batch.name
    return _Chosen(panes, wish, batch.folder.wall(name), (batch.name,), left_out, note)


def _placed(
    batch: Batch, state: BatchState, shown: Sequence[Candidate], request: WallRequest
) -> tuple[list[PaneSource], Wish]:
    """Return the panes in reading order; under `--rows` and `--columns` with their places."""
    filters, wish = request.filters, request.wish
    if not filters.rows and not filters.columns:
        return [_pane(batch, state, candidate) for candidate in shown], wish
    if wish.layout is not None:
        raise BadInput("--layout cannot be kept under --rows and --columns", fix="give either")
    places = sorted(ordered(batch.plan, shown, filters), key=lambda p: (p.row, p.column))
    layout = grid_of(places)
    panes = [
        _pane(batch, state, place.candidate)._replace(
            place=place.row * layout.columns + place.column
        )
        for place in places
    ]
    return panes, wish._replace(layout=layout)


def _paired(panes: list[PaneSource], wish: Wish) -> tuple[list[PaneSource], Wish]:
    """Return the two panes of a wipe or of two side by side, else all of them."""
    pair = wish.wipe or wish.side_by_side
    if pair is None:
        return panes, wish
    names, aliases = [pane.name for pane in panes], [pane.alias for pane in panes]
    chosen = [panes[pane_named(written, names, aliases)] for written in pair]
    layout = Layout(2, 1) if wish.side_by_side else None
    return [pane._replace(place=None) for pane in chosen], wish._replace(layout=layout)


def _pane(batch: Batch, state: BatchState, candidate: Candidate) -> PaneSource:
    at, cell = candidate.at, candidate.cell
    preset = batch.plan.presets[at.preset].preset
    attempt = state.latest(cell.cell_id) if cell is not None else None
    caption = caption_of(at, preset.title, cell, _cost(attempt))
    if cell is None or attempt is None or attempt.asset is None:
        label = STATE_LABELS.get(candidate.state, candidate.state)
        gap = Gap(label, candidate.reason, STATE_TONES.get(candidate.state, "idle"))
        name = cell.cell_id if cell is not None else candidate.name
        return PaneSource(name, caption, gap=gap, alias=at.preset)
    folder = batch.folder.attempt(cell.cell_id, attempt.number)
    clip = batch.project.root / attempt.asset.path
    return PaneSource(cell.cell_id, caption, clip, window=_window(folder), alias=at.preset)


def _cost(attempt: Attempt | None) -> int | None:
    """Return what an attempt is known to have cost; None where nothing is known."""
    seen = [attempt.cost(amount) for amount in ("billed", "metered")] if attempt else []
    return next((cost.nano_usd for cost in seen if cost and cost.nano_usd is not None), None)


def _window(folder: Path) -> Window | None:
    for name in SPRITE_RECORDS:
        try:
            record = json.loads((folder / name).read_bytes())
        except (OSError, ValueError):
            continue
        return found_window(record)
    return None


def _why(candidate: Candidate) -> str:
    label = STATE_LABELS.get(candidate.state, candidate.state)
    return f"{label}: {candidate.reason}" if candidate.reason else label


def _target(request: WallRequest, chosen: _Chosen, cwd: Path) -> Path:
    """Return the file to write. Raises: BadInput for a kind that is not made, or a file in use."""
    if request.output is None:
        return chosen.target.with_name(f"{chosen.target.name}.mp4")
    target = cwd / request.output
    if target.suffix.removeprefix(".").lower() not in FORMATS:
        raise BadInput(
            f"--out {request.output}: its suffix says no kind of film that is made here",
            fix="end the name in .mp4, .gif or .webp",
        )
    if any(pane.path and pane.path.resolve() == target.resolve() for pane in chosen.panes):
        raise BadInput(f"--out {request.output} is one of the clips", fix="choose another name")
    if target.exists() and not request.force:
        raise BadInput(
            f"{request.output} exists already", fix="choose another name, or add --force"
        )
    return target
