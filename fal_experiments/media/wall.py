"""Makes a wall: reads every clip in a worker process, lays them on one time, writes one film."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from fal_experiments.core.wall import Clock, Strip, Timing, wall_clock
from fal_experiments.core.wall_grid import Grid, Layout, pane_ratio, usual_layout
from fal_experiments.core.wall_wish import Wish, pane_named
from fal_experiments.core.wall_words import footer_words, length_words, pane_words
from fal_experiments.errors import BadInput
from fal_experiments.media.limits import Limits
from fal_experiments.media.wall_crew import Crew
from fal_experiments.media.wall_files import MOST_GIF_FPS, Footage, open_writer
from fal_experiments.media.wall_panes import (
    Pane,
    PaneSource,
    fit_panes,
    read_panes,
    spool_panes,
    spool_sound,
)
from fal_experiments.media.wall_scene import PaneArt, Scene, Wipe
from fal_experiments.media.wall_sizes import (
    captions_px,
    pane_for,
    wall_grid,
    wipe_caption_px,
    wipe_grid,
)
from fal_experiments.media.wall_type import Line, caption_lines, footer_lines, lines_height_px

USUAL_LIMITS = Limits()
LEAST_PHASE_S = Fraction(4)
"""A film of one short round is over before it is seen; GIF and WebP loop by themselves."""
USUAL_MOST_FPS = {"gif": 12, "webp": 15}

Progress = Callable[[int, int], None]
"""Called with how much is done, of how much."""


class PaneMade(NamedTuple):
    """What became of a pane."""

    number: int
    name: str
    title: str
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


def make_wall(
    panes: Sequence[PaneSource],
    wish: Wish,
    target: Path,
    progress: Progress,
    note: str = "",
    limits: Limits = USUAL_LIMITS,
) -> WallMade:
    """Write a wall of clips; the suffix of `target` says as what: `.mp4`, `.gif` or `.webp`.

    A file that cannot be read, or only in part, costs its own pane, which says why. Nothing is
    left at `target` unless the wall is whole. With `wish.wipe` there must be two panes. `note`
    stands at the end of the footer: where the clips are from.
    Raises: BadInput when the wish does not fit the clips; OSError.
    """
    with ExitStack() as stack:
        crew = stack.enter_context(Crew(limits))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fal-exp-wall-")))
        made = _Making(_with_windows(panes, wish), wish, target, folder, note)
        stack.callback(made.close)
        return made.run(crew, progress)


def _with_windows(panes: Sequence[PaneSource], wish: Wish) -> list[Pane]:
    windows = {}
    for written, window in wish.windows:
        windows[_named(written, panes)] = window
    return [
        Pane(pane._replace(window=windows.get(index, pane.window)))
        for index, pane in enumerate(panes)
    ]


def _named(written: str, panes: Sequence[PaneSource]) -> int:
    return pane_named(written, [pane.name for pane in panes], [pane.alias for pane in panes])


class _Making:
    """The work on one wall, step after step."""

    def __init__(
        self, panes: list[Pane], wish: Wish, target: Path, folder: Path, note: str
    ) -> None:
        self.panes, self.wish, self.target = panes, wish, target
        self.folder, self.note = folder, note
        self.kind = target.suffix.removeprefix(".").lower()
        self.part = target.with_name(f".{target.name}.part")
        sources = [pane.source for pane in panes]
        self.heard = None if wish.audio is None else panes[_named(wish.audio, sources)]
        if self.heard is not None and self.kind != "mp4":
            raise BadInput(f"a {self.kind} has no sound", fix="write .mp4, or leave --audio away")

    def close(self) -> None:
        """Let go of files; what is not whole does not stay."""
        for pane in self.panes:
            if pane.reel is not None:
                pane.reel.film.close()
        self.part.unlink(missing_ok=True)

    def run(self, crew: Crew, progress: Progress) -> WallMade:
        steps = _Steps(progress, 2 * sum(pane.source.path is not None for pane in self.panes))
        read_panes(self.panes, crew, steps.tell)
        clock = self._clock()
        layout, places = self._layout()
        sizes_px = [pane.size_px for pane in self.panes if pane.strip is not None]
        pane_px = pane_for(self.wish, self.kind, layout, sizes_px)
        fit_panes(self.panes, pane_px, self.folder)
        spool_panes(self.panes, clock, crew, steps.tell)
        sound = self._sound(clock, crew)
        scene = self._scene(clock, layout, places, pane_px)
        self._write(scene, sound, steps)
        return self._made(clock, layout, scene.grid)

    def _clock(self) -> Clock:
        wish, strips = self.wish, self._strips()
        fps = wish.fps
        if fps is None and self.kind in USUAL_MOST_FPS:
            fastest = round(max((strip.fps for strip in strips), default=Fraction(0)))
            fps = min(USUAL_MOST_FPS[self.kind], max(1, fastest))
        if self.kind == "gif" and (fps or 0) > MOST_GIF_FPS:
            raise BadInput(f"a GIF of {fps} fps is shown slower", fix=f"at most {MOST_GIF_FPS}")
        least_s = LEAST_PHASE_S if self.kind == "mp4" else Fraction(0)
        timing = Timing(wish.sync, wish.end, fps, wish.duration_s, wish.speed, least_s)
        return wall_clock(timing, strips)

    def _strips(self) -> list[Strip]:
        return [pane.strip for pane in self.panes if pane.strip is not None]

    def _layout(self) -> tuple[Layout, list[int]]:
        """Return columns and rows, and the place of each pane."""
        if self.wish.wipe is not None:
            return Layout(1, 1), [0, 0]
        places: list[int] = []
        for pane in self.panes:
            after = places[-1] + 1 if places else 0
            places.append(after if pane.source.place is None else pane.source.place)
        ratio = pane_ratio([pane.size_px for pane in self.panes if pane.strip is not None])
        layout = self.wish.layout or usual_layout(len(self.panes), ratio)
        if max(places) >= layout.places:
            raise BadInput(
                f"{len(places)} panes do not fit a layout of {layout}",
                fix="choose a larger --layout, or fewer clips",
            )
        return layout, places

    def _sound(self, clock: Clock, crew: Crew) -> Path | None:
        if self.heard is None:
            return None
        target = self.folder / "sound.pcm"
        why = spool_sound(self.heard, clock, crew, target)
        if why:
            raise BadInput(
                f"{self.heard.source.name} cannot be heard: {why}",
                fix="choose another pane with --audio, or leave it away",
            )
        return target

    def _scene(
        self, clock: Clock, layout: Layout, places: list[int], pane_px: tuple[int, int]
    ) -> Scene:
        is_wipe = self.wish.wipe is not None
        for pane in self.panes if is_wipe else []:
            if pane.reel is None:
                why = pane.gap.reason if pane.gap else ""
                raise BadInput(f"{pane.source.name} cannot be shown: {why}", fix="choose another")
        width_px = wipe_caption_px(pane_px[0]) if is_wipe else pane_px[0]
        captions = [self._caption(index, clock, width_px, pane_px[0]) for index in self._numbers()]
        grid_px = pane_px[0] * layout.columns
        footer = self._footer(clock, grid_px, pane_px[0])
        shown = self.wish.captions
        heights = captions_px(captions, pane_px[0], shown=shown), lines_height_px(footer)
        grid = (
            wipe_grid(pane_px, heights) if is_wipe else wall_grid(layout, pane_px, heights, places)
        )
        art = [
            PaneArt(lines, pane.reel, pane.gap)
            for lines, pane in zip(captions, self.panes, strict=True)
        ]
        return (Wipe if is_wipe else Scene)(grid, art, clock, footer)

    def _numbers(self) -> range:
        return range(len(self.panes))

    def _caption(self, index: int, clock: Clock, width_px: int, pane_px: int) -> list[Line]:
        if not self.wish.captions:
            return []
        pane = self.panes[index]
        caption = pane.source.caption
        facts = [" · ".join(caption.facts)] if caption.facts else []
        if pane.strip is not None:
            done = [length_words(pane.strip), pane_words(clock, pane.strip)]
            facts.append(" · ".join(part for part in done if part))
            facts += [pane.problem] if pane.problem else []
        titled = caption._replace(
            title=f"{self._mark(index)} · {caption.title}", facts=tuple(facts)
        )
        return caption_lines(titled, width_px, pane_px)

    def _mark(self, index: int) -> str:
        return "AB"[index] if self.wish.wipe else str(index + 1)

    def _footer(self, clock: Clock, width_px: int, pane_px: int) -> list[Line]:
        if not self.wish.captions:
            return []
        words = [*footer_words(clock, self._strips())]
        if self.heard is not None:
            words.append(f"sound of {self._mark(self.panes.index(self.heard))}")
        words += [self.note] if self.note else []
        return footer_lines(" · ".join(words), width_px, pane_px)

    def _write(self, scene: Scene, sound: Path | None, steps: "_Steps") -> None:
        clock, grid = scene.clock, scene.grid
        footage = Footage((grid.width_px, grid.height_px), clock.fps, clock.frames)
        steps.more(clock.frames)
        self.part.parent.mkdir(parents=True, exist_ok=True)
        writer = open_writer(self.kind, self.part, footage, sound)
        for index in range(clock.frames):
            writer.write(scene.frame(index))
            steps.tell()
        writer.close()
        self.part.replace(self.target)

    def _made(self, clock: Clock, layout: Layout, grid: Grid) -> WallMade:
        return WallMade(
            file=self.target,
            size_px=(grid.width_px, grid.height_px),
            fps=clock.fps,
            frames=clock.frames,
            size_bytes=self.target.stat().st_size,
            layout=layout,
            sound=self.heard.source.name if self.heard else "",
            equalised=footer_words(clock, self._strips()),
            panes=tuple(
                PaneMade(
                    number=number,
                    name=pane.source.name,
                    title=pane.source.caption.title,
                    size_px=pane.size_px if pane.facts else None,
                    strip=pane.strip,
                    done=pane_words(clock, pane.strip) if pane.strip else "",
                    problem=pane.problem,
                )
                for number, pane in enumerate(self.panes, 1)
            ),
        )


class _Steps:
    """Counts what is done; how much there is becomes known on the way."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def more(self, steps: int) -> None:
        """Add to what there is."""
        self._total += steps

    def tell(self) -> None:
        """One more is done."""
        self._done += 1
        self._progress(self._done, self._total)
