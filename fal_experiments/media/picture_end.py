"""Tells whether a picture file is whole, by the lengths, ends and checksums that its format keeps.

Pillow reads over most of them: it counts a GIF that was cut between two frames as a shorter one.
"""

import zlib
from collections.abc import Iterator

from fal_experiments.media.sniff import BadMedia, missing_riff_bytes_of

PNG_HEAD_BYTES = 8
GIF_HEAD_BYTES = 13
GIF_END, GIF_EXTENSION, GIF_IMAGE = 0x3B, 0x21, 0x2C


def flaw_of(data: bytes, media_type: str) -> BadMedia | None:
    """Return what the bytes of a PNG, GIF or WebP lack; None where nothing is known to be wrong.

    JPEG has no checksums, and a cut one is found by decoding it.
    Source: PNG specification 5.3 (chunks and their CRC), GIF89a (the trailer), RFC 9649 (WebP).
    """
    match media_type:
        case "image/png":
            return _png_flaw(data)
        case "image/gif":
            if not _has_gif_end(data):
                return BadMedia("truncated", "the picture is cut off (its last block is missing)")
        case "image/webp":
            missing = missing_riff_bytes_of(data[:8], len(data))
            if missing:
                return BadMedia("truncated", f"cut off: {missing:,} bytes are missing")
    return None


def _png_flaw(data: bytes) -> BadMedia | None:
    for kind, is_intact in _png_chunks(data):
        if not is_intact:
            name = kind.decode("ascii", errors="replace")
            return BadMedia("damaged", f"the picture is damaged (the checksum of {name} is wrong)")
        if kind == b"IEND":
            return None
    return BadMedia("truncated", "the picture is cut off (its last chunk is missing)")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the kind of each whole chunk and whether its checksum is right."""
    view, at = memoryview(data), PNG_HEAD_BYTES
    while at + 12 <= len(view):
        end = at + 8 + int.from_bytes(view[at : at + 4], "big")
        if end + 4 > len(view):
            return
        told = int.from_bytes(view[end : end + 4], "big")
        yield bytes(view[at + 4 : at + 8]), zlib.crc32(view[at + 4 : end]) == told
        at = end + 4


def _has_gif_end(data: bytes) -> bool:
    """Walk from block to block; whatever stands behind the end does not count."""
    try:
        at = GIF_HEAD_BYTES + _table_bytes(data[10])
        while data[at] != GIF_END:
            if data[at] == GIF_EXTENSION:
                at = _behind_parts(data, at + 2)
            elif data[at] == GIF_IMAGE:
                at = _behind_parts(data, at + 11 + _table_bytes(data[at + 9]))
            else:
                return False
    except IndexError:
        return False
    return True


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_parts(data: bytes, at: int) -> int:
    """Return where a chain of parts ends, each preceded by its length, the last one empty."""
    while data[at]:
        at += data[at] + 1
    return at + 1
