"""ReportModel → a folder of plain files that opens from file:// and loads nothing else."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment

from fal_experiments.core.plots import plots_of
from fal_experiments.core.report_axes import NOWHERE
from fal_experiments.core.report_markdown import report_markdown
from fal_experiments.core.report_model import ReportModel
from fal_experiments.errors import StorageFailed
from fal_experiments.reporting.chunks import data_files, detail_files, ratings_script
from fal_experiments.reporting.context import page_context
from fal_experiments.reporting.environment import report_environment
from fal_experiments.reporting.plots import draw_plots

MAX_CELLS_IN_INDEX = 300
MAX_TABLE_IN_INDEX_BYTES = 150_000
"""Up to both the table for readers without scripts stands in the page itself."""

PARTS = {
    "css": (
        *("tokens", "page", "toolbar", "panel", "grid", "tile", "drawer", "compare"),
        *("rating", "tables", "overview", "take_away", "print"),
    ),
    "js": (
        *("href", "dom", "memory", "theme", "hash", "axes"),
        *("scores", "filter", "pins", "layout", "walk"),
        *("geometry", "heights"),
        *("clock", "kernel"),
        *("shell", "wall_command", "export_command"),
        *("data", "view", "notice", "panel", "players", "tile", "fold", "colour", "sizes"),
        *("heads", "line", "section", "grid", "shift", "hover"),
        *("follower", "ensemble", "sync"),
        *("diff", "detail-lines", "detail-clip", "detail-payload", "detail-times", "detail-record"),
        *("detail-against", "detail"),
        *("sliders", "facets", "arrange", "pager", "status", "csv", "picture", "views", "paper"),
        *("drawer", "keys", "grid-keys"),
        *("ratings_model", "ratings", "moment", "ratings_panel", "ratings_ask", "ratings_keys"),
        *("ratings_bar", "page_names", "print_sheets", "take_away"),
        *("selection", "tray", "waveform", "compare-state", "compare-fit", "compare-pane"),
        *("compare-play", "compare-view", "compare-zoom", "compare-sound", "compare-two"),
        *("compare-bar", "compare-keys", "compare-actions", "compare", "page"),
    ),
}
"""The static files in the order in which they are joined: each uses only what stands before it."""
SIDE_JS = ("href", "dom", "memory", "theme", "page_names", "sort", "overview")
"""The scripts of the pages beside the clips."""

_STATIC = Path(__file__).parent / "static"
_OURS = re.compile(r"((report|overview)-[0-9a-f]{12}\.(css|js)|(data|detail)-\d+\.js)")


def write_site(model: ReportModel, folder: Path) -> Path:
    """Write the report of `model` to `folder`, and return its `index.html`.

    Each file appears whole or not at all, the index last; files of an earlier rendering that the
    new one does not have are removed. The same model gives the same bytes.

    Raises: StorageFailed if a file cannot be written. ValueError if two cells have one key or one
    place, or a place that does not exist: one of them would be hidden.
    """
    check_places(model)
    files = _files(model, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
        for old in folder.iterdir():
            if _OURS.fullmatch(old.name) and old.name not in files:
                old.unlink()
    except OSError as exc:
        raise StorageFailed(
            f"{exc.filename or folder}: the report cannot be written: {exc.strerror or exc}",
            fix="free space or permissions, then render the report again; it costs nothing",
        ) from exc
    return folder / "index.html"


def check_places(model: ReportModel) -> None:
    """Raise ValueError if two cells have one key or one place, or a place that does not exist."""
    places: dict[tuple[int, ...], str] = {}
    keys: set[str] = set()
    sizes = [len(axis.values) for axis in model.axes]
    for cell in model.cells:
        inside = len(cell.at) == len(sizes) and all(
            NOWHERE <= index < size for index, size in zip(cell.at, sizes, strict=True)
        )
        if (
            not inside
            or not 0 <= cell.prompt < len(model.prompts)
            or cell.state not in model.states
        ):
            raise ValueError(
                f"cell {cell.key}: its place {cell.at}, prompt or state does not exist"
            )
        other = places.setdefault(cell.at, cell.key)
        if cell.key in keys or other != cell.key:
            raise ValueError(f"cells {cell.key} and {other} share a key or a place")
        keys.add(cell.key)


def _files(model: ReportModel, folder: Path) -> dict[str, bytes]:
    """Return every file by name, in the order in which they are to be written."""
    css, js = bundle("css", PARTS["css"]), bundle("js", PARTS["js"])
    side = bundle("js", SIDE_JS, "overview")
    data = {**data_files(model), "data-ratings.js": ratings_script(model.ratings)}
    files = {css.name: css.content, js.name: js.content, side.name: side.content}
    files |= {**data, **detail_files(model)}
    context = page_context(model) | {"css": css.name, "js": js.name, "data": tuple(data)}
    context |= {"side_js": side.name, "plots": {}}
    environment = report_environment()
    table = render(environment, "table.html.j2", context)
    context["table_in_index"] = (
        len(model.cells) <= MAX_CELLS_IN_INDEX and len(table) <= MAX_TABLE_IN_INDEX_BYTES
    )
    files["table.html"] = table
    files["report.md"] = report_markdown(model).encode()
    context["plots"] = draw_plots(plots_of(model.overview), folder / "overview.html")
    files["overview.html"] = render(environment, "overview.html.j2", context)
    files["index.html"] = render(environment, "index.html.j2", context)
    return files


def render(environment: Environment, template: str, context: dict[str, Any]) -> bytes:
    """Return a rendered template."""
    return environment.get_template(template).render(context).encode()


class Bundle(NamedTuple):
    """Static files of one kind in one, named after their content."""

    name: str
    content: bytes


def bundle(kind: str, parts: Sequence[str], stem: str = "report") -> Bundle:
    """Join static files of one kind in their order."""
    sources = (_STATIC / kind / f"{name}.{kind}" for name in parts)
    content = "".join(source.read_text("utf-8") for source in sources).encode()
    return Bundle(f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{kind}", content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all. Raises: OSError."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
