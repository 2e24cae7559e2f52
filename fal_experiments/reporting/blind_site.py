"""A blind test as a folder that opens from file://, and that says nothing by its names or times."""

import hashlib
import os
import zipfile
from pathlib import Path

from fal_experiments.core.blind import BlindView
from fal_experiments.reporting.chunks import script_call
from fal_experiments.reporting.environment import report_environment

BLIND_PARTS = {
    "css": ("tokens", "blind"),
    "js": (
        *("href", "dom", "memory", "theme", "clock", "kernel", "follower", "ensemble"),
        *("blind-chance", "blind-belief", "blind-ballots", "blind-votes", "blind-store"),
        *("blind-stage", "blind-page", "blind-start"),
    ),
}
"""The static files in the order in which they are joined."""

ALWAYS_S = 946_684_800
"""2000-01-01 00:00 UTC: when every file of every bundle was changed."""

_STATIC = Path(__file__).parent / "static"


def write_blind_site(view: BlindView, folder: Path) -> None:
    """Write the page of a blind test beside its clips, and give all files one time.

    Raises: OSError.
    """
    bundle = {kind: _joined(kind) for kind in BLIND_PARTS}
    names = {
        kind: f"blind-{hashlib.sha256(b).hexdigest()[:12]}.{kind}" for kind, b in bundle.items()
    }
    data = script_call("loadBlind", _data(view))
    for kind, content in bundle.items():
        (folder / names[kind]).write_bytes(content)
    (folder / "data.js").write_bytes(data)
    page = report_environment().get_template("blind.html.j2").render(view=view, **names)
    (folder / "index.html").write_text(page, "utf-8")
    make_timeless(folder)


def make_timeless(folder: Path) -> None:
    """Give a folder and all that is in it one time. Raises: OSError."""
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (ALWAYS_S, ALWAYS_S))


def write_zip(folder: Path, target: Path) -> None:
    """Pack a bundle for sending, uncompressed, as padding is to stay padding. Raises: OSError."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
                info.external_attr = 0o644 << 16
                with path.open("rb") as file, archive.open(info, "w") as packed:
                    while block := file.read(1 << 20):
                        packed.write(block)


def _data(view: BlindView) -> dict[str, object]:
    """Return what the scripts need; what only a person reads stands in the page."""
    data = view.model_dump(
        mode="json",
        exclude={"combinations", "without_clip", "alone", "notes", "is_sandbox", "rows"},
    )
    return data | {"rows": [row._asdict() for row in view.rows]}


def _joined(kind: str) -> bytes:
    sources = (_STATIC / kind / f"{name}.{kind}" for name in BLIND_PARTS[kind])
    return "".join(source.read_text("utf-8") for source in sources).encode()
