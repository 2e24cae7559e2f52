"""Collects, while a clip is decoded once, its facts and every frame that a picture needs."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image

from fal_experiments.core.derived import Probe, Recipe
from fal_experiments.media.clip import Clip
from fal_experiments.media.gif import most_frames
from fal_experiments.media.observer import Observer
from fal_experiments.media.sampling import (
    Nearest,
    Taken,
    decimal_s,
    sheet_moments_s,
    short_decimal,
    steady_moments_s,
)
from fal_experiments.media.shape import SHARP, SMOOTH, Shrinker, shape_of


class OnePass:
    """What one decode of a clip gave: shots for poster, sheet and GIF, and the facts."""

    def __init__(self, clip: Clip, recipe: Recipe, observers: Sequence[Observer] = ()) -> None:
        """Decode the clip, and let the observers watch.

        Raises: BadMedia when not one frame could be decoded; MemoryError.
        """
        self._clip = clip
        frames = clip.frames()
        first = next(frames, None)
        if first is None:
            raise clip.damage() or AssertionError("a clip without frames is always damaged")
        self._shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
        self._pixel_format = first.picture.format.name
        self._first_s = self._last_s = first.at_s
        poster, sheet, moving = self._samplers(clip.times_s or (first.at_s,), recipe)
        for frame in chain([first], frames):
            self._last_s = frame.at_s
            for observer in (poster, sheet, moving, *observers):
                observer.offer(*frame)
        self.poster = poster.finish()[0].picture
        self.sheet = sheet.finish()
        self.moving = moving.finish()

    def _samplers(
        self, times_s: Sequence[Fraction], recipe: Recipe
    ) -> tuple[Nearest[VideoFrame, Image.Image], ...]:
        first_s, last_s = times_s[0], times_s[-1]
        duration_s = last_s - first_s + self._clip.frame_s
        gif_px = self._shape.fit_px(recipe.gif_width_px)
        gif_moments_s = steady_moments_s(first_s, duration_s, recipe.gif_fps, most_frames(gif_px))
        return (
            self._nearest([(first_s + last_s) / 2], recipe.poster_width_px, SHARP),
            self._nearest(sheet_moments_s(times_s, recipe.tiles), recipe.tile_width_px, SHARP),
            self._nearest(gif_moments_s, recipe.gif_width_px, SMOOTH),
        )

    def _nearest(
        self, moments_s: Sequence[Fraction], width_px: int, how: Interpolation
    ) -> Nearest[VideoFrame, Image.Image]:
        size_px = self._shape.fit_px(width_px)
        return Nearest(moments_s, Shrinker(self._shape, size_px, self._clip.video_codec, how))

    @property
    def duration_s(self) -> Fraction:
        """Length of what could be decoded: from the first frame to the end of the last."""
        return self._last_s - self._first_s + self._clip.frame_s

    def since_start_s(self, shot: Taken[Image.Image]) -> Decimal:
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


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator
