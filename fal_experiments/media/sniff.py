"""What a file is, told from its first bytes and its length, before any decoder sees it."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from fal_experiments.media.limits import MIB, Limits

Kind = Literal["clip", "still", "sound"]
BadKind = Literal[
    "empty_file",
    "not_media",
    "not_playable",
    "truncated",
    "damaged",
    "no_video",
    "too_large",
    "stopped",
]
"""`not_media`: an error page and the like. `no_video`: sound only. `stopped`: hit a limit."""

NO_CLIP = "neither a video (MP4, MOV, WebM, MKV) nor a picture (PNG, JPEG, WebP, GIF, AVIF)"
HEAD_BYTES = 4096
SHOWN_CHARACTERS = 100
FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"pnot"}
MP4_BOXES = FIRST_BOXES | {b"moof", b"mfra", b"sidx", b"emsg", b"meta", b"uuid", b"udta"}
SOUND_BRANDS = {b"M4A ", b"M4B "}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"mif1", b"msf1"}
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"


class BadMedia(Exception):
    """A file that is not what it should be: which kind of wrong, and a reason for a person."""

    def __init__(self, kind: BadKind, reason: str) -> None:
        self.kind: BadKind = kind
        self.reason = reason
        super().__init__(reason)


class Finding(NamedTuple):
    """What a check found: the media type of a sound file, or what is wrong with it."""

    media_type: str | None
    bad_kind: BadKind | None = None
    reason: str = ""
    duration_s: Decimal | None = None
    """From the first picture to the end of the last; None for a still."""
    audio_s: Decimal | None = None
    """How long the first sound track plays, as the container tells it; None without one."""


class Tracks(NamedTuple):
    """What an input clip or sound file is, measured with its first frame decoded; or its fault.

    `width_px`, `height_px` and `fps` are of the picture, None for sound and where not told.
    """

    duration_s: Decimal = Decimal(0)
    has_audio: bool = False
    width_px: int | None = None
    height_px: int | None = None
    fps: Decimal | None = None
    bad: str = ""
    """What is wrong with the file, in words; the rest means nothing then."""


class Sniffed(NamedTuple):
    """A file that says of itself that it is a clip, a picture or sound."""

    kind: Kind
    media_type: str
    size_bytes: int


def sniff(path: Path, limits: Limits) -> Sniffed:
    """Return what the first bytes of a file say.

    Raises: BadMedia when it is empty, too big, or neither MP4, MOV, WebM, MKV nor a picture;
    OSError when it cannot be read.
    """
    head, size_bytes = _head(path, limits)
    media_type = _media_type(head)
    if media_type is None:
        raise BadMedia("not_media", _what_it_is(head, NO_CLIP))
    return Sniffed(_kind(media_type), media_type, size_bytes)


def sniff_input(path: Path, limits: Limits) -> Sniffed:
    """Return what the first bytes of a file say, which may be sound too.

    An MP4 that does not call itself M4A counts as a clip; only its tracks tell whether it is one.
    Raises: as `sniff`.
    """
    head, size_bytes = _head(path, limits)
    media_type = _sound_type(head) or _media_type(head)
    if media_type is None:
        raise BadMedia("not_media", _what_it_is(head, f"{NO_CLIP} nor sound (WAV, MP3, M4A, …)"))
    return Sniffed(_kind(media_type), media_type, size_bytes)


def _kind(media_type: str) -> Kind:
    kinds: dict[str, Kind] = {"image": "still", "audio": "sound", "video": "clip"}
    return kinds[media_type.partition("/")[0]]


def _head(path: Path, limits: Limits) -> tuple[bytes, int]:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    size_bytes = path.stat().st_size
    if not head:
        raise BadMedia("empty_file", "the file is empty (0 bytes)")
    if size_bytes > limits.max_file_bytes:
        raise BadMedia(
            "too_large",
            f"the file has {size_bytes / MIB:,.0f} MiB, the limit is "
            f"{limits.max_file_bytes / MIB:,.0f} MiB",
        )
    return head, size_bytes


def _media_type(head: bytes) -> str | None:
    box, brand = head[4:8], head[8:12]
    signs = (
        (head.startswith(EBML) and b"webm" in head[:128], "video/webm"),
        (head.startswith(EBML), "video/x-matroska"),
        (box == b"ftyp" and brand in AVIF_BRANDS, "image/avif"),
        (box == b"ftyp" and brand in HEIC_BRANDS, "image/heic"),
        (box == b"ftyp" and brand == b"qt  ", "video/quicktime"),
        (box in FIRST_BOXES, "video/mp4"),
        (head.startswith(b"RIFF") and brand == b"WEBP", "image/webp"),
        (head.startswith(b"\x89PNG\r\n\x1a\n"), "image/png"),
        (head.startswith(b"\xff\xd8\xff"), "image/jpeg"),
        (head.startswith(b"GIF8"), "image/gif"),
    )
    return next((media_type for holds, media_type in signs if holds), None)


def _sound_type(head: bytes) -> str | None:
    """Return the media type of a sound file.

    Source: RFC 3533 (Ogg), RFC 9639 (FLAC), ISO/IEC 11172-3 and 13818-7: an MP3 frame starts with
    eleven ones and says `layer III`, an ADTS frame with twelve and `layer 0`.
    """
    sync, layer = head[:1] == b"\xff", head[1:2] and head[1] & 0xF6
    signs = (
        (head.startswith(b"RIFF") and head[8:12] == b"WAVE", "audio/wav"),
        (head.startswith(b"fLaC"), "audio/flac"),
        (head.startswith(b"OggS"), "audio/ogg"),
        (head.startswith(b"ID3"), "audio/mpeg"),
        (sync and layer in {0xF2, 0xE2}, "audio/mpeg"),
        (sync and layer == 0xF0, "audio/aac"),
        (head[4:8] == b"ftyp" and head[8:12] in SOUND_BRANDS, "audio/mp4"),
    )
    return next((media_type for holds, media_type in signs if holds), None)


def _what_it_is(head: bytes, not_that: str) -> str:
    """Say what stands in the place of media, with its first words when it is text."""
    text = head.decode("utf-8", errors="replace")
    if "\ufffd" in text[:-4] or "\0" in text:
        return f"{not_that}; it starts with the bytes {head[:8].hex(' ')}"
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
        words = title.group(1) if title else re.sub(r"<[^>]*>", " ", text)
        return f"an HTML page, not media: “{_shown(words)}”"
    name = "JSON" if start.startswith(("{", "[")) else "XML" if start.startswith("<") else "text"
    return f"{name}, not media: “{_shown(text)}”"


def _shown(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    words = " ".join(printable.split())
    return words if len(words) <= SHOWN_CHARACTERS else words[: SHOWN_CHARACTERS - 1] + "…"


def missing_webm_bytes(path: Path) -> int:
    """Return how many bytes a WebM or MKV lacks of the length that its Segment declares.

    A demuxer reads such a file to its sudden end without a word. 0 when the length is not told.
    Source: RFC 8794 (element sizes), RFC 9559 (the Segment is the last top-level element).
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    at = head.find(SEGMENT)
    if at < 0 or at + len(SEGMENT) >= len(head):
        return 0
    at += len(SEGMENT)
    width = 9 - head[at].bit_length()
    if width > 8 or at + width > len(head):
        return 0
    size = int.from_bytes(head[at : at + width], "big") - (1 << 7 * width)
    if size == (1 << 7 * width) - 1:  # all ones: "unknown", as live streams write it
        return 0
    return max(0, at + width + size - path.stat().st_size)


