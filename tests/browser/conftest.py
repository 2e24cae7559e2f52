"""Sites with real clips, and pages of them that must stay clean: no error, no foreign request."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fal_experiments.reporting.screenshot import find_browser
from fal_experiments.reporting.site import write_site
from tests.browser import batches, comparing
from tests.browser.clips import Clip, make_clip
from tests.browser.overviews import two_presets

BROWSER_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-quic",
    "--no-sandbox",
)
READY = "html[data-ready]"
PATIENCE_MS = 15_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    """Clips of four shapes in a folder `media`; their links lead there from a sibling folder."""
    folder = tmp_path_factory.mktemp("batch") / "media"
    folder.mkdir()
    shapes = ((128, 72, 1.5), (128, 72, 1.0), (96, 96, 1.25), (72, 128, 1.5))
    return [
        make_clip(folder, f"c{n}", width_px=w, height_px=h, duration_s=s, hue=40 * n)
        for n, (w, h, s) in enumerate(shapes)
    ]


@pytest.fixture(scope="session")
def sites(clips: list[Clip], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The index of each batch, by the name of the batch."""
    root = tmp_path_factory.getbasetemp() / "batch0"
    models = {
        "pair": batches.pair(clips),
        "quickstart": batches.quickstart(clips),
        "states": batches.all_states(clips),
        "large": batches.large(clips, 25),
        "larger": batches.large(clips, 40),
        "hostile": batches.hostile(clips),
        "matrix": batches.matrix(clips),
        "compare": comparing.model(comparing.make_clips(root / "media")),
        "two presets": two_presets(clips),
    }
    return {name: write_site(model, root / name) for name, model in models.items()}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return Chromium. It ends with this package: its loop would be in the way of other tests."""
    program = find_browser()
    assert program is not None, "Chromium is needed: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(BROWSER_FLAGS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, sites: dict[str, Path]) -> Iterator[OpenPage]:
    """Return a function that opens a site from file://, ready to use; keywords go to its context.

    At the end of the test no page may have logged an error or asked for anything but files.
    """
    troubles: list[str] = []
    contexts = []

    def opened(name: str, fragment: str = "", **context: Any) -> Page:
        contexts.append(
            browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | context)
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: troubles.append(m.text) if m.type != "log" else None)
        page.on("request", lambda r: None if r.url.startswith("file:") else troubles.append(r.url))
        page.goto(sites[name].as_uri() + fragment)
        if context.get("java_script_enabled", True):
            page.wait_for_selector(READY)
        return page

    yield opened
    for each in contexts:
        each.close()
    assert troubles == []


@pytest.fixture
def own_copy(sites: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that copies a site with its clips, to be damaged."""

    def copied(name: str) -> Path:
        shutil.copytree(sites[name].parent, tmp_path / name)
        return tmp_path / name / "index.html"

    return copied
