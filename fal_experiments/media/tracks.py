"""Measures an input clip or sound file without decoding it whole; runs in a worker process."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from fal_experiments.media.clip import Clip, Frame, missing_bytes, open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.sampling import short_decimal
from fal_experiments.media.shape import shape_of
from fal_experiments.media.sniff import BadMedia, Tracks, missing_riff_bytes

SOUND_OPTIONS = {"format_whitelist": "wav,mp3,aac,ogg,flac,mov", "protocol_whitelist": "file"}

MOST_SOUND_PACKETS = 200_000
"""An hour of MP3 has 138,000."""

PADDING_S = 0.1
"""An encoder fills its last block, and a header tells the length without that."""


def clip_tracks(path: Path, limits: Limits) -> Tracks:
    """Return what a clip is. Its first frame is decoded, its packets are counted, no more.

    Width and height are those that a player shows: turned as the clip asks, in square pixels.
    The length runs from the first frame to the end of the last; of a clip with more frames than
    the limit it is what the container says. Raises: OSError, MemoryError.
    """
    try:
        with open_clip(path, limits, deblock=False) as clip:
            return _of_clip(clip)
    except BadMedia as exc:
        return Tracks(bad=exc.reason)


def _of_clip(clip: Clip) -> Tracks:
    first = next(clip.frames(), None)
    damage = clip.damage_so_far() if first is not None else clip.damage()
    if damage is not None:
        raise damage
    if first is None:
        raise BadMedia("not_playable", "there is not one frame in it")
    shape = shape_of(first.picture, clip.stream.sample_aspect_ratio)
    return Tracks(
        duration_s=_ms(_clip_length_s(clip, first)),
        has_audio=bool(clip.container.streams.audio),
        width_px=shape.width_px,
        height_px=shape.height_px,
        fps=_fps(clip),
    )


def _clip_length_s(clip: Clip, first: Frame) -> Fraction:
    length_s = clip.times_s[-1] - first.at_s + clip.frame_s if clip.times_s else Fraction(0)
    if not clip.is_whole:
        length_s = _declared_s(clip.container)
    if length_s <= 0:
        raise BadMedia("not_playable", "it does not tell how long it is")
    return length_s


def played_lengths_s(clip: Clip) -> tuple[Decimal | None, Decimal | None]:
    """Return how long the pictures and the sound of a clip play; None where nothing tells it.

    Pictures: from the first frame to the end of the last, of one with more frames than the limit
    what the container says. Sound: what the container says of its first track.
    """
    length_s = clip.times_s[-1] - clip.times_s[0] + clip.frame_s if clip.times_s else Fraction(0)
    if not clip.is_whole:
        length_s = _declared_s(clip.container)
    return (_ms(length_s) if length_s > 0 else None), _sound_s(clip.container)


def _sound_s(container: InputContainer) -> Decimal | None:
    tracks = container.streams.audio
    if not tracks:
        return None
    track = tracks[0]
    if track.duration and track.time_base:
        return _ms(track.duration * track.time_base)
    declared_s = _declared_s(container)  # Matroska has no length for each track
    return _ms(declared_s) if declared_s > 0 else None


def _fps(clip: Clip) -> Decimal | None:
    """Return frames per second, like the probe of a result; None when nothing tells it."""
    between_s = clip.times_s[-1] - clip.times_s[0] if clip.times_s else Fraction(0)
    if between_s > 0:
        rate = (len(clip.times_s) - 1) / between_s
    elif clip.frame_s > 0:
        rate = 1 / clip.frame_s
    else:
        return None
    return short_decimal(Decimal(rate.numerator) / rate.denominator, 3)


def sound_tracks(path: Path, limits: Limits) -> Tracks:
    """Return how long a sound file plays. Its first frame is decoded, its packets are read.

    A cut MP3, AAC or Ogg file cannot be told from a short one; its length is that of what is there.
    Raises: OSError, MemoryError.
    """
    del limits  # the process is bound to them
    try:
        with av.open(
            str(path.absolute()), options=SOUND_OPTIONS, metadata_errors="replace"
        ) as container:
            return _of_sound(path, container)
    except MemoryError:
        raise
    except av.FFmpegError as exc:
        return Tracks(bad=f"no player can open it ({exc.strerror}); it is cut off or damaged")
    except BadMedia as exc:
        return Tracks(bad=exc.reason)


def _of_sound(path: Path, container: InputContainer) -> Tracks:
    covers = Disposition.attached_pic
    if any(not stream.disposition & covers for stream in container.streams.video):
        raise BadMedia("not_media", "there is video in it; save its sound as a file of its own")
    if not container.streams.audio:
        raise BadMedia("not_media", "there is no sound in it")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise BadMedia("not_playable", "its sound is coded in a way that cannot be decoded here")
    played_s = _played_s(container, stream)
    declared_s = _declared_s(container)
    cut = missing_bytes(path, container) or missing_riff_bytes(path)
    if cut:
        raise BadMedia("truncated", f"cut off: {cut:,} bytes are missing")
    # The header of FLAC counts samples; elsewhere the length may be guessed from the bit rate.
    if container.format.name == "flac" and declared_s > played_s + Fraction(PADDING_S):
        told, there = float(declared_s), float(played_s)
        raise BadMedia("truncated", f"cut off: {there:.1f} of {told:.1f} s are there")
    is_padding = 0 < declared_s <= played_s <= declared_s + Fraction(PADDING_S)
    length_s = declared_s if is_padding else played_s
    if length_s <= 0:
        raise BadMedia("not_playable", "there is no sound in it that plays")
    return Tracks(duration_s=_ms(length_s), has_audio=True)


def _played_s(container: InputContainer, stream: AudioStream) -> Fraction:
    """Decode the first frame and return from when to when the packets play."""
    starts_s: Fraction | None = None
    ends_s = Fraction(0)
    is_heard = False
    for count, packet in enumerate(container.demux(stream)):
        if count > MOST_SOUND_PACKETS:
            raise BadMedia("too_large", f"it has more than {MOST_SOUND_PACKETS:,} packets")
        if not is_heard:
            is_heard = bool(packet.decode())
        if packet.pts is None or packet.time_base is None:
            continue
        at_s = packet.pts * packet.time_base
        # What stands before zero is an encoder's run-up, which is not played.
        starts_s = max(at_s, Fraction(0)) if starts_s is None else starts_s
        ends_s = max(ends_s, at_s + (packet.duration or 0) * packet.time_base)
    if not is_heard:
        raise BadMedia("damaged", "damaged: not one moment of it can be decoded")
    return ends_s - (starts_s or Fraction(0))


def _declared_s(container: InputContainer) -> Fraction:
    return Fraction(container.duration or 0, av.time_base)


def _ms(seconds: Fraction) -> Decimal:
    return short_decimal(Decimal(seconds.numerator) / seconds.denominator, 3)
