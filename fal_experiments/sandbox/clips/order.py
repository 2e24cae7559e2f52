"""What a clip is drawn from, and what came of it: plain values that cross to a worker process."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

Which = Literal["picture", "last_picture"]
"""Which input of a request a picture is."""
MAX_PICTURE_PX = 64_000_000
"""A larger input picture is refused before it is decoded."""


@dataclass(frozen=True)
class Picture:
    """An input picture: a file of the sandbox's own CDN, bytes of a data URI, or only a name.

    `unfetched` is the host of a foreign URL. The sandbox never reaches out, so the clip is then
    drawn on a plate that says so.
    """

    path: Path | None = None
    data: bytes | None = None
    unfetched: str | None = None
    least_width_px: int = 0
    least_height_px: int = 0


@dataclass(frozen=True)
class ClipOrder:
    """Everything that decides a clip. Equal orders give equal bytes on one installation."""

    endpoint: str
    family: str
    prompt: str
    name: str
    """What the watermark calls the endpoint: `kling-video v3 pro i2v`."""
    mark: str
    """What the watermark says of this clip: `seed 7`, or `take 2` where no seed is taken."""
    seed: int
    flavour: str
    """A digest of the other arguments: another cfg_scale is another movement."""
    kind: Literal["video", "image"]
    lines: int
    """720 for 720p: with `ratio` it fixes the number of pixels, as fal's models read it."""
    ratio: float | None
    """Width ÷ height; None follows the input picture, or is 16:9 without one."""
    fps: int
    frame_count: int
    has_audio: bool
    picture: Picture | None = None
    last_picture: Picture | None = None


@dataclass(frozen=True)
class ClipMade:
    """A finished file."""

    size_bytes: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class PictureRefused:
    """Why an input picture cannot be used, in fal's terms (type and ctx of fal's error page)."""

    which: Which
    type: str
    message: str
    ctx: Mapping[str, int] = field(default_factory=dict)


def generator(*parts: object) -> np.random.Generator:
    """Return a random source that follows from `parts` alone."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
