"""The inputs of a matrix: a local picture, clip or sound becomes the facts that a plan needs."""

import hashlib
import stat
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from fal_experiments.core.inputs import InputFile
from fal_experiments.errors import BadInput
from fal_experiments.media.backdrop import backdrop_of
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.limits import Limits
from fal_experiments.media.sniff import BadMedia, Kind, Tracks, sniff, sniff_input
from fal_experiments.media.still import read_still

PLAN_LIMITS = Limits(wall_s=20, cpu_s=15)
"""Reading the packets of a clip of 512 MiB takes 1 s; who waits for a plan waits for no more."""

BORDER_PX = 16
HALF_CLEAR = 128
"""Alpha of 255 from which a pixel counts as covered."""


class _Wanted(NamedTuple):
    """What a role asks for, in words, and the job that measures it."""

    kind: Kind
    name: str
    fix: str
    job: str = ""


STILL = _Wanted("still", "image", "give a PNG, JPEG, WebP, GIF or AVIF file")
CLIP = _Wanted(
    "clip",
    "video",
    "give an MP4, MOV, WebM or MKV file",
    "fal_experiments.media.tracks:clip_tracks",
)
SOUND = _Wanted(
    "sound",
    "sound",
    "give a WAV, MP3, M4A, AAC, OGG, Opus or FLAC file",
    "fal_experiments.media.tracks:sound_tracks",
)
KIND_NAMES: dict[Kind, tuple[str, str]] = {
    "still": ("a picture", "image"),
    "clip": ("a video", "video"),
    "sound": ("a sound file", "audio"),
}
"""What a file is, and the field of an input where it belongs."""


def read_input_file(
    path: Path,
    *,
    id: str,  # noqa: A002 - the field of the record has this name
    role: str,
    shown_path: str,
) -> InputFile:
    """Return the facts of an input file, told by its content, not by its name.

    A picture is decoded whole in this process: Pillow checks its size first, no format that
    starts a program is read, and what it costs is bounded by `Limits.max_still_pixels`. Its width
    and height are those of the stored pixels; a note to turn them (EXIF) is not followed, since
    what a service makes of it is its own affair. A clip or sound file goes through demuxers and
    decoders that are far larger, so it is measured by a worker process under PLAN_LIMITS: its
    first frame is decoded and its packets are counted.

    Args:
        role: as in InputFile; its last word says what is asked for: video, audio, else a picture.
        shown_path: what stands for the path in the result and in errors.

    Raises: BadInput when the file is missing, a folder, of another kind than asked, or damaged.
    """
    wanted = {"video": CLIP, "audio": SOUND}.get(role.rpartition(".")[2], STILL)
    _refuse_odd(path, wanted, shown_path)
    facts: dict[str, object] = {"id": id, "role": role, "path": shown_path}
    try:
        facts |= _still_facts(path) if wanted is STILL else _track_facts(path, wanted)
        with path.open("rb") as file:
            facts["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        why = exc.strerror or exc
        raise BadInput(f"{shown_path}: it cannot be read: {why}", fix=wanted.fix) from exc
    except BadMedia as exc:
        raise BadInput(
            f"{shown_path}: not a usable {_file(wanted)}: {exc.reason}", fix=wanted.fix
        ) from exc
    return InputFile.model_validate(facts)


def _file(wanted: _Wanted) -> str:
    return "sound file" if wanted is SOUND else wanted.name


def _refuse_odd(path: Path, wanted: _Wanted, where: str) -> None:
    """Refuse what is no regular file before it is opened: a FIFO would let its reader wait."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as exc:
        raise BadInput(
            f"{where}: there is no such file",
            fix="paths are relative to the project root; check the spelling",
        ) from exc
    except OSError as exc:
        why = exc.strerror or exc
        raise BadInput(f"{where}: it cannot be read: {why}", fix=wanted.fix) from exc
    article = "an" if wanted is STILL else "a"
    if stat.S_ISDIR(mode):
        raise BadInput(
            f"{where}: this is a folder, expected {article} {wanted.name} file", fix=wanted.fix
        )
    if not stat.S_ISREG(mode):
        raise BadInput(
            f"{where}: not a regular file, expected {article} {wanted.name} file", fix=wanted.fix
        )


def _still_facts(path: Path) -> dict[str, object]:
    limits = Limits()
    sniffed = sniff(path, limits)
    if sniffed.kind == "clip":
        raise BadMedia("not_media", f"this is a video ({sniffed.media_type})")
    if sniffed.media_type == "image/heic":
        raise BadMedia("not_media", "HEIC is not supported; save it as PNG or JPEG")
    picture = read_still(path, limits)
    return {
        "width_px": picture.width,
        "height_px": picture.height,
        "size_bytes": sniffed.size_bytes,
        "media_type": sniffed.media_type,
        "background": "transparent" if _is_clear_at_border(picture) else backdrop_of(picture),
    }


def _is_clear_at_border(picture: Image.Image) -> bool:
    """Tell whether nothing stands behind the subject: most of the border lets everything through.

    A figure may touch the border, and soft edges may lie in it.
    """
    if not picture.has_transparency_data:
        return False
    width, height = picture.size
    deep = max(1, min(BORDER_PX, width // 4, height // 4))
    sides = [
        (0, 0, width, deep),
        (0, height - deep, width, height),
        (0, 0, deep, height),
        (width - deep, 0, width, height),
    ]
    counts = [picture.crop(side).convert("RGBA").getchannel("A").histogram() for side in sides]
    clear = sum(sum(count[:HALF_CLEAR]) for count in counts)
    return clear > sum(map(sum, counts)) / 2


def _track_facts(path: Path, wanted: _Wanted) -> dict[str, object]:
    sniffed = sniff_input(path, PLAN_LIMITS)
    media_type = sniffed.media_type
    # A sound file may be an MP4 under any brand: its tracks tell.
    may_be_sound = wanted is SOUND and media_type in {"video/mp4", "video/quicktime"}
    if sniffed.kind != wanted.kind and not may_be_sound:
        name, field = KIND_NAMES[sniffed.kind]
        raise BadMedia("not_media", f"this is {name} ({media_type}), it belongs under `{field}`")
    tracks = _measured(path, wanted)
    if tracks.bad:
        raise BadMedia("not_playable", tracks.bad)
    return {
        "width_px": tracks.width_px,
        "height_px": tracks.height_px,
        "size_bytes": sniffed.size_bytes,
        "media_type": "audio/mp4" if may_be_sound else media_type,
        "duration_s": tracks.duration_s,
        "fps": tracks.fps,
        "has_audio": tracks.has_audio,
    }


def _measured(path: Path, wanted: _Wanted) -> Tracks:
    arguments = (path.absolute(), PLAN_LIMITS)
    try:
        tracks: Tracks = Child(process_context(), wanted.job, arguments, PLAN_LIMITS).answer()
    except JobEnded as exc:
        raise BadMedia("stopped", exc.reason) from exc
    return tracks
