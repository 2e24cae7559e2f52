"""The sound of one pane: read in a worker process, brought to the wall's time, written as PCM."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia

SAMPLE_HZ = 48_000
CHANNELS = 2
SLOWEST, FASTEST = 0.5, 100.0
"""What ffmpeg's atempo takes in one step."""

Samples = NDArray[np.float32]
"""(n, 2)"""


class SoundOrder(NamedTuple):
    """Which part of a clip's sound is wanted, and how it fills the wall."""

    target: Path
    start_s: Fraction
    end_s: Fraction
    tempo: Fraction
    """How much faster than in the clip; the pitch stays."""
    length_s: Fraction
    """Of the wall; what is missing at the end is silent, or the part begins again."""
    repeats: bool
    ahead_s: Fraction = Fraction(0)
    """Where in a part that repeats the wall begins."""


def spool_sound(path: Path, order: SoundOrder, limits: Limits) -> str:
    """Write the sound as 48 kHz stereo floats; returns why there is none, or nothing.

    Raises: OSError, MemoryError.
    """
    try:
        samples = _played(path, order, limits)
    except (BadMedia, av.FFmpegError) as exc:
        return exc.reason if isinstance(exc, BadMedia) else f"its sound is damaged ({exc.strerror})"
    paced = _paced(samples, float(order.tempo))
    count = round(order.length_s * SAMPLE_HZ)
    if order.repeats and len(paced):
        paced = np.roll(paced, -round(order.ahead_s * SAMPLE_HZ), axis=0)
        paced = np.tile(paced, (-(-count // len(paced)), 1))
    filled = np.zeros((count, CHANNELS), np.float32)
    filled[: len(paced)] = paced[:count]
    order.target.write_bytes(filled.tobytes())
    return ""


def _played(path: Path, order: SoundOrder, limits: Limits) -> Samples:
    """Return the sound from `start_s` to `end_s`, counted from the first picture."""
    with open_clip(path, limits, deblock=False) as clip:
        if not clip.container.streams.audio:
            raise BadMedia("not_media", "it has no sound")
        first = next(clip.frames(), None)
        zero_s = (first.at_s if first is not None else Fraction(0)) + order.start_s
        clip.container.seek(0)
        wanted = round((order.end_s - order.start_s) * SAMPLE_HZ)
        sound = np.zeros((wanted, CHANNELS), np.float32)
        resampler = AudioResampler(format="flt", layout="stereo", rate=SAMPLE_HZ)
        place: int | None = None
        for packet in clip.container.demux(clip.container.streams.audio[0]):
            for frame in _decoded(packet):
                if place is None:
                    at_s = (frame.pts or 0) * (frame.time_base or Fraction(0))
                    place = round((at_s - zero_s) * SAMPLE_HZ)
                for part in resampler.resample(frame):
                    place = _put(sound, place, part)
            if place is not None and place >= wanted:
                break
    return sound


def _decoded(packet: "Packet[AudioStream]") -> list[AudioFrame]:
    """Return the sound of a packet; a damaged one is silent."""
    try:
        return packet.decode()
    except MemoryError:
        raise
    except av.FFmpegError:
        return []


def _put(sound: Samples, place: int, frame: AudioFrame) -> int:
    """Write samples where they belong; what lies outside is left out. Returns the next place."""
    samples = frame.to_ndarray().reshape(-1, CHANNELS)
    start, stop = max(0, place), min(len(sound), place + len(samples))
    if start < stop:
        sound[start:stop] = samples[start - place : stop - place]
    return place + len(samples)


def _paced(samples: Samples, tempo: float) -> Samples:
    """Return sound that is played faster or slower at the same pitch."""
    if abs(tempo - 1) < 0.002 or not len(samples):
        return samples
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_abuffer(
            sample_rate=SAMPLE_HZ, format="flt", layout="stereo", time_base=Fraction(1, SAMPLE_HZ)
        ),
        *(graph.add("atempo", f"{step:.6f}") for step in _steps(tempo)),
        graph.add("aformat", "sample_fmts=flt:channel_layouts=stereo"),
        graph.add("abuffersink"),
    ).configure()
    graph.push(sound_frame(samples, 0))
    graph.push(None)
    parts = list(_pulled(graph))
    return np.concatenate(parts) if parts else samples[:0]


def _steps(tempo: float) -> Iterator[float]:
    while tempo < SLOWEST:
        yield SLOWEST
        tempo /= SLOWEST
    yield min(tempo, FASTEST)


def _pulled(graph: av.filter.Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except (av.EOFError, av.BlockingIOError):
            return
        if isinstance(frame, AudioFrame):
            yield frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, CHANNELS)


def sound_frame(samples: Samples, start: int) -> AudioFrame:
    """Return samples as a frame that begins at sample `start`."""
    packed = np.ascontiguousarray(samples).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_HZ, start, Fraction(1, SAMPLE_HZ)
    return frame
