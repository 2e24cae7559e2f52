"""Input pictures of a request: found in the sandbox's own CDN, decoded from a data URI, or refused.

No other address is ever fetched. Sources of the error types: references/fal-platform.md 5.2.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.order import Picture
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.recipe import Inputs
from fal_experiments.sandbox.validation import ErrorItem, error_item

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CDN_PATH = re.compile(r"/cdn(/files/.+)")
_MOST_DATA_CHARS = 30 * 2**20


class InputRefused(Exception):
    """An input that the runner cannot use; `item` goes into the 422."""

    def __init__(self, item: ErrorItem) -> None:
        self.item = item
        super().__init__(item["msg"])


def inputs_of(
    endpoint: CataloguedEndpoint, arguments: dict[str, Any], files: FileStore, now: datetime
) -> Inputs:
    """Return the pictures that the arguments name.

    A port other than today's is accepted in an address of the sandbox's own CDN: after a restart
    the files are the same, the port may not be. Raises: InputRefused.
    """
    found: dict[str, Picture] = {}
    digests: list[str] = []
    taken = endpoint.preset.inputs
    for which, knob in (("picture", taken.image), ("last_picture", taken.last_frame)):
        value = _first(arguments.get(knob)) if knob else None
        if value is None or knob is None:
            continue
        picture, digest = _picture(knob, value, files, now)
        found[which] = _with_limits(picture, endpoint, knob)
        digests.append(f"{which}:{digest}")
    return Inputs(found.get("picture"), found.get("last_picture"), tuple(digests))


def knob_of(preset: Preset, which: str) -> str:
    """Return the name of the argument that a picture came in."""
    knob = preset.inputs.image if which == "picture" else preset.inputs.last_frame
    return knob or which


def _with_limits(picture: Picture, endpoint: CataloguedEndpoint, knob: str) -> Picture:
    """Return the picture with the least size that the schema's `x-fal` hint asks of it."""
    properties = endpoint.schema.input.get("properties", {}) if endpoint.schema else {}
    hint = properties.get(knob, {}).get("x-fal", {})
    return replace(
        picture,
        least_width_px=int(hint.get("min_width", 0)),
        least_height_px=int(hint.get("min_height", 0)),
    )


def _first(value: Any) -> Any:
    """Return the picture of a knob that takes a list of them."""
    return (value[0] if value else None) if isinstance(value, list) else value


def _picture(knob: str, value: Any, files: FileStore, now: datetime) -> tuple[Picture, str]:
    if not isinstance(value, str):
        raise InputRefused(
            error_item((knob,), "string_type", "Input should be a valid string", value)
        )
    if value.startswith("data:"):
        data = _decoded(knob, value)
        return Picture(data=data), hashlib.sha256(data).hexdigest()
    try:
        url = urlsplit(value)
        host = url.hostname or ""
    except ValueError:
        raise _not_downloaded(knob, value) from None
    own = _CDN_PATH.fullmatch(url.path) if host in _LOOPBACK else None
    if own is not None:
        file = files.find(own[1], now)
        if file is None:
            raise _not_downloaded(knob, value)
        return Picture(path=file.path), file.sha256
    if url.scheme not in {"http", "https"} or not host:
        raise _not_downloaded(knob, value)
    return Picture(unfetched=host[:60]), hashlib.sha256(
        value.encode("utf-8", "replace")
    ).hexdigest()


def _decoded(knob: str, uri: str) -> bytes:
    head, comma, body = uri.partition(",")
    if not comma or len(body) > _MOST_DATA_CHARS:
        raise _not_downloaded(knob, uri)
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _not_downloaded(knob, uri) from None


def _not_downloaded(knob: str, value: str) -> InputRefused:
    msg = "Failed to download the file. Check that the URL is accessible and try again."
    return InputRefused(error_item((knob,), "file_download_error", msg, value))
