"""The Jinja environment of the report: escaping always on, a missing value is an error."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fal_experiments.core.hrefs import is_embedded_href, is_local_href

_TEMPLATES = Path(__file__).parent / "templates"


def report_environment(*, one_file: bool = False) -> Environment:
    """Return the environment that every template of the report is rendered with.

    `one_file`: only what a link carries in itself may be linked.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["local_href"] = is_embedded_href if one_file else is_local_href
    return environment
