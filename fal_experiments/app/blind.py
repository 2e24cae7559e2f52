"""Makes a blind test of a batch: a bundle that tells nothing, and the key that stays here."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch, open_batch, read_state
from fal_experiments.core import blind_words
from fal_experiments.core.blind import BlindView, ClipView, Deal, Origin, deal
from fal_experiments.core.blind_leaks import (
    exact_words,
    leaks_in_film,
    leaks_in_text,
    telling_words,
)
from fal_experiments.core.blind_rows import MOST_SHOWN, Field, Kind, ballots_for, draw_up
from fal_experiments.core.events import AssetStored
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ids import sha256_hex
from fal_experiments.core.wall_selection import Candidate, Filters, select
from fal_experiments.errors import BadInput, FalExpError
from fal_experiments.media.blind_crew import Copies, Wanted, copy_clips, read_clips
from fal_experiments.storage.atomic import PART, disk_errors, write_private

Progress = Callable[[int, int], None]
CLIPS = "clips"


class BlindRequest(NamedTuple):
    """What was asked for. None: what is usual."""

    batch: str
    kind: Kind
    filters: Filters
    out: Path | None = None
    ballots: int | None = None
    seed: int | None = None
    shown: int = MOST_SHOWN
    keep_pixels: bool = False
    trim: bool = False
    zip: bool = False


class BlindDone(NamedTuple):
    """A blind test on disk."""

    view: BlindView
    folder: Path
    key: Path
    zip: Path | None
    size_bytes: int
    left_out: tuple[tuple[str, str], ...]
    """Clips that could not be used, and why."""


def make_blind(request: BlindRequest, cwd: Path, progress: Progress) -> BlindDone:
    """Write a bundle and its key. Nothing is left where that fails.

    Raises: BadInput for what cannot be compared, or would tell; StorageFailed.
    """
    if request.keep_pixels and request.trim:
        raise BadInput("--trim encodes anew, which --keep-pixels forbids", fix="give one of them")
    batch = open_batch(request.batch, cwd)
    state, _ = read_state(batch)
    candidates = select(batch.plan, state, request.filters)
    making = _Making(request, batch, state, progress)
    field, left_out = making.readable(candidates)
    return making.run(field, left_out, cwd)


class _Making:
    """The work on one bundle, step after step."""

    def __init__(
        self, request: BlindRequest, batch: Batch, state: BatchState, progress: Progress
    ) -> None:
        self.request, self.batch, self.state = request, batch, state
        self.progress = progress
        self.copies = Copies({}, {})
        """What is known of each cell's clip, by cell id."""

    def readable(self, candidates: Sequence[Candidate]) -> tuple[Field, list[tuple[str, str]]]:
        """Return what can be compared: clips that cannot be read count as missing."""
        first = draw_up(self.batch.plan, candidates, self.request.kind)
        paths = {cell_id: self._clip(cell_id) for cell_id in first.cells}
        self.copies = read_clips(
            {cell: path for cell, path in paths.items() if self._is_film(cell)},
            self.progress,
            marked=self.batch.is_sandbox,
        )
        pictures = {
            cell: "it is a picture, not a clip" for cell in paths if not self._is_film(cell)
        }
        bad = {**pictures, **self.copies.bad}
        known = [
            c._replace(has_clip=False) if c.cell and c.cell.cell_id in bad else c
            for c in candidates
        ]
        field = draw_up(self.batch.plan, known, self.request.kind) if bad else first
        told = [
            (c.name, bad[c.cell.cell_id]) for c in candidates if c.cell and c.cell.cell_id in bad
        ]
        return field, told

    def run(self, field: Field, left_out: list[tuple[str, str]], cwd: Path) -> BlindDone:
        origin = Origin(
            batch=self.batch.name,
            plan_sha256=self.batch.plan_sha256,
            asset_sha256s={cell: self._asset(cell).sha256 for cell in field.cells},
            made_at=wiring.system_clock().now(),
        )
        dealt = deal(field, self.request.kind, origin, wiring.secret_bytes(), self.request.seed)
        bundle = dealt.key.bundle
        folder = (
            cwd / self.request.out if self.request.out else self.batch.project.blind_bundle(bundle)
        )
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput(f"{folder} is there already", fix="name a folder that does not exist")
        part = folder.with_name(f".{folder.name}{PART}")
        key_path = self.batch.folder.blind_key(bundle)
        try:
            with disk_errors(folder):
                (part / CLIPS).mkdir(parents=True)
                view = self._filled(part, field, dealt)
                write_private(key_path, _key_bytes(dealt))
                if folder.exists():
                    folder.rmdir()
                part.replace(folder)
        except BaseException:
            rmtree(part, ignore_errors=True)
            key_path.unlink(missing_ok=True)
            raise
        packed = folder.with_name(f"{folder.name}.zip") if self.request.zip else None
        if packed is not None:
            wiring.zip_blind_site(folder, packed)
        size_bytes = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        return BlindDone(view, folder, key_path, packed, size_bytes, tuple(left_out))

    def _filled(self, part: Path, field: Field, dealt: Deal) -> BlindView:
        names = {sealed.cell: name for name, sealed in dealt.key.clips.items()}
        groups = _groups(field)
        wanted = [
            Wanted(cell, self._clip(cell), part / CLIPS / f"{names[cell]}.mp4")
            for cell in field.cells
        ]
        made = copy_clips(
            wanted,
            groups,
            self.copies,
            self.progress,
            keeps_pixels=self.request.keep_pixels,
            trim=self.request.trim,
        )
        view = self._view(field, dealt, {names[cell]: view for cell, view in made.items()})
        wiring.write_blind_site(view, part)
        self._prove(part, view)
        return view

    def _view(self, field: Field, dealt: Deal, clips: Mapping[str, ClipView]) -> BlindView:
        request = self.request
        widest = max(len(row.cells) for row in field.rows)
        return BlindView(
            bundle=dealt.key.bundle,
            kind=request.kind,
            most_shown=2 if request.kind == "pair" else min(request.shown, widest),
            key_sha256=sha256_hex(_key_bytes(dealt)),
            shuffle=dealt.shuffle,
            ballots=ballots_for(field, request.kind, request.shown, request.ballots),
            is_sandbox=self.batch.is_sandbox,
            combinations=field.combinations,
            without_clip=field.without_clip,
            alone=field.alone,
            made_alike=not request.keep_pixels,
            notes=tuple(
                blind_words.notes(
                    [[self.copies.facts[cell] for cell in group] for group in _groups(field)],
                    alike=not request.keep_pixels,
                    trim=request.trim,
                    cropped=self.batch.is_sandbox,
                )
            ),
            prompts=dealt.prompts,
            contestants=dealt.contestants,
            rows=dealt.rows,
            clips=dict(sorted(clips.items())),
        )

    def _prove(self, part: Path, view: BlindView) -> None:
        """Look for every telling word in what was written. Raises: FalExpError for one found."""
        attempts = [each for tries in self.state.attempts.values() for each in tries]
        words = telling_words(self.batch.plan, self.batch.name, attempts)
        names = [path.relative_to(part).as_posix() for path in part.rglob("*")]
        codes = [view.bundle, *view.contestants, *view.clips, *(row.row for row in view.rows)]
        found = leaks_in_text("\n".join([*names, *codes]), words, ("clips/", ".mp4", "data.js"))
        # the prompts are the same for all clips; they may say what they like
        told = view.model_copy(update={"prompts": ()}).model_dump_json()
        page = (part / "index.html").read_text("utf-8")
        found += leaks_in_text(f"{page}{told}", exact_words(words), ())
        for clip in (part / CLIPS).iterdir():
            found += [f"{word} in {clip.name}" for word in leaks_in_film(clip.read_bytes(), words)]
        if found:
            raise FalExpError(
                f"the bundle would tell: {', '.join(found[:5])}; it was not written",
                fix="this is a mistake of the program: please report it",
            )

    def _asset(self, cell_id: str) -> AssetStored:
        attempt = self.state.latest(cell_id)
        if attempt is None or attempt.asset is None:
            raise ValueError(f"cell {cell_id} has no clip")
        return attempt.asset

    def _is_film(self, cell_id: str) -> bool:
        return self._asset(cell_id).media_type.startswith("video/")

    def _clip(self, cell_id: str) -> Path:
        return self.batch.project.root / self._asset(cell_id).path


def _groups(field: Field) -> list[list[str]]:
    """Return the cells that may meet, by id; each cell stands in one group."""
    groups: dict[str, dict[str, None]] = {}
    for row in field.rows:
        groups.setdefault(row.place, {}).update((cell.cell_id, None) for cell in row.cells)
    return [list(group) for group in groups.values()]


def _key_bytes(dealt: Deal) -> bytes:
    return dealt.key.model_dump_json(indent=1).encode() + b"\n"
