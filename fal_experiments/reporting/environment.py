"""The Jinja environment of the report: escaping always on, a missing value is an error."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Path(__file__).parent / "templates"
_STRIPPED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def is_local_href(href: str) -> bool:
    """Tell whether `href` can only mean a file beside the report.

    False for anything with a scheme, a host or a root, however it is disguised: browsers drop
    control characters and read a backslash as a slash (WHATWG URL, basic URL parser).
    The rule in static/href.js is the same one.
    """
    bare = _STRIPPED_BY_BROWSERS.sub("", href)
    return bool(bare) and bare[0] not in "/\\" and _SCHEME.match(bare) is None


def report_environment() -> Environment:
    """Return the environment that every template of the report is rendered with."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["local_href"] = is_local_href
    return environment
