"""A picture that moves (GIF, animated WebP, PNG or AVIF), frame by frame like a clip."""

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from fal_experiments.media.clip import Frame
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia

USUAL_MS = 100
SHORTEST_MS = 11
"""Browsers show a frame of up to 10 ms for 100 ms."""


def is_animated(picture: Image.Image) -> bool:
    """Tell whether a picture has more than one frame to be shown one after the other.

    A JPEG may hold several pictures too (MPO), but they do not make a film.
    """
    return picture.format in {"GIF", "WEBP", "PNG", "AVIF"} and _frame_count(picture)[0] > 1


def _frame_count(picture: Image.Image) -> tuple[int, str]:
    """Return how many frames there are, up to the first that cannot be reached, and why it can't.

    A GIF tells no number, so that Pillow reads it to its end.
    """
    try:
        return int(getattr(picture, "n_frames", 1)), ""
    except MemoryError:
        raise
    except Exception as exc:  # noqa: BLE001 - decoders raise errors of all kinds
        count = 1
        with contextlib.suppress(Exception):
            while True:
                picture.seek(count)
                count += 1
        return count, _said(exc)


def _said(exc: Exception) -> str:
    return str(exc) or type(exc).__name__


class Animation:
    """A picture that moves, opened. Its frames are gone through once for their times."""

    audio_codec: str | None = None
    pixel_aspect: Fraction | None = None

    def __init__(
        self, picture: Image.Image, limits: Limits, reopen: Callable[[], Image.Image]
    ) -> None:
        """Decode every frame and keep its time. Raises: BadMedia when it has too many frames.

        `reopen` opens the picture anew: Pillow cannot go back behind a frame that broke it.
        """
        self._picture = picture
        self._count, self.complaint = _frame_count(picture)
        if self._count > limits.max_frames:
            raise BadMedia("too_large", f"it has more than {limits.max_frames:,} frames")
        # A PNG may have a picture for programs that cannot animate; it is no part of the film.
        self._first = 1 if picture.info.get("default_image") and self._count > 1 else 0
        self.decoded = 0
        delays_ms = [self._delay_ms(frame) for frame in self._pictures()]
        starts_ms = [sum(delays_ms[:index]) for index in range(len(delays_ms))]
        self.times_s = tuple(Fraction(start_ms, 1000) for start_ms in starts_ms)
        self.frame_s = Fraction(delays_ms[-1], 1000) if delays_ms else Fraction(0)
        if self.complaint:
            self._picture = reopen()

    @property
    def video_codec(self) -> str:
        """`gif`, `webp`, `png` or `avif`."""
        return (self._picture.format or "").lower()

    def frames(self) -> Iterator[Frame]:
        """Decode, in order, up to the first frame that is damaged. Raises: MemoryError."""
        for at_s, picture in zip(self.times_s, self._pictures(), strict=False):
            self.decoded += 1
            mode = "rgba" if picture.has_transparency_data else "rgb24"
            pixels = np.asarray(picture.convert("RGBA" if mode == "rgba" else "RGB"))
            yield Frame(at_s, VideoFrame.from_ndarray(pixels, format=mode))

    def damage(self) -> BadMedia | None:
        """Return what was wrong with the frames, None when nothing was."""
        if not self.complaint:
            return None
        found = f"{len(self.times_s):,} of its frames can be decoded ({self.complaint})"
        if "truncated" in self.complaint.lower():
            return BadMedia("truncated", f"the picture is cut off: {found}")
        return BadMedia("damaged", f"the picture is damaged: {found}")

    def _pictures(self) -> Iterator[Image.Image]:
        for index in range(self._first, self._count):
            try:
                self._picture.seek(index)
                self._picture.load()
            except MemoryError:
                raise
            except Exception as exc:  # noqa: BLE001 - decoders raise errors of all kinds
                self.complaint = self.complaint or _said(exc)
                return
            yield self._picture

    @staticmethod
    def _delay_ms(picture: Image.Image) -> int:
        delay_ms = round(picture.info.get("duration") or 0)
        return delay_ms if delay_ms >= SHORTEST_MS else USUAL_MS
