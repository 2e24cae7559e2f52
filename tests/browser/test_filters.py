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


def test_a_pattern_narrows_too_and_a_broken_one_says_so(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    words = page.get_by_label("Filter cells by words")
    words.fill("/^Kling.*Pro$/m")
    expect(page.locator("#count")).to_have_text("4 of 13 cells shown")
    words.fill("/Kling(/")
    expect(page.locator("#query-problem")).to_contain_text("Not a pattern yet")
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
    words.fill("kling")
    expect(page.locator("#query-problem")).to_be_hidden()


def test_a_state_can_be_hidden_and_shown(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    chip = page.locator(".chip", has_text="failed")
    chip.click()
    expect(page.locator(".tile[data-state=failed]")).to_have_count(0)
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".blank-hidden")).to_have_count(1)
    chip.click()
    expect(page.locator(".tile[data-state=failed]")).to_have_count(1)


def test_a_value_is_hidden_from_its_head_and_back_in_the_panel(open_page: OpenPage) -> None:
    page = open_page("quickstart", viewport={"width": 1440, "height": 1800})
    page.get_by_role("button", name="Hide this column: Kling 3.0 Pro").click()
    expect(page.locator("#count")).to_have_text("9 of 13 cells shown")
    page.get_by_role("button", name="Hide this row: walk · seed 2").click()
    page.get_by_role("button", name="Hide seed 2").click()
    expect(page.locator("#count")).to_have_text("5 of 13 cells shown")
    page.get_by_role("button", name="Filter 2").click()
    page.locator(".facet[data-axis=preset] summary").click()
    page.locator(".menu-show", has_text="Kling 3.0 Pro").click()
    expect(page.locator("#count")).to_have_text("7 of 13 cells shown")
    page.get_by_role("button", name="Clear all filters").click()
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")


def test_only_one_prompt_can_be_kept_and_values_are_found_by_name(open_page: OpenPage) -> None:
    page = open_page("large")
    page.get_by_role("button", name="Filter").click()
    facet = page.locator(".facet[data-axis=prompt]")
    facet.locator("summary").click()
    page.get_by_label("Find a value of Prompt").fill("007")
    expect(facet.locator(".menu-row")).to_have_count(1)
    page.get_by_role("button", name="Only shot-007").click()
    expect(page.locator("#count")).to_have_text("8 of 200 cells shown")
    expect(facet.locator("summary")).to_contain_text("1 of 25")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "filter"


def test_a_number_is_kept_between_two_ends_by_keys(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_role("button", name="Filter").click()
    least = page.get_by_label("Least cost")
    least.focus()
    page.keyboard.press("End")
    expect(page.locator("#count")).to_have_text("1 of 13 cells shown")
    page.locator(".slider[data-metric=cost_usd]").get_by_label("unknown too").check()
    shown = page.evaluate("falExp.grid.state.plan.shown")
    assert shown > 1
    assert "range=cost_usd" in page.evaluate("falExp.view.address()")
    least.focus()
    page.keyboard.press("Home")
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
    assert page.evaluate("falExp.view.address()").startswith("/")


def test_any_number_can_get_a_slider(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Add slider").select_option("sharpness")
    expect(page.locator(".slider", has_text="sharpness")).to_be_visible()


def test_the_address_brings_the_same_view_back(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_label("Filter cells by words").fill("knight ♞ &=#")
    expect(page.locator("#count")).to_have_text("0 of 13 cells shown")
    page.get_by_label("Filter cells by words").fill("knight")
    page.locator(".chip", has_text="unknown").click()
    page.get_by_role("button", name="Hide this column: Hailuo 02 Standard").click()
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
    expect(page.locator("#nothing")).to_contain_text("words “nothing-like-this”")
    page.locator("#nothing").get_by_role("button", name="drop").click()
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("#nothing")).to_be_hidden()


def test_a_nonsense_address_opens_the_whole_page(open_page: OpenPage) -> None:
    page = open_page(
        "quickstart",
        "#tile=-5&%E0%A4%A&hide-state=&q=&rows=x&order=preset%3D9-1&pin=row:x&by=y&range=z",
    )
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")
