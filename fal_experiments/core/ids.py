"""Names that follow from content: canonical JSON, cell ids, slugs."""

import hashlib
import json
import re
import unicodedata
from typing import Any

CELL_ID_CHARS = 16
"""64 bits of SHA-256: two of a million cells collide with a chance of about 3 in 100 million."""


def canonical_json(value: Any) -> str:
    """Return `value` as JSON that is the same on every machine.

    Keys are sorted, no spaces stand between tokens, text is not escaped to ASCII, and a float with
    a whole value is written as an integer, as RFC 8785 does, so that 1 and 1.0 are one argument.

    Raises: ValueError for NaN or an infinity.
    """
    return json.dumps(
        _whole_floats_as_int(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def sha256_hex(data: bytes | str) -> str:
    """Return the SHA-256 of bytes, or of text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def cell_id(*, provider: str, endpoint: str, arguments: dict[str, Any], repeat: int) -> str:
    """Return the identity of a cell: what is sent, to whom, for the how-manieth time.

    `arguments` is the full body; a local input stands in it as `{"$input": <sha256>}`, so the
    same picture under another name is the same cell, and position in the matrix plays no part.
    """
    identity = {
        "provider": provider,
        "endpoint": endpoint,
        "arguments": arguments,
        "repeat": repeat,
    }
    return sha256_hex(canonical_json(identity))[:CELL_ID_CHARS]


def slug(text: str, *, max_chars: int = 48) -> str:
    """Return `text` as a folder name: lower-case ASCII letters, digits and single hyphens.

    Text with nothing to keep (an emoji, Chinese) becomes `batch-` and six digits of its hash.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:max_chars].strip("-")
    return short or f"batch-{sha256_hex(text)[:6]}"


def _whole_floats_as_int(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole_floats_as_int(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_floats_as_int(item) for item in value]
    return value
