"""Which links a report may follow: files beside it, and nothing else."""

import re

_STRIPPED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_EMBEDDED = re.compile(
    r"data:(image/(?:jpeg|png|gif|webp|avif)|video/(?:mp4|webm|quicktime));base64,"
)


def is_local_href(href: str) -> bool:
    """Tell whether `href` can only mean a file beside the report.

    False for anything with a scheme, a host or a root, however it is disguised: browsers drop
    control characters and read a backslash as a slash (WHATWG URL, basic URL parser).
    The rule in static/href.js is the same one.
    """
    bare = _STRIPPED_BY_BROWSERS.sub("", href)
    return bool(bare) and bare[0] not in "/\\" and _SCHEME.match(bare) is None


def is_embedded_href(href: str) -> bool:
    """Tell whether `href` carries a picture or a clip in itself: in a report of a single file.

    SVG is not among them: it is a document that may hold scripts.
    """
    return _EMBEDDED.match(href) is not None
