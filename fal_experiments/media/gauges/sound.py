"""How loud a clip is, how high its peaks, how much of it is silent; its sound is decoded once."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.filter import Graph
from numpy.typing import NDArray

from fal_experiments.media.clip import SAFE_OPTIONS
from fal_experiments.media.gauges.findings import Findings, runs
from fal_experiments.media.gauges.waveform import Peaks
from fal_experiments.media.sniff import BadMedia

NAMES = ("loudness_lufs", "loudness_range_lu", "true_peak_dbtp", "silence_share")

NO_SOUND = "it has no sound"

SILENT = 10 ** (-60 / 20)
"""−60 dBFS, the default of `silencedetect`."""

SILENCE_S = 0.5
BLOCK_S = 0.01

GATE_LUFS = -69.9
"""What `ebur128` shows for sound of which nothing passes its gate of −70."""

LEAST_S = 0.4
"""One window of EBU R 128."""

FRAME_SAMPLES = 48_000
"""Large frames: what a frame costs here hardly depends on its size."""

MOST_S = 600
"""Longer sound is measured up to here."""


class Sound(NamedTuple):
    """What one decode of a sound track gave."""

    findings: Findings
    peaks: Peaks | None = None
    """None where there is no sound that can be decoded, or more of it than is measured."""


def hear(path: Path) -> Sound:
    """Return what was measured of the first sound track of a file, or why nothing was.

    Damaged packets are left out, as they are of the picture. Raises: OSError, MemoryError.
    """
    found = Findings()
    try:
        with av.open(
            str(path.absolute()), options=SAFE_OPTIONS, metadata_errors="replace"
        ) as container:
            if not container.streams.audio:
                found.lack(NAMES, NO_SOUND)
                return Sound(found)
            return Sound(found, _measure(container, found))
    except MemoryError:
        raise
    except BadMedia as exc:
        found.lack(NAMES, exc.reason)
    except av.FFmpegError as exc:
        found.lack(NAMES, f"its sound cannot be decoded ({exc.strerror})")
    return Sound(found)


def _measure(container: InputContainer, found: Findings) -> Peaks | None:
    if container.streams.audio[0].codec_context is None:
        raise BadMedia("not_playable", "its sound is coded in a way that cannot be decoded here")
    meter, blocks = _Meter(), _Blocks()
    first_s = 0.0
    for frame in _even_frames(container):
        if not blocks.length_s and frame.time is not None:
            first_s = frame.time
        meter.push(frame)
        blocks.push(frame.to_ndarray())
    if blocks.length_s == 0:
        found.lack(NAMES, "not one moment of its sound can be decoded")
        return None
    meter.finish()
    blocks.put(found)
    if blocks.length_s < LEAST_S:
        found.lack(NAMES[:2], f"its sound is shorter than {LEAST_S} s")
    elif meter.told.get("I", GATE_LUFS) <= GATE_LUFS:
        found.lack(NAMES[:2], "it is silent")
    else:
        found.put("loudness_lufs", meter.told.get("I"))
        found.put("loudness_range_lu", meter.told.get("LRA"))
    peak = meter.told.get("true_peak", 0.0)  # of 1, not in dB
    found.put("true_peak_dbtp", 20 * np.log10(peak) if peak > 0 else None, "it is silent")
    is_whole = blocks.length_s < MOST_S - BLOCK_S
    return Peaks(blocks.peaks(), BLOCK_S, first_s) if is_whole else None


def _even_frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Yield frames of one format at 48 kHz, whatever the track has; it may change its own."""
    resampler = AudioResampler(
        format="fltp", layout=_layout(container), rate=48_000, frame_size=FRAME_SAMPLES
    )
    for frame in _frames(container):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _layout(container: InputContainer) -> str:
    """Return the layout of the track; the loudness of six channels is not that of two."""
    channels = container.streams.audio[0].codec_context.channels
    return container.streams.audio[0].codec_context.layout.name if channels <= 8 else "stereo"


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    stream = container.streams.audio[0]
    length_s = 0.0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            length_s += frame.samples / (frame.sample_rate or 48_000)
            if length_s > MOST_S:
                return
            yield frame


class _Meter:
    """ffmpeg's `ebur128` in this process."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}
        self._last: dict[str, str] = {}
        self._graph: Graph | None = None

    def push(self, frame: AudioFrame) -> None:
        if self._graph is None:
            self._graph = _graph(frame)
        self._graph.push(frame)
        self._pull(self._graph)

    def finish(self) -> None:
        if self._graph is not None:
            self._graph.push(None)
            self._pull(self._graph)
        prefix = "lavfi.r128."
        self.told = {name.removeprefix(prefix): float(each) for name, each in self._last.items()}

    def _pull(self, graph: Graph) -> None:
        with suppress(av.BlockingIOError, av.EOFError):
            while True:
                seen: Any = graph.pull()
                self._last = seen.metadata or self._last


def _graph(frame: AudioFrame) -> Graph:
    graph = Graph()
    source = graph.add_abuffer(
        format=frame.format.name,
        sample_rate=frame.sample_rate,
        layout=frame.layout.name,
        time_base=frame.time_base,
    )
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph


class _Blocks:
    """The highest sample of every 10 ms."""

    def __init__(self) -> None:
        self._size = int(48_000 * BLOCK_S)
        self._rest: NDArray[np.float32] = np.zeros(0, np.float32)
        self._peaks: list[NDArray[np.float32]] = []

    def push(self, samples: NDArray[Any]) -> None:
        loudest = np.abs(samples).max(axis=0)
        joined = np.concatenate([self._rest, loudest])
        whole = len(joined) // self._size * self._size
        self._peaks.append(joined[:whole].reshape(-1, self._size).max(axis=1))
        self._rest = joined[whole:]

    @property
    def length_s(self) -> float:
        return (sum(map(len, self._peaks)) * self._size + len(self._rest)) / 48_000

    def peaks(self) -> NDArray[np.float32]:
        rest = [self._rest.max()] if len(self._rest) else []
        return np.concatenate([*self._peaks, np.array(rest, np.float32)])

    def put(self, found: Findings) -> None:
        peaks = self.peaks()
        length_s = self.length_s
        spans = [
            (start * BLOCK_S, min(end * BLOCK_S, length_s))
            for start, end in runs([bool(peak < SILENT) for peak in peaks])
        ]
        silent = [(start, end) for start, end in spans if end - start >= SILENCE_S]
        found.put("silence_share", sum(end - start for start, end in silent) / length_s)
        found.put_spans("silence", silent)
