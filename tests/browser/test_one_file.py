"""A report of one file, alone in an empty folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from fal_experiments.reporting.single_file import write_single_file
from tests.browser import batches
from tests.browser.clips import Clip
from tests.browser.conftest import PATIENCE_MS, READY
from tests.browser.waiting import until


@pytest.fixture(scope="module")
def one_file(
    clips: list[Clip], sites: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The report of the small batch as one file, alone in its folder."""
    target = tmp_path_factory.mktemp("alone") / "report.html"
    folder = sites["quickstart"].parent
    made = write_single_file(
        batches.quickstart(clips), folder, target, limit_mb=25, with_clips=True
    )
    assert made.missing == ()
    assert made.size_bytes == target.stat().st_size
    assert list(target.parent.iterdir()) == [target]
    return target


@pytest.fixture
def page(browser: Browser, one_file: Path) -> Iterator[Page]:
    """Return the page, which may load nothing but itself and what it carries."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    found, troubles = context.new_page(), []
    found.set_default_timeout(PATIENCE_MS)
    found.on("pageerror", lambda error: troubles.append(str(error)))
    found.on("console", lambda m: troubles.append(m.text) if m.type != "log" else None)
    found.on(
        "request",
        lambda r: (
            None
            if r.url.startswith("data:") or r.url == one_file.as_uri()
            else troubles.append(r.url)
        ),
    )
    found.goto(one_file.as_uri())
    found.wait_for_selector(READY)
    yield found
    context.close()
    assert troubles == []


def test_posters_sheets_clips_and_details_are_in_it(page: Page) -> None:
    until(
        page,
        "document.querySelectorAll('.frame img').length > 3"
        " && [...document.querySelectorAll('.frame img')].every(i => i.naturalWidth > 0)",
    )
    page.locator(".tile .frame").first.hover()
    until(page, "document.querySelector('.tile video')?.currentTime > 0.1")
    page.locator(".tile .frame").first.click()
    expect(page.locator("#drawer-title")).to_have_text("Seedance 1.0 Pro")
    expect(page.locator(".json").first).to_contain_text('"duration": "5"')
    assert page.locator("#drawer a[href]").count() == 0


def test_the_overview_stands_below_and_links_go_to_parts_of_the_page(page: Page) -> None:
    page.get_by_role("link", name="Overview").click()
    until(page, "document.querySelector('#overview').getBoundingClientRect().top < 300")
    assert page.evaluate("location.hash") == ""
    expect(page.locator("#overview #fairness")).to_contain_text("seedance-pro-i2v")
    page.get_by_role("link", name="Clips", exact=True).click()
    until(page, "scrollY === 0")
    away = page.locator("a[href]:not([href^='#'])")
    assert away.count() == 0


def test_it_may_load_nothing_not_even_from_beside_it(browser: Browser, one_file: Path) -> None:
    page = browser.new_page()
    page.goto(one_file.as_uri())
    refused = page.evaluate(
        """(sources) => Promise.all(sources.map((src) => new Promise((resolve) => {
            addEventListener('securitypolicyviolation', (event) => {
                if (event.blockedURI.startsWith(src.slice(0, 4))) resolve(event.violatedDirective);
            });
            new Image().src = src;
        })))""",
        [(one_file.parent / "x.png").as_uri(), "http://127.0.0.1:9/x.png"],
    )
    page.close()
    assert refused == ["img-src", "img-src"]


def test_it_is_whole_without_scripts(browser: Browser, one_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(one_file.as_uri())
    expect(page.locator("table.cells tr[id^=cell-]")).to_have_count(13)
    expect(page.locator("#fairness")).to_be_visible()
    assert page.locator("table.cells img").first.evaluate("i => i.naturalWidth") > 0
    context.close()


def test_a_file_without_clips_offers_neither_to_play_nor_to_rate(
    browser: Browser, clips: list[Clip], sites: dict[str, Path], tmp_path: Path
) -> None:
    target = tmp_path / "posters.html"
    model, folder = batches.quickstart(clips), sites["quickstart"].parent
    write_single_file(model, folder, target, limit_mb=25, with_clips=False)
    context = browser.new_context()
    page = context.new_page()
    page.goto(target.as_uri())
    page.wait_for_selector(READY)

    expect(page.locator("#grid .tile").first).to_be_visible()
    expect(page.locator("#play")).to_be_hidden()
    expect(page.locator(".rating-bar")).to_be_hidden()
    context.close()
