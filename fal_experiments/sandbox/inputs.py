"""Input files of a request: found in the sandbox's own CDN, decoded from a data URI, or refused.

No other address is ever fetched. Sources of the error types: references/fal-platform.md 5.2.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from fal_experiments.core.ids import sha256_hex
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.clips.order import Loc, Medium, MediumFacts
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.places import Place, places_in
from fal_experiments.sandbox.validation import ErrorItem, error_item

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CDN_PATH = re.compile(r"/cdn(/files/.+)")
_MOST_DATA_CHARS = 30 * 2**20


class InputRefused(Exception):
    """An input that the runner cannot use; `item` goes into the 422."""

    def __init__(self, item: ErrorItem) -> None:
        self.item = item
        super().__init__(item["msg"])


@dataclass(frozen=True)
class Inputs:
    """The files of a request."""

    media: tuple[Medium, ...] = ()
    """In the order in which they stand."""
    by_content: Mapping[str, Any] = field(default_factory=dict)
    """The arguments with a digest in place of every file: equal files, equal arguments."""
    facts: tuple[MediumFacts, ...] = ()
    """What each file was found to be, once it was looked at."""

    def under(self, knob: str | None) -> list[Medium]:
        """Return the files that a top-level argument holds; `image_urls[]` names a list."""
        name = knob.removesuffix("[]") if knob else None
        return [medium for medium in self.media if medium.loc[0] == name]

    def facts_under(self, knob: str | None) -> list[MediumFacts]:
        """Return what is known of those files."""
        wanted = [medium.loc for medium in self.under(knob)]
        pairs = zip(self.media, self.facts, strict=False)
        return [facts for medium, facts in pairs if medium.loc in wanted]

    def seconds_under(self, knob: str | None) -> Decimal | None:
        """Return how long those files play in all, None where one does not tell."""
        lengths = [facts.duration_s for facts in self.facts_under(knob)]
        known = [length for length in lengths if length is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(lengths) else None


def inputs_of(
    endpoint: CataloguedEndpoint, arguments: dict[str, Any], files: FileStore, now: datetime
) -> Inputs:
    """Return the files that the arguments name, not looked at yet.

    A port other than today's is accepted in an address of the sandbox's own CDN: after a restart
    the files are the same, the port may not be. Raises: InputRefused.
    """
    media: list[Medium] = []
    digests: dict[Loc, str] = {}
    for place in places_in(endpoint, arguments):
        medium, digest = _found(place, files, now)
        media.append(medium)
        digests[place.loc] = digest
    by_content: dict[str, Any] = _with_digests(arguments, digests, ())
    return Inputs(tuple(media), by_content)


def _with_digests(value: Any, digests: Mapping[Loc, str], loc: Loc) -> Any:
    if loc in digests:
        return digests[loc]
    if isinstance(value, dict):
        return {key: _with_digests(item, digests, (*loc, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_digests(item, digests, (*loc, at)) for at, item in enumerate(value)]
    return value


def _found(place: Place, files: FileStore, now: datetime) -> tuple[Medium, str]:
    loc, value = place.loc, place.value
    if not isinstance(value, str):
        raise InputRefused(error_item(loc, "string_type", "Input should be a valid string", value))
    medium = Medium(kind=place.kind, loc=loc, limits=place.limits)
    if value.startswith("data:"):
        data = _decoded(loc, value)
        return replace(medium, data=data), sha256_hex(data)
    try:
        url = urlsplit(value)
        host = url.hostname or ""
    except ValueError:
        raise _not_downloaded(loc, value) from None
    own = _CDN_PATH.fullmatch(url.path) if host in _LOOPBACK else None
    if own is not None:
        file = files.find(own[1], now)
        if file is None:
            raise _not_downloaded(loc, value)
        return replace(medium, path=file.path), file.sha256
    is_address = url.scheme in {"http", "https"} and bool(host)
    if not is_address and place.kind != "other":
        raise _not_downloaded(loc, value)
    return replace(medium, unfetched=host[:60] or "nowhere"), sha256_hex(value)


def _decoded(loc: Loc, uri: str) -> bytes:
    head, comma, body = uri.partition(",")
    if not comma or len(body) > _MOST_DATA_CHARS:
        raise _not_downloaded(loc, uri)
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _not_downloaded(loc, uri) from None


def _not_downloaded(loc: Loc, value: str) -> InputRefused:
    msg = "Failed to download the file. Check that the URL is accessible and try again."
    return InputRefused(error_item(loc, "file_download_error", msg, value))
