"""Headers that were sent and that came back, bounded, for the drawer of the report."""

from collections.abc import Iterator, Mapping

from fal_experiments.core.report_cell_model import HeaderGroup
from fal_experiments.core.report_lines import LabelledValue

GROUPS = {
    "request": "sent with the request",
    "submit": "answer to the submit",
    "response": "answer with the result",
}
"""What a person calls each group; another one keeps its own name."""
MOST_HEADERS = 60
MOST_CHARS = 600
HIDDEN = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-fal-key"}
)
"""The program never writes a key to disk. Should one of these stand there all the same, the report
shows its name only."""

Headers = Mapping[str, Mapping[str, str]]
"""By what they belong to (`request`, `submit`, `response`), then by name."""


def header_groups(headers: Headers) -> tuple[HeaderGroup, ...]:
    """Return the headers of an attempt, those of the request first."""
    names = [
        *(name for name in GROUPS if name in headers),
        *(n for n in headers if n not in GROUPS),
    ]
    return tuple(_group(GROUPS.get(name, name), headers[name]) for name in names)


def _group(title: str, headers: Mapping[str, str]) -> HeaderGroup:
    lines = list(_lines(headers))
    return HeaderGroup(
        title=title,
        lines=tuple(lines[:MOST_HEADERS]),
        left_out=max(0, len(lines) - MOST_HEADERS),
    )


def _lines(headers: Mapping[str, str]) -> Iterator[LabelledValue]:
    for name, value in headers.items():
        label = "status" if name == ":status" else name
        if name.lower() in HIDDEN:
            yield LabelledValue(label=label, value="not shown")
        elif len(value) > MOST_CHARS:
            more = f"and {len(value) - MOST_CHARS:,} more characters"
            yield LabelledValue(label=label, value=value[:MOST_CHARS], note=more)
        else:
            yield LabelledValue(label=label, value=value)