def missing_mp4_bytes(path: Path) -> int:
    """Return how many bytes the last top-level box of an MP4 or MOV lacks of its length.

    Where the index comes last it may have lost its end, and plays all the same. What stands behind
    the boxes is no box and does not count. Source: ISO/IEC 14496-12, 4.2.
    """
    size_bytes, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at + 8 <= size_bytes:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4], "big")
            if length == 1:
                length = int.from_bytes(head[8:], "big")
            if head[4:8] not in MP4_BOXES or length < 8:  # a length of 0: up to the end
                return 0
            at += length
    return max(0, at - size_bytes)


def missing_riff_bytes(path: Path) -> int:
    """Return how many bytes a WAV lacks of the length that its RIFF header declares.

    A length near the end of 32 bits is what streams write that do not know theirs, and writers
    that forget their own header are off by its 8 bytes: 0 for both.
    """
    with path.open("rb") as file:
        return missing_riff_bytes_of(file.read(8), path.stat().st_size)


def missing_riff_bytes_of(head: bytes, size_bytes: int) -> int:
    """Return the same of the first 8 bytes of a WAV or WebP and its size."""
    told = int.from_bytes(head[4:8], "little")
    missing = told + 8 - size_bytes
    return missing if head.startswith(b"RIFF") and told < 0x7FFF0000 and missing > 8 else 0
