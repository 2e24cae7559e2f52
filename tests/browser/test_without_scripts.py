"""The page for readers without scripts."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage


def test_every_cell_stands_in_a_table_with_state_cost_and_links(open_page: OpenPage) -> None:
    page = open_page("quickstart", java_script_enabled=False)
    rows = page.locator(".cells tbody tr:has(td)")
    assert rows.count() == 13
    failed = page.locator("#cell-0004c0ffee")
    expect(failed).to_contain_text("content_policy_violation")
    expect(failed).to_contain_text("$0")
    link = page.locator("#cell-0000c0ffee a", has_text="clip")
    expect(link).to_have_attribute("href", "../media/c0.mp4")
    expect(page.locator("#toolbar")).to_be_hidden()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Fairness")).to_be_visible()


def test_a_large_batch_has_its_table_in_a_page_of_its_own(open_page: OpenPage) -> None:
    page = open_page("larger", java_script_enabled=False)
    page.get_by_role("link", name="All 320 cells as a table").click()
    assert page.locator(".cells tbody tr:has(td)").count() == 320


def test_the_table_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("hostile", java_script_enabled=False, viewport={"width": 360, "height": 800})
    box = page.locator(".cells").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 360
