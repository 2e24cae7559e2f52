"""What a clip is drawn from, and what came of it: plain values that cross to a worker process."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np

Loc = tuple[str | int, ...]
"""Where in a request something stands: `("elements", 0, "video_url")`."""
MediumKind = Literal["image", "video", "audio", "other"]
MAX_PICTURE_PX = 64_000_000
"""A larger input picture is refused before it is decoded."""


@dataclass(frozen=True)
class Medium:
    """An input file: one of the sandbox's own CDN, bytes of a data URI, or only a name.

    `unfetched` is the host of a foreign URL. The sandbox never reaches out, so the clip is then
    drawn on a plate that says so.
    """

    path: Path | None = None
    data: bytes | None = None
    unfetched: str | None = None
    kind: MediumKind = "image"
    """What the endpoint expects there. `other` is not opened."""
    loc: Loc = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    """The schema's `x-fal` hint: `min_width`, `max_duration`, `max_file_size`, …"""

    @property
    def is_here(self) -> bool:
        """True when there are bytes to look at."""
        return self.path is not None or self.data is not None


@dataclass(frozen=True)
class MediumFacts:
    """What an input file was found to be; None where it has no such thing."""

    width_px: int | None = None
    height_px: int | None = None
    duration_s: Decimal | None = None
    """To the millisecond."""
    fps: float | None = None
    has_audio: bool = False


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
    fps: float
    frame_count: int
    has_audio: bool
    size_px: tuple[int, int] | None = None
    """Width and height where they are given in pixels; `lines` and `ratio` do not count then."""
    picture: Medium | None = None
    last_picture: Medium | None = None
    video: Medium | None = None
    """Without a picture the clip is drawn over the frames of this one."""
    references: tuple[Medium, ...] = ()
    """Pictures and clips that are shown small, at the edge."""


@dataclass(frozen=True)
class ClipMade:
    """A finished file."""

    size_bytes: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class MediumRefused:
    """Why an input file cannot be used, in fal's terms (type and ctx of fal's error page)."""

    loc: Loc
    type: str
    message: str
    ctx: Mapping[str, Any] = field(default_factory=dict)


def generator(*parts: object) -> np.random.Generator:
    """Return a random source that follows from `parts` alone."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
