"""A clip opened under limits: local MP4, MOV, WebM or MKV only, its frames one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, missing_mp4_bytes, missing_webm_bytes

# A playlist or a concat script that is named .mp4 must not make libav read another file or a URL.
SAFE_OPTIONS = {"format_whitelist": "mov,matroska,webm", "protocol_whitelist": "file"}

UNKNOWN = "unknown"
"""The name of a codec that no library here decodes."""


class Frame(NamedTuple):
    """A decoded frame and its time in seconds, as the container tells it."""

    at_s: Fraction
    picture: VideoFrame


@dataclass
class Clip:
    """An open clip. Its packets are read already; decoding them is left to `frames`."""

    path: Path
    container: InputContainer
    stream: VideoStream
    packets: "list[Packet[VideoStream]]"
    """One for each frame, in decoding order, then the empty one that flushes the decoder."""
    times_s: tuple[Fraction, ...]
    """When each frame is to be shown, in order."""
    frame_s: Fraction
    """How long the last frame stays."""
    is_whole: bool
    """False when it has more frames than the limit; the rest was not read."""
    decoded: int = 0
    corrupt: int = 0
    refused: int = 0
    """Packets that the decoder would not take."""
    alpha_decoder: VideoCodecContext | None = field(default=None, repr=False)
    """In the place of the usual decoder, where that would leave the transparency out."""
    complaint: str = field(default="", repr=False)
    """What the decoder said about the first of them."""

    @property
    def video_codec(self) -> str:
        """`h264`, `hevc`, `vp9`, `av1`, …, whichever library decodes it."""
        return self.stream.codec_context.codec.canonical_name

    @property
    def audio_codec(self) -> str | None:
        """Codec of the first sound track, None when the clip is silent by nature."""
        tracks = self.container.streams.audio
        if not tracks:
            return None
        context = tracks[0].codec_context
        return UNKNOWN if context is None else context.codec.canonical_name

    @property
    def pixel_aspect(self) -> Fraction | None:
        """Width of a pixel by its height, where the container or the stream tells it."""
        return self.stream.sample_aspect_ratio

    def frames(self) -> Iterator[Frame]:
        """Decode, in the order of showing; what is damaged is counted and left out.

        Raises: MemoryError.
        """
        for packet in self.packets:
            for picture in self._decoded(packet):
                self.decoded += 1
                self.corrupt += picture.is_corrupt
                if picture.pts is not None and picture.time_base is not None:
                    yield Frame(picture.pts * picture.time_base, picture)

    def _decoded(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        try:
            if self.alpha_decoder is not None:
                return self.alpha_decoder.decode(packet if packet.size else None)
            return packet.decode()
        except MemoryError:
            raise
        except av.FFmpegError as exc:
            self.refused += 1
            self.complaint = self.complaint or exc.strerror or type(exc).__name__
            return []

    def damage(self) -> BadMedia | None:
        """Return what was wrong with the frames, all decoded by now, None when nothing was."""
        damage = self.damage_so_far()
        if damage is not None:
            return damage
        wanted = len(self.times_s)
        # VP8 keeps frames that are never shown in packets of their own.
        if self.is_whole and self.decoded < wanted and self.video_codec != "vp8":
            return BadMedia("damaged", f"damaged: {self.decoded} of {wanted} frames can be decoded")
        if self.decoded == 0:
            return BadMedia("not_playable", "there is not one frame in it")
        return None

    def damage_so_far(self) -> BadMedia | None:
        """Return what was wrong with the file and the frames decoded so far."""
        cut = missing_bytes(self.path, self.container)
        if cut:
            of = f" of {self.stream.frames:,}" if self.stream.frames else ""
            got = f"{self.decoded:,}{of} frames are there"
            return BadMedia("truncated", f"cut off: {cut:,} bytes are missing, {got}")
        bad = self.refused + self.corrupt
        if bad:
            why = f" ({self.complaint})" if self.complaint else ""
            told = max(len(self.times_s), self.decoded)
            return BadMedia("damaged", f"damaged: {bad:,} of {told:,} frames are not intact{why}")
        return None


def missing_bytes(path: Path, container: InputContainer) -> int:
    """Return how far an open file goes on beyond its end, as it tells itself; 0 when it is whole.

    Its index says where frames are, its Segment or its boxes how long they are.
    """
    ends = (e.pos + e.size for s in container.streams for e in s.index_entries)
    missing = max(max(ends, default=0) - path.stat().st_size, 0)
    return missing or missing_webm_bytes(path) or missing_mp4_bytes(path)


@contextmanager
def open_clip(path: Path, limits: Limits, *, deblock: bool = True) -> Iterator[Clip]:
    """Open a clip for decoding with one thread.

    `deblock=False` leaves out the loop filter: a fifth faster, for who does not look at the
    pictures; every bit of the stream is parsed all the same.
    Raises: BadMedia when it has no index, no video, too many pixels; OSError.
    """
    try:
        container = av.open(str(path.absolute()), options=SAFE_OPTIONS, metadata_errors="replace")
    except MemoryError:
        raise
    except av.FFmpegError as exc:
        raise BadMedia(
            "not_playable",
            f"no player can open it: its index is missing or broken ({exc.strerror}); "
            "the file is probably cut off",
        ) from exc
    with container:
        stream = _video_stream(container, limits)
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1  # dav1d starts threads of its own else
        # The header may lie about the size: the decoder itself refuses a larger picture. It counts
        # padded lines too, hence the margin.
        max_pixels = limits.max_pixels + limits.max_pixels // 8
        options = {
            "max_pixels": str(max_pixels),
            "skip_loop_filter": "default" if deblock else "all",
        }
        stream.codec_context.options = options
        clip = _read(path, container, stream, limits)
        told = {name.lower(): value for name, value in stream.metadata.items()}
        if deblock and told.get("alpha_mode") == "1":
            clip.alpha_decoder = _alpha_decoder(stream, options)
        yield clip


def _alpha_decoder(stream: VideoStream, options: dict[str, str]) -> VideoCodecContext | None:
    """Return the decoder that reads the transparency of VP8 and VP9, which the usual ones skip.

    WebM keeps it as a second picture beside each block (BlockAdditional 1).
    """
    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(stream.codec_context.codec.canonical_name)
    if name is None:
        return None
    decoder = av.CodecContext.create(name, "r")
    decoder.thread_count = 1
    decoder.options = options
    return decoder if isinstance(decoder, VideoCodecContext) else None


def _video_stream(container: InputContainer, limits: Limits) -> VideoStream:
    covers = Disposition.attached_pic
    streams = [s for s in container.streams.video if not s.disposition & covers]
    if not streams:
        has = "only sound" if container.streams.audio else "nothing that plays"
        raise BadMedia("no_video", f"there is no video in it, {has}")
    stream = streams[0]
    if stream.codec_context is None:
        raise BadMedia("not_playable", "its video is coded in a way that cannot be decoded here")
    if stream.width * stream.height > limits.max_pixels:
        raise BadMedia(
            "too_large",
            f"{stream.width:,} × {stream.height:,} pixels are more than the limit of "
            f"{limits.max_pixels:,}",
        )
    return stream


def _read(path: Path, container: InputContainer, stream: VideoStream, limits: Limits) -> Clip:
    packets = _packets(container, stream, limits)
    pictures = [p for p in packets if p.pts is not None and not p.is_discard]
    # What is to be shown before the first key frame belongs to a part that was cut away.
    start = next((p.pts for p in pictures if p.is_keyframe), None)
    timed = ((p.pts, p.duration or 0) for p in pictures if p.pts is not None)
    shown = sorted(pair for pair in timed if start is None or pair[0] >= start)
    base = stream.time_base or Fraction(1)
    times_s = tuple(pts * base for pts, _ in shown)
    frame_s = shown[-1][1] * base if shown else Fraction(0)
    return Clip(
        path,
        container,
        stream,
        packets,
        times_s,
        frame_s or _usual_gap(times_s),
        is_whole=len(pictures) <= limits.max_frames,
    )


def _packets(
    container: InputContainer, stream: VideoStream, limits: Limits
) -> "list[Packet[VideoStream]]":
    packets: list[Packet[VideoStream]] = []
    try:
        for packet in container.demux(stream):
            packets.append(packet)
            if len(packets) > limits.max_frames + 1:
                break
    except MemoryError:
        raise
    except av.FFmpegError as exc:
        if not packets:
            raise BadMedia("not_playable", f"it cannot be read: {exc.strerror}") from exc
    return packets


def _usual_gap(times_s: tuple[Fraction, ...]) -> Fraction:
    gaps = sorted(after - before for before, after in pairwise(times_s))
    return gaps[len(gaps) // 2] if gaps else Fraction(0)
