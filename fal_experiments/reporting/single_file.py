"""A small report as one HTML file: style, scripts, data, pictures and clips are all in it.

It is put together from the same pages as the folder. Nothing in it may be loaded from anywhere,
not even from beside it: its Content-Security-Policy lets through what it carries, by hash.
"""

import base64
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from fal_experiments.core.plots import plots_of
from fal_experiments.core.report_model import ReportModel
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.reporting.chunks import data_files, detail_files, ratings_script
from fal_experiments.reporting.context import page_context
from fal_experiments.reporting.embed import Embeddings, Kind
from fal_experiments.reporting.environment import report_environment
from fal_experiments.reporting.plots import draw_plots
from fal_experiments.reporting.site import (
    PARTS,
    bundle,
    check_places,
    render,
    write_whole,
)

MB = 1_000_000
ONE_FILE_JS = ("sort", "one-file")
"""The scripts that only this page needs besides those of the clips."""

_MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)
_POLICY = re.compile(r'(http-equiv="Content-Security-Policy" content=")[^"]*"')
_EXTERNAL = re.compile(r'\n<link rel="stylesheet"[^>]*>|\n<script [^>]*></script>')
_LINK = re.compile(r'(<a\b[^>]*?) href="(?!#)[^"]*"')
_PAGES = {
    'href="overview.html"': 'href="#overview"',
    'href="index.html"': 'href="#grid"',
    'href="index.html#': 'href="#',
    'href="overview.html#': 'href="#',
}
_TABLE_TAB = re.compile(r'\s*<a href="table\.html"[^>]*>[^<]*</a>')
_KINDS: tuple[Kind, ...] = ("clips", "contact sheets", "posters", "loops", "input pictures")


class SingleFile(NamedTuple):
    """What came of it."""

    size_bytes: int
    missing: tuple[str, ...]
    """Links to files that were not there; the page has none of them."""


def write_single_file(
    model: ReportModel, folder: Path, target: Path, *, limit_mb: float, with_clips: bool
) -> SingleFile:
    """Write the report as one file to `target`; links of the model start in `folder`.

    Raises: BadInput when it would be larger than the limit, with what takes the room and what to
    leave out; nothing is written then. StorageFailed if it cannot be written or a file not read.
    """
    check_places(model)
    found = Embeddings(model, folder, with_clips=with_clips)
    try:
        # what is too much is told before gigabytes of clips are read
        if found.embedded_bytes() > limit_mb * MB:
            hollow = Embeddings(model, folder, with_clips=with_clips, hollow=True)
            page = _page(hollow.model(model), folder)
            raise _too_large(limit_mb, found, len(page), target)
        page = _page(found.model(model), folder)
        if len(page) > limit_mb * MB:
            raise _too_large(limit_mb, found, len(page) - found.embedded_bytes(), target)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, page)
    except OSError as exc:
        raise StorageFailed(
            f"{exc.filename or target}: the report cannot be written: {exc.strerror or exc}",
            fix="free space or permissions, then write it again; it costs nothing",
        ) from exc
    return SingleFile(len(page), tuple(found.missing))


def _too_large(limit_mb: float, found: Embeddings, page_bytes: int, target: Path) -> BadInput:
    whole = found.embedded_bytes() + page_bytes
    parts = [f"{kind} {_mb(size)}" for kind in _KINDS if (size := found.embedded_bytes(kind))]
    parts.append(f"page and data {_mb(page_bytes)}")
    clips = found.embedded_bytes("clips")
    left = f"--without-clips leaves posters and contact sheets: about {_mb(whole - clips)}"
    fixes = [left] if clips else []
    fixes.append(f"--limit-mb {whole / MB + 1:.0f} allows it")
    fixes.append("or send the folder that `fal-exp report` writes, with the clips beside it")
    fix = "; ".join(fixes)
    return BadInput(
        f"{target}: the report would be {_mb(whole)} in one file, more than {limit_mb:g} MB"
        f" ({', '.join(parts)})",
        fix=fix,
    )


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / MB:.1f} MB"


def _page(model: ReportModel, folder: Path) -> bytes:
    css = bundle("css", PARTS["css"]).content.decode()
    scripts = [bundle("js", (*PARTS["js"], *ONE_FILE_JS)).content]
    scripts += [*data_files(model).values(), ratings_script(model.ratings)]
    scripts += detail_files(model).values()
    context = page_context(model) | {"css": "", "js": "", "side_js": "", "data": ()}
    context |= {"plots": draw_plots(plots_of(model.overview), folder / "overview.html")}
    environment = report_environment(one_file=True)
    index = render(environment, "index.html.j2", context | {"table_in_index": True}).decode()
    overview = render(environment, "overview.html.j2", context).decode()
    main = _MAIN.search(overview)
    # behind the main part, so that its bar does not stay in view over the overview
    inner = main[1] if main else ""
    below = (
        f'</main>\n<section id="overview" class="overview" aria-label="Overview">{inner}</section>'
    )
    html = _own_links(_EXTERNAL.sub("", index.replace("</main>", below, 1)))
    html = html.replace("<html ", '<html data-embedded="true" ', 1)
    texts = [script.decode() for script in scripts]
    html = _POLICY.sub(lambda found: f'{found[1]}{_policy(css, texts)}"', html, count=1)
    head = f"\n<style>{_inside(css, 'style')}</style>\n{_script(texts[0])}</head>"
    body = "".join(map(_script, texts[1:]))
    html = html.replace("</head>", head, 1)
    return html.replace("</body>", f"{body}</body>", 1).encode("utf-8", "backslashreplace")


def _own_links(html: str) -> str:
    """Return the page with links to its own parts, and without links to other files."""
    for old, new in _PAGES.items():
        html = html.replace(old, new)
    return _LINK.sub(r"\1", _TABLE_TAB.sub("", html))


def _script(text: str) -> str:
    return f"<script>{_inside(text, 'script')}</script>\n"


def _inside(text: str, tag: str) -> str:
    """Return text that may stand in an element. Raises: ValueError when it would end it."""
    if re.search(rf"</{tag}|<!--", text, re.IGNORECASE):
        raise ValueError(f"a static file of the report holds the end of a <{tag}>")
    return text


def _policy(css: str, scripts: list[str]) -> str:
    allowed = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(css)}; img-src data:; "
        "media-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
