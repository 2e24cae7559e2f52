"""The grid by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.waiting import until


def focused(page: Page) -> str:
    """Return the key of the focused tile, without what all keys have in common."""
    key = page.evaluate("document.activeElement.dataset.key ?? ''")
    return str(key).removesuffix("c0ffee")


def test_tab_enters_the_grid_at_one_tile(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    assert page.locator(".tile[tabindex='0']").count() == 1
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert focused(page) == "0000"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.tile')") is None


def test_arrows_move_by_place_and_across_tasks(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile").first.focus()
    path = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowLeft", "End", "Control+End", "ArrowUp", "Home", "Control+Home", "ArrowUp"):  # noqa: E501  # fmt: skip
        page.keyboard.press(key)
        path.append(focused(page))
    assert path == ["0001", "0004", "0003", "0003", "0005", "000c", "0009", "0009", "0000", "0000"]


def test_a_row_that_was_never_drawn_can_be_reached(open_page: OpenPage) -> None:
    page = open_page("large")
    page.locator(".tile").first.focus()
    page.keyboard.press("Control+End")
    assert focused(page) == "00c7"
    expect(page.locator(".tile[data-key='00c7c0ffee']")).to_be_in_viewport()


def test_a_focused_tile_is_not_hidden_by_what_sticks(open_page: OpenPage) -> None:
    page = open_page("large")
    page.evaluate("scrollTo(0, 4000)")
    until(page, "document.elementFromPoint(300, 500)?.closest('.tile')")
    page.evaluate("document.elementFromPoint(300, 500).closest('.tile').focus()")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    tile = page.locator(".tile:focus").bounding_box()
    head = page.locator(".head").bounding_box()
    assert tile is not None
    assert head is not None
    assert tile["y"] >= head["y"] + head["height"] - 1


def test_a_question_mark_lists_the_keys_and_they_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#letters").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.get_by_role("button", name="Keyboard").click()
    page.locator("#letters").check()


def test_a_slash_goes_to_the_filter_where_letters_are_letters(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.keyboard.press("/")
    page.keyboard.type("ps?")
    assert page.get_by_label("Filter cells by words").input_value() == "ps?"
    expect(page.locator("#keys")).to_be_hidden()


def test_every_tile_and_button_has_a_name(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    nameless = page.locator("button, [role=gridcell], input, summary").evaluate_all(
        "all => all.filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)"  # noqa: E501
    )
    assert nameless == []
    name = page.locator(".tile").nth(1).get_attribute("aria-label")
    assert name == (
        "Kling 3.0 Pro, repeat 1, done, cost $0.56, took 48 s, "
        "2 deviations: resolution 720p → not stated; seed 1 → no seed knob"
    )


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious_with_panels_open(open_page: OpenPage, colours: str) -> None:
    page = open_page(
        "matrix",
        "#by=cost_usd&pages=prompt&rows=input%2Cseed&pin=column:preset%3Dhailuo-02-i2v%26x",
        color_scheme=colours,
    )
    for button in ("Arrange", "Filter", "View", "Keyboard"):
        page.get_by_role("button", name=button, exact=True).click()
        # loading style sheets again is what the page's own policy forbids
        found = Axe().run(page, options={"preload": False}).response["violations"]
        worse = [each for each in found if each["impact"] in ("serious", "critical")]
        assert worse == [], button
