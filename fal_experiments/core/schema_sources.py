"""Where a snapshot was read: public addresses, what each gave, and of which day it is.

A snapshot says so in one line, `ADDRESS (what, day); ADDRESS (what, day)`, from which a preset
takes its facts: both name the same places and days.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_SOURCE = re.compile(
    r"(https://[^\s()]+) \(([^(),]+), (?:about )?(20[0-9]{2}-[01][0-9](?:-[0-3][0-9])?)\)"
)
FAL_JS = "https://github.com/fal-ai/fal-js/tree"
"""fal's JavaScript client, whose repository holds the type definitions of every endpoint."""


class SchemaSource(NamedTuple):
    """One place that a schema was read at."""

    address: str
    what: str
    """What was read there: `type definitions`, `defaults and limits`, `a copy`."""
    as_of: str
    is_about: bool = False
    """True when the day is only known roughly."""

    def words(self) -> str:
        """Return the place as it stands in a snapshot."""
        about = "about " if self.is_about else ""
        return f"{self.address} ({self.what}, {about}{self.as_of})"


def sources_line(sources: Iterable[SchemaSource]) -> str:
    """Return the line of a snapshot that names all places."""
    return "; ".join(source.words() for source in sources)


def read_sources(line: str) -> tuple[SchemaSource, ...]:
    """Return the places that a snapshot names; none for a line of another form."""
    return tuple(
        SchemaSource(found[1], found[2], found[3], is_about=", about " in found[0])
        for found in _SOURCE.finditer(line)
    )


def openapi_url(endpoint: str) -> str:
    """Return the public address of an endpoint's OpenAPI document."""
    return f"https://fal.ai/api/openapi/queue/openapi.json?endpoint_id={endpoint}"
