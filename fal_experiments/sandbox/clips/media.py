"""Opens input files within limits: pictures whole, clips and sounds as far as to know them.

Runs in worker processes. Playlists and anything else that could lead libav to another file or to
the network are not among the formats.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageOps, UnidentifiedImageError

from fal_experiments.sandbox.clips.order import (
    MAX_PICTURE_PX,
    Medium,
    MediumFacts,
    MediumRefused,
)

CLIP_FORMATS, SOUND_FORMATS = "mov,matroska,webm,gif", "wav,mp3,aac,ogg,flac,mov,matroska,webm"
_MOST_PACKETS = 400_000
_QUARTER_TURN = 90
_SUPPORTED = {
    "video": ("unsupported_video_format", ["mp4", "mov", "webm", "m4v", "gif"]),
    "audio": ("unsupported_audio_format", ["mp3", "ogg", "wav", "m4a", "aac", "flac"]),
}


class CannotUse(Exception):
    """A file that cannot be used; `refused` says why, in fal's terms."""

    def __init__(self, medium: Medium, type_: str, message: str, **ctx: Any) -> None:
        self.refused = MediumRefused(medium.loc, type_, message, ctx)
        super().__init__(message)


def open_picture(medium: Medium) -> Image.Image | None:
    """Return the decoded picture in RGB, turned as its EXIF data says; None for a foreign URL.

    Raises: CannotUse when it is not a picture, or too large to be decoded.
    """
    if not medium.is_here:
        return None
    with _opened(medium) as image:
        return _on_white(ImageOps.exif_transpose(image))


def picture_facts(medium: Medium) -> MediumFacts:
    """Return the size of a picture as it is stored. Raises: CannotUse."""
    with _opened(medium) as image:
        return MediumFacts(image.width, image.height)


@contextmanager
def open_clip(medium: Medium) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a clip for decoding. Raises: CannotUse, there and while it is read."""
    with _container(medium, CLIP_FORMATS) as container:
        covers = Disposition.attached_pic
        streams = [s for s in container.streams.video if not s.disposition & covers]
        if not streams:
            raise CannotUse(medium, _SUPPORTED["video"][0], "The file has no video in it")
        yield container, streams[0]


def clip_facts(medium: Medium) -> MediumFacts:
    """Return what a clip is: its first frame is decoded, its packets are counted.

    Raises: CannotUse.
    """
    with open_clip(medium) as (container, stream):
        first: VideoFrame | None = None
        length_s, count = _Span(medium), 0
        for packet in container.demux(stream):
            length_s.add(packet, stream)
            count += packet.pts is not None
            if first is None:
                first = next(iter(packet.decode()), None)
        if first is None:
            raise CannotUse(medium, "unsupported_video_format", "Not one frame can be decoded")
        is_turned = first.rotation % (2 * _QUARTER_TURN) == _QUARTER_TURN
        size = (first.height, first.width) if is_turned else (first.width, first.height)
        seconds = length_s.seconds or _declared_s(container)
        rate = stream.average_rate or (Fraction(count) / seconds if seconds else None)
        has_audio = bool(container.streams.audio)
        return MediumFacts(*size, _ms(seconds), float(rate) if rate else None, has_audio)


def sound_facts(medium: Medium) -> MediumFacts:
    """Return how long a sound plays, by its packets. Raises: CannotUse."""
    with _container(medium, SOUND_FORMATS) as container:
        if not container.streams.audio:
            raise CannotUse(medium, "unsupported_audio_format", "The file has no sound in it")
        stream, span = container.streams.audio[0], _Span(medium)
        for packet in container.demux(stream):
            span.add(packet, stream)
        told_s = _declared_s(container)
        # an encoder fills its last block, and the header tells the length without that
        seconds = told_s if 0 < told_s <= span.seconds else span.seconds
        if not seconds:
            raise CannotUse(
                medium, "unsupported_audio_format", "There is no sound in it that plays"
            )
        return MediumFacts(duration_s=_ms(seconds), has_audio=True)


def still_of(medium: Medium) -> Image.Image | None:
    """Return a picture, or the first frame of a clip; None for what is not here or is a sound.

    Raises: CannotUse.
    """
    if medium.kind == "image":
        return open_picture(medium)
    if medium.kind != "video" or not medium.is_here:
        return None
    with open_clip(medium) as (container, stream):
        frame = next(container.decode(stream), None)
        if frame is None:
            raise CannotUse(medium, "unsupported_video_format", "Not one frame can be decoded")
        return Image.fromarray(frame.to_ndarray(format="rgb24"))


class _Span:
    """From when to when the packets of a stream play. What stands before zero is not played."""

    def __init__(self, medium: Medium) -> None:
        self._medium = medium
        self._starts: Fraction | None = None
        self._ends = Fraction(0)
        self._count = 0

    def add(self, packet: Any, stream: Stream) -> None:
        """Take one packet. Raises: CannotUse for a file of too many."""
        self._count += 1
        if self._count > _MOST_PACKETS:
            raise CannotUse(self._medium, "file_too_large", f"more than {_MOST_PACKETS:,} packets")
        if packet.pts is None:
            return
        base = packet.time_base or stream.time_base or Fraction(1, 1)
        at = max(Fraction(0), packet.pts * base)
        self._starts = at if self._starts is None else min(self._starts, at)
        self._ends = max(self._ends, (packet.pts + (packet.duration or 0)) * base)

    @property
    def seconds(self) -> Fraction:
        """How long that is."""
        return self._ends - (self._starts or Fraction(0))


@contextmanager
def _opened(medium: Medium) -> Iterator[Image.Image]:
    """Open a picture that is small enough to decode. Raises: CannotUse, also while decoding."""
    source = io.BytesIO(medium.data) if medium.data is not None else medium.path
    assert source is not None  # noqa: S101  one of the two is given
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(source) as image:
                if image.width * image.height > MAX_PICTURE_PX:
                    found = f"{image.width}×{image.height} px"
                    message = f"{found}; at most {MAX_PICTURE_PX:,} are decoded"
                    raise CannotUse(medium, "image_too_large", message)
                yield image
    except Image.DecompressionBombError as error:
        raise CannotUse(medium, "image_too_large", str(error)) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise CannotUse(medium, "image_load_error", "Failed to load the image") from error


@contextmanager
def _container(medium: Medium, formats: str) -> Iterator[InputContainer]:
    options = {"format_whitelist": formats, "protocol_whitelist": "file"}
    source = io.BytesIO(medium.data) if medium.data is not None else str(medium.path)
    type_, supported = _SUPPORTED["video" if formats == CLIP_FORMATS else "audio"]
    try:
        with av.open(source, "r", options=options) as container:
            yield container
    except (av.FFmpegError, ValueError, IndexError) as error:
        message = "The file cannot be read; is it cut off, or of another kind?"
        raise CannotUse(medium, type_, message, supported_formats=supported) from error


def _declared_s(container: InputContainer) -> Fraction:
    return Fraction(container.duration or 0, av.time_base)


def _ms(seconds: Fraction) -> Decimal:
    return Decimal(round(seconds * 1000)).scaleb(-3).normalize() + 0


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(ground, with_alpha).convert("RGB")
