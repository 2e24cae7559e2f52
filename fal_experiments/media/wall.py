"""Makes a wall: reads every clip in a worker process, lays them on one time, writes one film."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from fal_experiments.core.wall import Clock, Strip, Timing, wall_clock
from fal_experiments.core.wall_grid import Layout, pane_ratio, usual_layout
from fal_experiments.core.wall_wish import Wish, pane_named
from fal_experiments.core.wall_words import footer_words
from fal_experiments.errors import BadInput
from fal_experiments.media.limits import Limits
from fal_experiments.media.wall_crew import Crew
from fal_experiments.media.wall_files import MOST_GIF_FPS, Footage, open_writer
from fal_experiments.media.wall_labels import captions_of, footer_text
from fal_experiments.media.wall_made import WallMade, panes_made
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
from fal_experiments.media.wall_type import Line, footer_lines, lines_height_px

USUAL_LIMITS = Limits()
LEAST_PHASE_S = Fraction(4)
"""A film of one short round is over before it is seen; GIF and WebP loop by themselves."""
USUAL_MOST_FPS = {"gif": 12, "webp": 15}

Progress = Callable[[int, int], None]
"""Called with how much is done, of how much."""


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
        made = _Making(_with_times(panes, wish), wish, target, folder, note)
        stack.callback(made.close)
        return made.run(crew, progress)


def _with_times(panes: Sequence[PaneSource], wish: Wish) -> list[Pane]:
    """Return the panes with the windows and offsets that were asked for."""
    windows = {_named(written, panes): window for written, window in wish.windows}
    of_all_s = sum((offset_s for written, offset_s in wish.offsets if not written), Fraction(0))
    offsets = {_named(written, panes): each for written, each in wish.offsets if written}
    return [
        Pane(
            pane._replace(
                window=windows.get(index, pane.window),
                offset_s=of_all_s + offsets.get(index, Fraction(0)),
            )
        )
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
        return WallMade(
            file=self.target,
            size_px=(scene.grid.width_px, scene.grid.height_px),
            fps=clock.fps,
            frames=clock.frames,
            size_bytes=self.target.stat().st_size,
            layout=layout,
            sound=self.heard.source.name if self.heard else "",
            equalised=footer_words(clock, self._strips()),
            panes=panes_made(self.panes, clock),
        )

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
        footer: list[Line] = []
        captions: list[list[Line]] = [[] for _ in self.panes]
        if self.wish.captions:
            marks = "AB" if is_wipe else [str(number) for number in range(1, len(self.panes) + 1)]
            room_px = wipe_caption_px(pane_px[0]) if is_wipe else pane_px[0]
            captions = captions_of(self.panes, marks, clock, (room_px, pane_px[0]))
            heard = marks[self.panes.index(self.heard)] if self.heard else ""
            words = footer_text(clock, self._strips(), heard, self.note)
            footer = footer_lines(words, pane_px[0] * layout.columns, pane_px[0])
        high_px = captions_px(captions, pane_px[0], shown=self.wish.captions)
        heights = high_px, lines_height_px(footer)
        grid = (
            wipe_grid(pane_px, heights) if is_wipe else wall_grid(layout, pane_px, heights, places)
        )
        both = zip(captions, self.panes, strict=True)
        art = [PaneArt(lines, pane.reel, pane.gap) for lines, pane in both]
        return (Wipe if is_wipe else Scene)(grid, art, clock, footer)

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
