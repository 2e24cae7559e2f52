"""Shows every frame of the one decode to all gauges, and writes down what they found."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from fal_experiments.core.measures import Measures
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.media.anchor_file import Anchor
from fal_experiments.media.clip import Clip, Frame
from fal_experiments.media.gauges.anchor import read_anchor
from fal_experiments.media.gauges.change import ChangeGauge
from fal_experiments.media.gauges.detail import DetailGauge
from fal_experiments.media.gauges.drift import DriftGauge
from fal_experiments.media.gauges.facts import file_findings, tags_of
from fal_experiments.media.gauges.findings import Findings
from fal_experiments.media.gauges.identity import IdentityGauge
from fal_experiments.media.gauges.luma import (
    SPAN,
    SmallLuma,
    fit_longest_px,
    is_full_range,
    native_luma,
)
from fal_experiments.media.gauges.sound import NAMES as SOUND_NAMES
from fal_experiments.media.gauges.sound import NO_SOUND, Sound, hear
from fal_experiments.media.limits import Limits
from fal_experiments.media.one_pass import Source
from fal_experiments.media.shape import SMOOTH, Shrinker, shape_of
from fal_experiments.media.sniff import BadMedia
from fal_experiments.media.still import opaque_rgb

SMALL_PX = 320
MEDIUM_PX = 640
SAMPLES = 12
"""Frames that are looked at closely, evenly from the first to the last."""

NO_ANCHOR = "it started from no picture"


class Measuring:
    """An observer of the decode of one clip, or of a picture that moves."""

    def __init__(self, source: Source, anchor: Anchor | None, limits: Limits) -> None:
        """Get ready for the first frame. Raises: MemoryError."""
        self._source = source
        self._anchor_sha256 = anchor.sha256 if anchor else None
        self._moments_s = _moments_s(source)
        picture, why = _picture(anchor, limits)
        self._identity = IdentityGauge(picture, why)
        self._detail = DetailGauge()
        self.sound: Sound | None = None
        """What was heard, once `measures` was asked for; None where there is no sound."""
        self._eyes: _Eyes | None = None

    def offer(self, at_s: Fraction, frame: VideoFrame) -> None:
        """Look at the next frame."""
        if self._eyes is None:
            self._eyes = _Eyes(self._source, frame, at_s)
        eyes = self._eyes
        since_s = float(at_s - eyes.first_s)
        luma = eyes.small(frame)
        eyes.change.offer(since_s, luma)
        eyes.drift.offer(since_s, luma)
        if self._moments_s and at_s >= self._moments_s[0]:
            while self._moments_s and at_s >= self._moments_s[0]:
                del self._moments_s[0]
            contrast = SPAN / 255 if is_full_range(frame) else 1
            self._detail.offer(since_s, native_luma(frame), eyes.medium(frame), contrast)
            self._identity.offer(since_s, opaque_rgb(eyes.colour(frame)))

    def measures(self) -> Measures:
        """Return what was found of the frames seen, and of the clip's sound.

        Raises: ValueError when there was no frame; OSError, MemoryError.
        """
        if self._eyes is None:
            raise ValueError("no frame was offered")
        self.sound = sound_of(self._source)
        found = _of_file(self._source, self.sound)
        found.add(self._detail.findings())
        found.add(self._eyes.change.findings(float(self._source.frame_s)))
        found.add(self._eyes.drift.findings())
        found.add(self._identity.findings())
        order = [metric.name for metric in CLIP_METRICS]
        return Measures(
            anchor_sha256=self._anchor_sha256,
            values={name: found.values[name] for name in order if name in found.values},
            missing={name: found.missing[name] for name in order if name in found.missing},
            spans=found.spans,
            courses=found.courses,
            tags=self._eyes.tags,
        )


def measure_still(picture: Image.Image, anchor: Anchor | None, limits: Limits) -> Measures:
    """Return what can be measured of an RGB picture. Raises: MemoryError."""
    measuring = Measuring(_Still(), anchor, limits)
    measuring.offer(Fraction(0), VideoFrame.from_ndarray(np.asarray(picture), format="rgb24"))
    return measuring.measures()


class _Still:
    """A picture as a clip of one frame that lasts no time."""

    times_s: tuple[Fraction, ...] = (Fraction(0),)
    frame_s = Fraction(0)
    decoded = 1
    video_codec = "picture"
    audio_codec: str | None = None
    pixel_aspect: Fraction | None = None

    def frames(self) -> Iterator[Frame]:
        return iter(())

    def damage(self) -> BadMedia | None:
        return None


class _Eyes:
    """What is known from the first frame on: shapes, and the gauges that need them."""

    def __init__(self, source: Source, frame: VideoFrame, at_s: Fraction) -> None:
        shape = shape_of(frame, source.pixel_aspect)
        self.first_s = at_s
        size_px = fit_longest_px(shape, SMALL_PX)
        self.small = SmallLuma(shape, size_px)
        self.medium = SmallLuma(shape, fit_longest_px(shape, MEDIUM_PX))
        self.colour = Shrinker(shape, size_px, source.video_codec, SMOOTH)
        scale = SMALL_PX / max(size_px)
        self.change = ChangeGauge(scale)
        self.drift = DriftGauge(scale)
        self.tags = tags_of(frame, source.pixel_aspect)


def sound_of(source: Source) -> Sound | None:
    """Decode the sound of a clip; None where there is none. Raises: OSError, MemoryError."""
    if not isinstance(source, Clip) or source.audio_codec is None:
        return None
    return hear(source.path)


def _of_file(source: Source, sound: Sound | None) -> Findings:
    """Return what packets and sound tell; of a picture that moves there are neither."""
    packets = source.packets if isinstance(source, Clip) else ()
    found = file_findings(packets, source.times_s, source.frame_s)
    if not isinstance(source, Clip):
        found.lack(SOUND_NAMES, "a picture has no sound")
    elif sound is None:
        found.lack(SOUND_NAMES, NO_SOUND)
    else:
        found.add(sound.findings)
    return found


def _moments_s(source: Source) -> list[Fraction]:
    times_s = source.times_s
    if len(times_s) <= SAMPLES:
        return list(times_s)
    length_s = times_s[-1] - times_s[0]
    return [times_s[0] + length_s * index / (SAMPLES - 1) for index in range(SAMPLES)]


def _picture(anchor: Anchor | None, limits: Limits) -> tuple[Image.Image | None, str]:
    if anchor is None:
        return None, NO_ANCHOR
    try:
        return read_anchor(anchor.path, limits), ""
    except BadMedia as exc:
        return None, f"its input picture cannot be read: {exc.reason}"
    except OSError as exc:
        return None, f"its input picture cannot be read: {exc.strerror}"
