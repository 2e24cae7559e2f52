"""Collects, while a clip is decoded once, its facts and every frame that a picture needs."""

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Protocol, TypeVar

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image

from fal_experiments.core.derived import Moving, Part, Probe, Recipe
from fal_experiments.media.clip import Frame
from fal_experiments.media.gif import most_frames
from fal_experiments.media.observer import Observer
from fal_experiments.media.proxy import ProxyWriter, proxy_size_px
from fal_experiments.media.sampling import (
    Nearest,
    Taken,
    decimal_s,
    sheet_moments_s,
    short_decimal,
    steady_moments_s,
)
from fal_experiments.media.scenes import SceneSampler
from fal_experiments.media.shape import SHARP, SMOOTH, Shrinker, shape_of
from fal_experiments.media.sniff import BadMedia
from fal_experiments.media.still import opaque_rgb

Shot = Taken[Image.Image]
Pictures = Nearest[VideoFrame, Image.Image]
W = TypeVar("W")


class Source(Protocol):
    """What can be decoded once, frame by frame: a clip, or a picture that moves."""

    times_s: tuple[Fraction, ...]
    frame_s: Fraction
    decoded: int

    @property
    def video_codec(self) -> str: ...
    @property
    def audio_codec(self) -> str | None: ...
    @property
    def pixel_aspect(self) -> Fraction | None: ...
    def frames(self) -> Iterator[Frame]: ...
    def damage(self) -> BadMedia | None: ...


