"""Ten thousand cells: what is drawn, where scrolling leads, how keys find what was never drawn."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fal_experiments.reporting.site import write_site
from tests.browser import batches
from tests.browser.clips import Clip
from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

MOST_NODES = 2000
NODES = "document.querySelectorAll('*').length"
ACROSS = "#rows=seed%2Cpreset&cols=prompt&tile=160"
"""250 columns of 40 rows."""


@pytest.fixture(scope="module", autouse=True)
def huge(sites: dict[str, Path], clips: Sequence[Clip]) -> None:
    """Write the batch beside the others."""
    folder = sites["pair"].parent.with_name("huge")
    sites["huge"] = write_site(batches.huge(clips), folder)


def at_the_eye(page: Page) -> list[object]:
    """Return the row below the heads, and where it stands."""
    found = page.evaluate(
        """(() => {
            const under = document.querySelector('.head').getBoundingClientRect().bottom;
            const row = [...document.querySelectorAll('.row')]
                .find((each) => each.getBoundingClientRect().bottom > under + 1);
            return [row.getAttribute('aria-rowindex'), row.getBoundingClientRect().top];
        })()"""
    )
    return list(found)


@pytest.mark.parametrize("fragment", ["", ACROSS])
def test_few_nodes_stand_wherever_one_looks(open_page: OpenPage, fragment: str) -> None:
    page = open_page("huge", fragment)
    most = page.evaluate(NODES)
    for part in (0.13, 0.5, 0.77, 1):
        page.evaluate(f"scrollTo(0, document.body.scrollHeight * {part})")
        page.locator(".scroller").evaluate(f"s => {{ s.scrollLeft = s.scrollWidth * {part}; }}")
        until(page, "document.elementFromPoint(700, 500)?.closest('.line, .prompt, footer')")
        most = max(most, page.evaluate(NODES))
    page.get_by_role("button", name="Filter").click()
    page.locator(".facet[data-axis=prompt] summary").click()
    most = max(most, page.evaluate(NODES))
    assert most <= MOST_NODES


def test_rows_that_are_measured_late_do_not_move_what_is_looked_at(open_page: OpenPage) -> None:
    page = open_page("huge")
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    until(page, "document.elementFromPoint(700, 500)?.closest('.line, .prompt')")
    index, _ = at_the_eye(page)
    page.evaluate(
        """() => {
            window.jumps = [];
            const seen = new Map();
            const look = () => {
                for (const row of document.querySelectorAll('.row')) {
                    const { bottom, top } = row.getBoundingClientRect();
                    if (bottom < 0 || top > innerHeight) continue;
                    const index = row.getAttribute('aria-rowindex');
                    const inPage = top + window.moved;
                    if (seen.has(index)) window.jumps.push(Math.abs(seen.get(index) - inPage));
                    seen.set(index, inPage);
                }
            };
            window.moved = 0;
            window.step = () => {
                look();
                scrollBy(0, -150);
                window.moved -= 150;
                const frame = () => new Promise((done) => requestAnimationFrame(done));
                return frame().then(frame).then(look);
            };
        }"""
    )
    for _ in range(30):
        page.evaluate("window.step()")
    assert max(page.evaluate("window.jumps")) < 2
    assert int(str(at_the_eye(page)[0])) < int(str(index)) - 5


def test_keys_reach_cells_that_were_never_drawn(open_page: OpenPage) -> None:
    page = open_page("huge", ACROSS)
    page.locator(".tile").first.focus()
    path = []
    for key in ("Control+End", "ArrowUp", "h", "Control+Home", "l", "j", "End", "k"):
        page.keyboard.press(key)
        path.append(page.evaluate("falExp.data.indexOf.get(document.activeElement.dataset.key)"))
        expect(page.locator(".tile:focus")).to_be_in_viewport(ratio=0.9)
    last = 9999
    assert path == [last, last - 1, last - 41, 0, 40, 41, last - 38, last - 39]
    assert page.locator(".tile[tabindex='0']").count() == 1


def test_the_cell_of_tab_stays_reachable_however_far_one_scrolls(open_page: OpenPage) -> None:
    page = open_page("huge")
    page.locator(".tile").nth(3).focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    until(page, "document.elementFromPoint(700, 500)?.closest('.line, .prompt')")
    assert page.evaluate("document.activeElement.dataset.key") == "0003c0ffee"
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tile:focus")).to_be_in_viewport()


def test_another_tile_size_keeps_the_row_under_the_eye(open_page: OpenPage) -> None:
    page = open_page("huge")
    page.evaluate("scrollTo(0, document.body.scrollHeight / 3)")
    until(page, "document.elementFromPoint(700, 500)?.closest('.line, .prompt')")
    index, top_px = at_the_eye(page)
    page.get_by_label("Tile size").fill("240")
    until(page, "document.querySelector('.tile').clientWidth === 240")
    after = page.locator(f".row[aria-rowindex='{index}']").bounding_box()
    assert after is not None
    assert abs(after["y"] - float(str(top_px))) < 3


def test_paper_has_a_stated_limit(open_page: OpenPage) -> None:
    page = open_page("huge")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert 250 < page.locator(".tile").count() <= 300
    expect(page.locator("#paper")).to_contain_text("300 of the 10000 cells")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".tile").count() < 120
    expect(page.locator("#paper")).to_have_count(0)
