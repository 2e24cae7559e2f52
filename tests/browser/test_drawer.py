"""The details of one cell."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.cells import LONG_SEED
from tests.browser.conftest import READY, OpenPage
from tests.browser.waiting import until


def test_a_click_opens_the_exact_arguments_digit_for_digit(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile .frame").first.click()
    expect(page.locator(".json")).to_contain_text(f'"seed": {LONG_SEED}')
    expect(page.locator(".json")).to_contain_text('"duration": "5"')
    expect(page.locator("#drawer-title")).to_have_text("Seedance 1.0 Pro")
    for part in ("Money", "Deviations", "Times", "Facts", "Files", "Prompt", "Exact arguments"):
        expect(page.locator(".part h3", has_text=part).first).to_be_visible()


def test_enter_opens_and_escape_returns_to_the_same_tile(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator(".tile").nth(2)).to_be_focused()
    until(page, "location.hash === ''")


def test_an_address_leads_to_a_cell_and_back_closes_it(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0001c0ffee")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    expect(page.locator(".drawer-main")).to_contain_text("In the dialect “kling”.")
    page.keyboard.press("Escape")
    page.locator(".tile .frame").first.click()
    assert page.evaluate("location.hash") == "#cell=0000c0ffee"
    page.go_back()
    expect(page.locator("#drawer")).to_be_hidden()


def test_an_address_of_a_cell_that_is_not_here_is_answered(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=gone")
    expect(page.locator("#notice")).to_have_text("There is no cell “gone” in this report.")


def test_arrows_turn_to_the_neighbours(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0000c0ffee")
    expect(page.get_by_role("button", name="Previous cell")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    page.get_by_role("button", name="Next cell").click()
    expect(page.locator("#drawer-title")).to_have_text("Hailuo 02 Standard")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    page.keyboard.press("Escape")
    expect(page.locator(".tile").nth(1)).to_be_focused()


def test_a_failure_shows_what_the_provider_said_and_the_money(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0004c0ffee")
    expect(page.locator(".failure")).to_contain_text('"msg": "the input was flagged"')
    expect(page.locator(".verdict")).to_contain_text("Not billed.")
    expect(page.locator(".drawer-side .part").first).to_contain_text("invoiced")


def test_a_picture_of_the_sheet_takes_the_player_there(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0000c0ffee")
    page.get_by_role("button", name="Go to 0.86 s").click()
    until(
        page,
        "Math.abs(document.querySelector('.stage').currentTime - 0.857) < 0.05"
        " && document.querySelector('.stage').paused",
    )


def test_the_arguments_can_be_copied(open_page: OpenPage) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    page = open_page("quickstart", "#cell=0000c0ffee", permissions=allowed)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert f'"seed": {LONG_SEED}' in page.evaluate("navigator.clipboard.readText()")


def test_details_come_in_chunks_only_when_they_are_opened(open_page: OpenPage) -> None:
    page = open_page("large")
    loaded = "[...document.querySelectorAll('script')].map(s => s.src.split('/').at(-1)).filter(s => s.startsWith('detail'))"  # noqa: E501
    assert page.evaluate(loaded) == []
    page.evaluate("location.hash = '#cell=0078c0ffee'")
    expect(page.locator(".json")).to_be_visible()
    assert page.evaluate(loaded) == ["detail-3.js"]


def test_focus_stays_in_the_drawer(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0000c0ffee")
    expect(page.locator(".json")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('#drawer') !== null"  # noqa: E501
        )


def test_a_missing_data_file_is_named_with_what_to_do(
    browser: Browser, own_copy: Callable[[str], Path]
) -> None:
    index = own_copy("pair")
    (index.parent / "detail-1.js").unlink()
    page = browser.new_page()
    page.goto(index.as_uri() + "#cell=0000c0ffee")
    page.wait_for_selector(READY)
    expect(page.get_by_role("alert")).to_contain_text("detail-1.js is missing beside this page.")
    (index.parent / "data-1.js").unlink()
    page.goto(index.as_uri())
    page.reload()
    expect(page.locator("#notice")).to_contain_text("A data file is missing beside this page.")
    page.close()
