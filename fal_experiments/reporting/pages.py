"""Pages beside the reports: batches compared, and all batches of a project."""

import hashlib
from pathlib import Path
from typing import Any

from fal_experiments.core.batch_index import IndexModel
from fal_experiments.core.compare_model import CompareModel, money_change, seconds_change
from fal_experiments.errors import StorageFailed
from fal_experiments.reporting.environment import report_environment

PAGE_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "compare": {
        "css": ("tokens", "page", "tables", "pages", "print"),
        "js": (
            *("href", "dom", "memory", "theme", "page_names"),
            *("clock", "kernel", "players", "follower", "ensemble", "pairs"),
        ),
    },
    "batches": {
        "css": ("tokens", "page", "tables", "pages", "print"),
        "js": ("href", "dom", "memory", "theme", "page_names", "batches"),
    },
}
"""The static files of each page, in the order in which they are joined."""

_STATIC = Path(__file__).parent / "static"


def write_compare_page(model: CompareModel, folder: Path) -> Path:
    """Write the page that compares batches; returns its `index.html`. Raises: StorageFailed."""
    return _write("compare", model, folder / "index.html")


def write_index_page(model: IndexModel, page: Path) -> Path:
    """Write the page of all batches. Raises: StorageFailed."""
    return _write("batches", model, page)


def _write(name: str, model: Any, page: Path) -> Path:
    """Write a page, whole, after its style and script; those of an earlier program go."""
    files = dict(_joined(name, kind) for kind in ("css", "js"))
    css, js = files
    template = report_environment().get_template(f"{name}.html.j2")
    words = {"money_change": money_change, "seconds_change": seconds_change}
    files[page.name] = template.render(model=model, css=css, js=js, **words).encode()
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            _write_whole(page.with_name(file), content)
        for old in page.parent.glob(f"{name}-????????????.*"):
            if old.name not in files and old.suffix in {".css", ".js"}:
                old.unlink(missing_ok=True)
    except OSError as exc:
        raise StorageFailed(
            f"{exc.filename or page}: the page cannot be written: {exc.strerror or exc}",
            fix="free space or permissions, then write it again; it costs nothing",
        ) from exc
    return page


def _joined(name: str, kind: str) -> tuple[str, bytes]:
    sources = (_STATIC / kind / f"{part}.{kind}" for part in PAGE_PARTS[name][kind])
    content = "".join(source.read_text("utf-8") for source in sources).encode()
    return f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.{kind}", content


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
