"""Filters, and the address that remembers them."""

from playwright.sync_api import expect

from tests.browser.conftest import READY, OpenPage
from tests.browser.waiting import until


def test_words_narrow_the_grid_to_rows_and_columns_that_match(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_label("Filter cells by words").fill("KLING  blink")
    expect(page.locator("#count")).to_have_text("2 of 13 cells shown")
    assert page.locator(".column-title strong").all_inner_texts() == ["Kling 3.0 Pro"]
    assert page.locator(".prompt-id").all_inner_texts() == ["idle"]


def test_a_state_can_be_hidden_and_shown(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    chip = page.locator(".chip", has_text="failed")
    chip.click()
    expect(page.locator("[data-state=failed]")).to_have_count(0)
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".blank-hidden")).to_have_count(1)
    chip.click()
    expect(page.locator("[data-state=failed]")).to_have_count(1)


def test_a_preset_is_hidden_from_its_column_and_back_in_the_menu(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_role("button", name="Hide Kling 3.0 Pro").click()
    expect(page.locator("#count")).to_have_text("9 of 13 cells shown")
    page.locator(".menu[data-facet=presets] summary").click()
    page.locator(".menu-show", has_text="Kling 3.0 Pro").click()
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")


def test_only_one_prompt_can_be_kept(open_page: OpenPage) -> None:
    page = open_page("large")
    page.locator(".menu[data-facet=prompts] summary").click()
    page.get_by_role("button", name="Only shot-007").click()
    expect(page.locator("#count")).to_have_text("8 of 200 cells shown")
    expect(page.locator(".menu[data-facet=prompts] summary")).to_contain_text("1 of 25")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-panel").last).to_be_hidden()


def test_the_address_brings_the_same_view_back(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_label("Filter cells by words").fill("knight ♞ &=#")
    expect(page.locator("#count")).to_have_text("0 of 13 cells shown")
    page.get_by_label("Filter cells by words").fill("knight")
    page.locator(".chip", has_text="unknown").click()
    page.get_by_role("button", name="Hide Hailuo 02 Standard").click()
    page.get_by_label("Tile size").fill("300")
    expect(page.locator("#count")).to_have_text("7 of 13 cells shown")
    until(page, "location.hash.includes('tile=300')")
    address = page.evaluate("location.hash")

    again = open_page("quickstart", address)
    expect(again.locator("#count")).to_have_text("7 of 13 cells shown")
    assert again.get_by_label("Filter cells by words").input_value() == "knight"
    assert again.locator(".tile").first.evaluate("t => t.clientWidth") == 300
    assert again.evaluate("location.hash") == address


def test_an_empty_result_offers_the_way_out(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#q=nothing-like-this")
    expect(page.locator("#nothing")).to_be_visible()
    page.locator("#nothing-clear").click()
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#nothing")).to_be_hidden()


def test_a_nonsense_address_opens_the_whole_page(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#tile=-5&%E0%A4%A&hide-state=&q=")
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
