"""The panes of a wall in the making: each file is measured, then its frames wait on disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.wall import Clock, Strip, Window, clip_moment_s
from fal_experiments.core.wall_grid import Box, letterbox
from fal_experiments.core.wall_words import Caption, Gap
from fal_experiments.errors import BadInput
from fal_experiments.media.limits import MIB
from fal_experiments.media.wall_crew import Crew
from fal_experiments.media.wall_planes import Film
from fal_experiments.media.wall_reading import ClipFacts, Spooled, SpoolOrder
from fal_experiments.media.wall_scene import Reel
from fal_experiments.media.wall_sound import SoundOrder

READ = "fal_experiments.media.wall_reading:read_facts"
SPOOL = "fal_experiments.media.wall_reading:spool_frames"
SOUND = "fal_experiments.media.wall_sound:spool_sound"
MOST_SPOOL_BYTES = 8192 * MIB
NOT_READABLE = "cannot be shown"

NOWHERE = Box(0, 0, 2, 2)
"""Until the size of panes is known."""

Tell = Callable[[], None]


class PaneSource(NamedTuple):
    """What a pane is to show."""

    name: str
    """How `--audio`, `--window` and `--wipe` call it: a cell's id, or the name of a file."""
    caption: Caption
    path: Path | None = None
    gap: Gap | None = None
    """Why there is no clip."""
    window: Window | None = None
    offset_s: Fraction = Fraction(0)
    alias: str = ""
    """Another name that it can be called by where no other pane has it: its preset."""
    place: int | None = None
    """In the grid, left to right, top to bottom, from 0; None: after the pane before."""


@dataclass
class Pane:
    """A pane, as far as its clip is known."""

    source: PaneSource
    facts: ClipFacts | None = None
    strip: Strip | None = None
    """None: there is nothing to show."""
    problem: str = ""
    moments_s: list[Fraction | None] = field(default_factory=list)
    """What it shows, for each frame of the wall."""
    picture: Box = NOWHERE
    spool: Path = Path()
    reel: Reel | None = None

    @property
    def size_px(self) -> tuple[int, int]:
        """Of its clip, as a player shows it."""
        return (self.facts.width_px, self.facts.height_px) if self.facts else (16, 9)

    @property
    def gap(self) -> Gap | None:
        """What stands there instead of a picture."""
        if self.source.gap is None and self.reel is None:
            return Gap(NOT_READABLE, self.problem, "bad")
        return self.source.gap

    def fail(self, why: str) -> None:
        """Give its clip up."""
        self.problem, self.strip = why, None


def read_panes(panes: Sequence[Pane], crew: Crew, tell: Tell) -> None:
    """Measure the file of each pane; one that cannot be read has a problem then."""
    with_files = [pane for pane in panes if pane.source.path is not None]
    answers = crew.each(READ, [(pane.source.path,) for pane in with_files], tell)
    for pane, answer in zip(with_files, answers, strict=True):
        facts: ClipFacts = answer.answer or ClipFacts(bad=answer.bad)
        if facts.bad:
            pane.fail(facts.bad)
        else:
            pane.facts = facts
            pane.strip = Strip(
                facts.duration_s, facts.fps, pane.source.window, pane.source.offset_s
            )


def spool_panes(panes: Sequence[Pane], clock: Clock, crew: Crew, tell: Tell) -> None:
    """Decode what each pane shows of its clip, in its size.

    Raises: BadInput when that is too much for the disk.
    """
    orders = {}
    for index, pane in enumerate(panes):
        if pane.strip is not None:
            moments = (clock.moment_s(frame) for frame in range(clock.frames))
            pane.moments_s = [clip_moment_s(clock, pane.strip, at_s) for at_s in moments]
            wanted = tuple(sorted({at_s for at_s in pane.moments_s if at_s is not None}))
            size_px = pane.picture.width_px, pane.picture.height_px
            orders[index] = SpoolOrder(pane.spool, size_px, wanted)
    _refuse_large([(panes[i], order) for i, order in orders.items()])
    answers = crew.each(SPOOL, [(panes[i].source.path, order) for i, order in orders.items()], tell)
    for (index, order), answer in zip(orders.items(), answers, strict=True):
        pane = panes[index]
        spooled: Spooled = answer.answer or Spooled((), (), answer.bad)
        pane.problem = spooled.damage
        if pane.strip is None or not spooled.shown:
            pane.fail(spooled.damage or "no frame of it is in the chosen part")
            continue
        shown = dict(zip(order.moments_s, spooled.shown, strict=True))
        frames = [None if at_s is None else shown[at_s] for at_s in pane.moments_s]
        pane.reel = Reel(pane.strip, Film(order.target, order.size_px), pane.picture, frames)


def _refuse_large(orders: Sequence[tuple[Pane, SpoolOrder]]) -> None:
    size_bytes = 0
    for pane, order in orders:
        strip = pane.strip
        own = round(strip.duration_s * strip.fps) + 2 if strip and strip.fps else 1
        frames = min(len(order.moments_s), own)
        size_bytes += frames * order.size_px[0] * order.size_px[1] * 3 // 2
    if size_bytes > MOST_SPOOL_BYTES:
        raise BadInput(
            f"the panes would need {size_bytes // MIB:,} MiB of disk for a while, at most "
            f"{MOST_SPOOL_BYTES // MIB:,} are used",
            fix="lower --pane, --fps or --duration, or choose fewer clips",
        )


def fit_panes(panes: Sequence[Pane], pane_px: tuple[int, int], folder: Path) -> None:
    """Tell each pane where its picture stands and where its frames wait."""
    for index, pane in enumerate(panes):
        pane.picture = letterbox(Box(0, 0, *pane_px), pane.size_px)
        pane.spool = folder / f"pane-{index}.yuv"


def spool_sound(pane: Pane, clock: Clock, crew: Crew, target: Path) -> str:
    """Write the sound of a pane as it is heard on the wall; returns why there is none."""
    strip = pane.strip
    if strip is None or pane.facts is None or not pane.facts.has_audio:
        return pane.problem or "it has no sound"
    window, tempo, repeats = Window(Fraction(0), strip.duration_s), clock.speed, False
    ahead_s = Fraction(0)
    if clock.sync == "absolute" and clock.end == "loop":
        repeats, ahead_s = True, strip.offset_s
    elif clock.sync == "absolute":
        window = Window(strip.offset_s, strip.duration_s)
    elif clock.sync == "percent":
        tempo = strip.duration_s / clock.length_s
    else:
        window, repeats = strip.round, True
        tempo = window.length_s / clock.round_s
    order = SoundOrder(target, *window, tempo, clock.length_s, repeats, ahead_s / tempo)
    (done,) = crew.each(SOUND, [(pane.source.path, order)], lambda: None)
    return done.bad or str(done.answer or "")
