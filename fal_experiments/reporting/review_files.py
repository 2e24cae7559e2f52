"""What the review serves: which files, as what, and the page with the review's script in it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".json": "application/json",
    ".jsonl": "text/plain; charset=utf-8",
    ".yaml": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""What a file is served as; others as bytes to be saved."""
_RANGE = re.compile("([0-9]{0,18})-([0-9]{0,18})")
CSP_OF_FILES = "default-src 'none'; "
CSP_OF_REVIEW = "default-src 'none'; connect-src 'self'; "
Inbox = Callable[[bytes], dict[str, Any]]
"""Takes a body, stores it durably, and returns what is stored. Raises: FalExpError."""


@dataclass(frozen=True)
class ReviewSite:
    """What is served. Addresses are those of files, as seen from `root`."""

    root: Path
    page: Path
    """The page to open; the script of the review is put into it."""
    folders: tuple[Path, ...]
    inboxes: Mapping[str, Inbox]
    """By name: `ratings`, `votes`."""
    files: frozenset[Path] = frozenset()
    """Single files outside of the folders."""
    made: Mapping[Path, Callable[[], bytes]] = field(default_factory=dict)
    """Files whose content is made when they are asked for."""
    scripts: tuple[str, ...] = ()
    """Files that the page loads under a review only, after its own."""
    rater: str = ""


def place_of(site: ReviewSite, asked: str) -> Path | None:
    """Return the file that a path of an address means; None for what is not to be served."""
    parts = PurePosixPath(asked).parts
    if not parts or any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    path = site.root.joinpath(*parts)
    if path in site.made:
        return path
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError):
        return None
    inside = any(real.is_relative_to(folder) for folder in site.folders) or real in site.files
    return path if inside and real.is_file() else None


def content_type(path: Path) -> str:
    """Return what a file is served as."""
    return CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream")


def is_range(header: str) -> bool:
    """Tell whether a `Range` asks for bytes in a form that is to be heeded; `bytes=5-2` is not."""
    unit, _, wanted = header.partition("=")
    parts = [_RANGE.fullmatch(part.strip(" \t")) for part in wanted.split(",")]
    return unit.strip().lower() == "bytes" and all(
        part and _is_forward(*part.groups()) for part in parts
    )


def _is_forward(first: str, last: str) -> bool:
    if not first or not last:
        return bool(first or last)
    return int(first) <= int(last)


def page_of(site: ReviewSite, token: str) -> bytes:
    """Return the page with the review's script, and leave to send to where it came from."""
    text = site.page.read_text("utf-8").replace(CSP_OF_FILES, CSP_OF_REVIEW, 1)
    inboxes = escape(json.dumps({name: f"/{token}/inbox/{name}" for name in site.inboxes}))
    script = (
        f'<script src="/{token}/review.js" data-inboxes="{inboxes}" '
        f'data-rater="{escape(site.rater)}"></script>\n'
    )
    more = "".join(f'<script src="{escape(name)}"></script>\n' for name in site.scripts)
    return text.replace("</head>", f"{script}{more}</head>", 1).encode()