class OnePass:
    """What one decode of a clip gave: shots for poster, sheet and previews, and the facts."""

    def __init__(
        self,
        clip: Source,
        recipe: Recipe,
        observers: Sequence[Observer] = (),
        *,
        parts: Collection[Part] | None = None,
    ) -> None:
        """Decode the clip, and let the observers watch. Only `parts` are collected, or all.

        Raises: BadMedia when not one frame could be decoded; MemoryError.
        """
        self._clip = clip
        self._recipe = recipe
        frames = clip.frames()
        first = next(frames, None)
        if first is None:
            raise clip.damage() or AssertionError("a clip without frames is always damaged")
        self._shape = shape_of(first.picture, clip.pixel_aspect)
        self._pixel_format = first.picture.format.name
        self._first_s = self._last_s = first.at_s
        self._times_s = clip.times_s or (first.at_s,)
        self._choose_watchers(recipe.parts if parts is None else parts)
        watching = (*self._watchers(), *observers)
        for frame in chain([first], frames):
            self._last_s = frame.at_s
            for observer in watching:
                observer.offer(*frame)

    def _choose_watchers(self, parts: Collection[Part]) -> None:
        recipe, (first_s, last_s) = self._recipe, (self._times_s[0], self._times_s[-1])
        self._poster: Pictures | None = None
        self._sheet: Pictures | SceneSampler | None = None
        self._proxy: ProxyWriter | None = None
        self._moving: dict[Moving, Pictures] = {}
        if "poster" in parts:
            middle_s = (first_s + last_s) / 2
            self._poster = Nearest([middle_s], self._shrinker(recipe.poster_width_px, SHARP))
        if "sheet" in parts:
            self._sheet = self._sheet_sampler()
        for part, moving in (("gif", recipe.gif), ("webp", recipe.webp)):
            # A GIF and a WebP of the same size and rate show the same frames.
            if part in parts and moving is not None and moving not in self._moving:
                moments_s = self._loop_moments_s(moving)
                shrink = self._shrinker(moving.width_px, SMOOTH)
                self._moving[moving] = Nearest(moments_s, shrink)
        if "proxy" in parts and recipe.proxy_height_px is not None:
            size_px = proxy_size_px(self._shape, recipe.proxy_height_px)
            self._proxy = ProxyWriter(
                self._shape, size_px, self._clip.video_codec, len(self._times_s)
            )

    def _watchers(self) -> Iterator[Observer]:
        singles = (self._poster, self._sheet, self._proxy)
        yield from (watcher for watcher in singles if watcher is not None)
        yield from self._moving.values()

    def _sheet_sampler(self) -> Pictures | SceneSampler:
        recipe = self._recipe
        shrink = self._shrinker(recipe.tile_width_px, SHARP)
        if recipe.sampling == "scenes":
            size_px = self._shape.fit_px(recipe.tile_width_px)
            return SceneSampler(self._times_s, recipe.tiles, size_px, shrink)
        return Nearest(sheet_moments_s(self._times_s, recipe.tiles), shrink)

    def _loop_moments_s(self, moving: Moving) -> tuple[Fraction, ...]:
        first_s = self._times_s[0]
        start_s, end_s = self._window(self._times_s[-1] - first_s + self._clip.frame_s)
        most = most_frames(self._shape.fit_px(moving.width_px))
        return steady_moments_s(first_s + start_s, end_s - start_s, moving.fps, most)

    def _window(self, duration_s: Fraction) -> tuple[Fraction, Fraction]:
        """Return which part of the clip previews show; the whole where the loop is outside it."""
        if self._recipe.loop_s is not None:
            start_s, end_s = map(Fraction, self._recipe.loop_s)
            if 0 <= start_s < min(end_s, duration_s):
                return start_s, min(end_s, duration_s)
        return Fraction(0), duration_s

    def _shrinker(self, width_px: int, how: Interpolation) -> Callable[[VideoFrame], Image.Image]:
        size_px = self._shape.fit_px(width_px)
        return Shrinker(self._shape, size_px, self._clip.video_codec, how)

    @property
    def poster(self) -> Image.Image:
        """The middle frame."""
        return opaque_rgb(_collected(self._poster).finish()[0].picture)

    @property
    def sheet(self) -> list[Shot]:
        """The frames of the contact sheet."""
        shots = [] if self._sheet is None else self._sheet.finish()
        return [Taken(shot.at_s, opaque_rgb(shot.picture)) for shot in shots]

    @property
    def cuts_s(self) -> tuple[Decimal, ...]:
        """When scenes begin, counted from the first frame; known once the sheet is."""
        found = self._sheet.cuts_s if isinstance(self._sheet, SceneSampler) else ()
        return tuple(decimal_s(at_s - self._first_s) for at_s in found)

    def moving(self, moving: Moving) -> list[Shot]:
        """Return the frames of a preview: RGBA when any of them is transparent anywhere."""
        shots = self._moving[moving].finish()
        if any(_is_transparent(shot.picture) for shot in shots):
            return shots
        return [Taken(at_s, picture.convert("RGB")) for at_s, picture in shots]

    def proxy(self) -> tuple[bytes, tuple[int, int]]:
        """Return the small MP4 for scrubbing, with its width and height."""
        proxy = _collected(self._proxy)
        return proxy.finish(self._clip.frame_s), proxy.size_px

    @property
    def duration_s(self) -> Fraction:
        """Length of what could be decoded: from the first frame to the end of the last."""
        return self._last_s - self._first_s + self._clip.frame_s

    @property
    def loop_duration_s(self) -> Fraction:
        """Length of what previews show."""
        start_s, end_s = self._window(self.duration_s)
        return end_s - start_s

    def since_start_s(self, shot: Shot) -> Decimal:
        """Return the time of a shot, counted from the first frame."""
        return decimal_s(shot.at_s - self._first_s)

    def probe(self, size_bytes: int) -> Probe:
        """Return what the clip is. Width and height are those that a player shows."""
        clip = self._clip
        return Probe(
            width_px=self._shape.width_px,
            height_px=self._shape.height_px,
            fps=self._fps(),
            frames=clip.decoded,
            duration_s=decimal_s(self.duration_s),
            has_audio=clip.audio_codec is not None,
            video_codec=clip.video_codec,
            audio_codec=clip.audio_codec,
            pixel_format=self._pixel_format,
            size_bytes=size_bytes,
        )

    def _fps(self) -> Decimal:
        """Return frames per second; of a single frame, one by the time it stays."""
        between_s = self._last_s - self._first_s
        if between_s > 0:
            return short_decimal(_decimal((self._clip.decoded - 1) / between_s), 3)
        frame_s = self._clip.frame_s
        return short_decimal(_decimal(1 / frame_s), 3) if frame_s > 0 else Decimal(0)


def _collected(watcher: W | None) -> W:
    if watcher is None:
        raise LookupError("asked for a part that was not collected")
    return watcher


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema() != (255, 255)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
