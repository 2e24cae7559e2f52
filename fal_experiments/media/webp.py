"""An animated WebP at true speed: a quarter of a GIF's bytes, millions of colours, soft edges."""

import io
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from PIL import Image

from fal_experiments.media.sampling import Taken

QUALITY = 60
METHOD = 0
"""Measured on four AI clips at 320 px: method 2 saves a fifth of the bytes for 1.5 times the time,
method 4 takes three times as long, and neither looks nearer to the source."""

SHORTEST_MS = 11
"""Browsers show a frame of up to 10 ms for 100 ms."""


class Cue(NamedTuple):
    """A frame and when it starts, in milliseconds."""

    start_ms: int
    picture: Image.Image


def encode_webp(taken: Sequence[Taken[Image.Image]], duration_s: Fraction) -> bytes:
    """Return a WebP that loops for ever and lasts as long as the clip, to 1 ms.

    Pictures that are RGBA stay transparent.
    """
    cues = _cues(taken)
    last_ms = max(SHORTEST_MS, round(duration_s * 1000) - cues[-1].start_ms)
    durations_ms = [*(after.start_ms - cue.start_ms for cue, after in pairwise(cues)), last_ms]
    output = io.BytesIO()
    cues[0].picture.save(
        output,
        "WEBP",
        save_all=True,
        append_images=[cue.picture for cue in cues[1:]],
        duration=durations_ms,
        loop=0,
        quality=QUALITY,
        method=METHOD,
    )
    return output.getvalue()


def _cues(taken: Sequence[Taken[Image.Image]]) -> list[Cue]:
    """Return each frame once, at its own time; starts are rounded, so that errors never add up."""
    found: list[Cue] = []
    for at_s, picture in taken:
        start_ms = round((at_s - taken[0].at_s) * 1000)
        if not found or start_ms - found[-1].start_ms >= SHORTEST_MS:
            found.append(Cue(start_ms, picture))
    return found
