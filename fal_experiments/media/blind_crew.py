"""Reads and copies the clips of a blind test, a few at a time, each in a process of its own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.blind import ClipView
from fal_experiments.core.blind_alike import ClipFacts, Target, made_alike, made_plain
from fal_experiments.errors import BadInput
from fal_experiments.media.blind_copy import LIMITS, Copied, Look, Order, Read
from fal_experiments.media.blind_mux import pad_mp4, padded_bytes
from fal_experiments.media.wall_crew import Crew

READ = "fal_experiments.media.blind_copy:read_clip"
COPY = "fal_experiments.media.blind_copy:copy_clip"

Progress = Callable[[int, int], None]


class Copies(NamedTuple):
    """What is known of clips, by name: their facts, or why they cannot be used."""

    facts: Mapping[str, ClipFacts]
    bad: Mapping[str, str]
    crops_px: Mapping[str, int] = {}


class Wanted(NamedTuple):
    """A copy that is wanted."""

    name: str
    clip: Path
    target: Path


def read_clips(paths: Mapping[str, Path], progress: Progress, *, marked: bool) -> Copies:
    """Measure clips; `marked`: they carry the sandbox's mark, which is cropped."""
    steps = _Steps(progress, 2 * len(paths))
    there = {name: path for name, path in paths.items() if path.is_file()}
    with Crew(LIMITS) as crew:
        done = crew.each(
            READ, [(Look(path.absolute(), marked),) for path in there.values()], steps.tell
        )
    reads = {
        name: one.answer or Read(bad=one.bad) for name, one in zip(there, done, strict=True)
    } | {name: Read(bad="its file is not where it was") for name in paths if name not in there}
    return Copies(
        {name: read.facts for name, read in reads.items() if read.facts},
        {name: read.bad for name, read in reads.items() if read.bad},
        {name: read.crop_px for name, read in reads.items()},
    )


def copy_clips(
    wanted: Sequence[Wanted],
    groups: Sequence[Sequence[str]],
    copies: Copies,
    progress: Progress,
    *,
    keeps_pixels: bool,
    trim: bool,
) -> dict[str, ClipView]:
    """Write all copies, those of a group with one length in bytes; returns what each is.

    Raises: BadInput naming a clip that cannot be copied; OSError.
    """
    targets: dict[str, Target] = {}
    for group in groups:
        facts = [copies.facts[name] for name in group]
        made = made_plain(facts) if keeps_pixels else made_alike(facts, trim=trim)
        targets.update(zip(group, made, strict=True))
    orders = [
        Order(
            one.clip.absolute(),
            one.target.absolute(),
            targets[one.name],
            copies.crops_px[one.name],
            keeps_pixels,
        )
        for one in wanted
    ]
    steps = _Steps(progress, 2 * len(wanted), done=len(wanted))
    with Crew(LIMITS) as crew:
        done = crew.each(COPY, [(order,) for order in orders], steps.tell)
    copied: dict[str, Copied] = {
        one.name: each.answer or Copied(bad=each.bad)
        for one, each in zip(wanted, done, strict=True)
    }
    for one in wanted:
        if copied[one.name].bad:
            raise BadInput(
                f"{one.clip}: {copied[one.name].bad}", fix="leave its prompt or preset out"
            )
    files = {one.name: one.target for one in wanted}
    for group in groups:
        size_bytes = padded_bytes([copied[name].size_bytes for name in group])
        for name in group:
            pad_mp4(files[name], size_bytes)
    return {name: _view(files[name], each) for name, each in copied.items()}


def _view(file: Path, copied: Copied) -> ClipView:
    tracks = copied.tracks
    if tracks is None or not tracks.width_px or not tracks.height_px:
        raise ValueError(f"{file} was copied, and has no size")
    return ClipView(
        file=f"{file.parent.name}/{file.name}",
        width_px=tracks.width_px,
        height_px=tracks.height_px,
        fps=float(tracks.fps or 0),
        duration_s=float(tracks.duration_s),
        has_sound=tracks.has_audio,
    )


class _Steps:
    """Counts what is done."""

    def __init__(self, progress: Progress, total: int, *, done: int = 0) -> None:
        self._progress, self._total, self._done = progress, total, done

    def tell(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)
