"""An MP4 file with picture and sound and not one word beside them, as long as it is told to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.bitstream import BitStreamFilterContext

from fal_experiments.media.wall_sound import CHANNELS, SAMPLE_HZ, sound_frame

MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}
"""`bitexact` keeps the name and version of the muxer out of the file."""
SOUND = {"flags": "+bitexact"}
"""As above, of the encoder, which writes its name into the first packet."""
SOUND_BITS_PER_S = 192_000
SOUND_BLOCK = 1024

WITHOUT_MESSAGES = "filter_units=remove_types=6"
"""Supplemental messages of H.264 (SEI, unit type 6): x264 tells its version and settings there."""

STEP_BYTES = 64 * 1024
BOX_HEAD_BYTES = 8


def write_bare_mp4(film: Path, target: Path, pcm: Path | None, gain_db: float) -> None:
    """Write the H.264 video of `film`, and sound from 48 kHz stereo floats, to `target`.

    Raises: av.FFmpegError, OSError.
    """
    with (
        av.open(str(film.absolute())) as source,
        av.open(str(target), "w", format="mp4", options=MUXER) as bare,
    ):
        given = source.streams.video[0]
        video: Any = bare.add_stream_from_template(given)
        video.metadata.clear()
        sound: Any = None
        if pcm is not None:
            sound = bare.add_stream("aac", rate=SAMPLE_HZ, options=SOUND)
            sound.layout, sound.bit_rate = "stereo", SOUND_BITS_PER_S
        cleaner = BitStreamFilterContext(WITHOUT_MESSAGES, given, video)
        for packet in source.demux(given):
            if packet.dts is not None:
                _mux(bare, video, cleaner.filter(packet))
        _mux(bare, video, cleaner.filter(None))
        if pcm is not None:
            _mux_sound(bare, sound, pcm, gain_db)


def _mux(bare: Any, stream: Any, packets: Sequence[Any]) -> None:
    for packet in packets:
        packet.stream = stream
        bare.mux(packet)


def _mux_sound(bare: Any, stream: Any, pcm: Path, gain_db: float) -> None:
    samples = np.fromfile(pcm, np.float32).reshape(-1, CHANNELS) * np.float32(10 ** (gain_db / 20))
    for start in range(0, len(samples), SOUND_BLOCK):
        block = np.clip(samples[start : start + SOUND_BLOCK], -1, 1)
        bare.mux(stream.encode(sound_frame(block, start)))
    bare.mux(stream.encode(None))


def padded_bytes(sizes_bytes: Sequence[int]) -> int:
    """Return the one length to which files of these lengths are padded."""
    most = max(sizes_bytes) + BOX_HEAD_BYTES
    return -(-most // STEP_BYTES) * STEP_BYTES


def pad_mp4(path: Path, size_bytes: int) -> None:
    """Make a file `size_bytes` long with a box of nothing at its end (ISO 14496-12, `free`).

    Raises: OSError.
    """
    room = size_bytes - path.stat().st_size
    if room < BOX_HEAD_BYTES:
        raise ValueError(f"{room} bytes are no room for a box")
    with path.open("ab") as file:
        file.write(room.to_bytes(4, "big") + b"free" + bytes(room - BOX_HEAD_BYTES))
