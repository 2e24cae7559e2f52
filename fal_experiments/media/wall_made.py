"""What a wall turned out to be: its file, and what became of each pane."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.wall import Clock, Strip
from fal_experiments.core.wall_grid import Layout
from fal_experiments.core.wall_words import pane_words
from fal_experiments.media.wall_panes import Pane


class PaneMade(NamedTuple):
    """What became of a pane."""

    number: int
    name: str
    title: str
    about: str
    """What else its caption tells: prompt, input, seed, cost."""
    size_px: tuple[int, int] | None
    strip: Strip | None
    done: str
    """What was done to its time, in words; empty where nothing was."""
    problem: str
    """Why it, or a part of it, is not shown."""


class WallMade(NamedTuple):
    """A wall on disk."""

    file: Path
    size_px: tuple[int, int]
    fps: int
    frames: int
    size_bytes: int
    layout: Layout
    sound: str
    """The pane that is heard; empty when the wall is silent."""
    equalised: tuple[str, ...]
    panes: tuple[PaneMade, ...]


def panes_made(panes: Sequence[Pane], clock: Clock) -> tuple[PaneMade, ...]:
    """Return what became of each pane."""
    return tuple(
        PaneMade(
            number=number,
            name=pane.source.name,
            title=pane.source.caption.title,
            about=" · ".join(pane.source.caption.facts),
            size_px=pane.size_px if pane.facts else None,
            strip=pane.strip,
            done=pane_words(clock, pane.strip) if pane.strip else "",
            problem=pane.problem,
        )
        for number, pane in enumerate(panes, 1)
    )
