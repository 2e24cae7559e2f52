"""What container and stream tell of a clip: times, bits, key frames, tags."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

from fal_experiments.core.measures import UNTOLD, Tags
from fal_experiments.media.gauges.findings import Findings
from fal_experiments.media.gauges.luma import is_full_range

STREAM_NAMES = ("video_kbps", "keyframes")
TIMING_NAMES = ("frame_gap_spread", "longest_gap_s")


def file_findings(
    packets: "Sequence[Packet[VideoStream]]", times_s: Sequence[Fraction], frame_s: Fraction
) -> Findings:
    """Return what packets and times tell; a picture has no packets, and one time at least."""
    found = Findings()
    length_s = times_s[-1] - times_s[0] + frame_s if times_s else Fraction(0)
    if packets:
        bits = 8 * sum(packet.size for packet in packets)
        rate = float(bits / length_s / 1000) if length_s > 0 else None
        found.put("video_kbps", rate, "it has no duration")
        found.put("keyframes", sum(p.is_keyframe and p.size > 0 for p in packets))
    else:
        found.lack(STREAM_NAMES, "a picture is no video stream")
    gaps_s = [float(after - before) for before, after in pairwise(times_s)]
    if not gaps_s:
        found.lack(TIMING_NAMES, "it has one frame only")
        return found
    mean_s = float(np.mean(gaps_s))
    found.put("frame_gap_spread", float(np.std(gaps_s)) / mean_s if mean_s > 0 else None)
    found.put("longest_gap_s", max(gaps_s))
    return found


def tags_of(frame: VideoFrame, aspect: Fraction | None) -> Tags:
    """Return what a clip says of its picture; `aspect` is that of a pixel."""
    told = frame.color_range != ColorRange.UNSPECIFIED or is_full_range(frame)
    return Tags(
        colour_range=("full" if is_full_range(frame) else "limited") if told else UNTOLD,
        colour_matrix=_name(Colorspace, frame.colorspace),
        colour_primaries=_name(ColorPrimaries, frame.color_primaries),
        colour_transfer=_name(ColorTrc, frame.color_trc),
        pixel_aspect=f"{aspect.numerator}:{aspect.denominator}" if aspect else UNTOLD,
    )


_UNSPECIFIED = 2
"""The same number in all three lists of FFmpeg."""


def _name(names: type[Colorspace] | type[ColorPrimaries] | type[ColorTrc], number: int) -> str:
    if number == _UNSPECIFIED:
        return UNTOLD
    known: dict[int, str] = {}
    for each in names:  # aliases come later and do not count
        known.setdefault(int(each), each.name)
    return known.get(int(number), str(int(number))).lower()
