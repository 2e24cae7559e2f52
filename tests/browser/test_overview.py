"""The overview as a person uses it: plots that lead to clips, tables, themes, no scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import READY, OpenPage


def _overview(open_page: OpenPage, **context: object) -> Page:
    page = open_page("two presets", **context)
    page.get_by_role("link", name="Overview").click()
    if context.get("java_script_enabled", True):
        page.wait_for_selector(READY)
    expect(page.get_by_role("heading", name="By preset")).to_be_visible()
    return page


def test_a_click_on_a_point_leads_to_the_clips_of_its_preset(open_page: OpenPage) -> None:
    page = _overview(open_page)
    page.locator("#tradeoffs .plot a[aria-label^=Seedless]").first.click()
    page.wait_for_selector(READY)
    expect(page.locator("#count")).to_contain_text("4 of 8")
    expect(page.locator(".tile").first).to_be_visible()
    keys = page.locator(".tile").evaluate_all("tiles => tiles.map(t => t.dataset.key[0])")
    assert set(keys) == {"b"}


def test_a_bar_of_the_run_and_a_dot_lead_to_the_cell(open_page: OpenPage) -> None:
    page = _overview(open_page)
    page.locator("#timeline .plot a").filter(has_text="failed · run").first.click()
    page.wait_for_selector(READY)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert "cell=" in page.url
    page.go_back()
    page.locator("#measured .plot a").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_another_quality_is_chosen_by_keys_and_without_scripts(open_page: OpenPage) -> None:
    page = _overview(open_page, java_script_enabled=False)
    shown = page.locator(".quality figcaption:visible")
    expect(shown.first).to_have_text("SSIM to input × USD per usable second")
    page.get_by_role("radio", name="SSIM to input").focus()
    page.keyboard.press("ArrowRight")
    expect(shown.first).to_have_text("loop seam × USD per usable second")
    expect(shown).to_have_count(2)


def test_without_scripts_every_number_and_plot_is_there(open_page: OpenPage) -> None:
    page = _overview(open_page, java_script_enabled=False)
    assert page.locator("svg.plot:visible").count() == 9
    row = page.locator("#presets tbody tr", has_text="Seedless")
    look = "e => [getComputedStyle(e).position, getComputedStyle(e).opacity, e.textContent]"
    assert row.locator(".letter").evaluate(look) == ["static", "1", "B"]
    expect(row).to_contain_text("3 of 4")
    expect(page.locator("#money-steps")).to_contain_text("metered")
    expect(page.locator("#fairness")).to_contain_text("Comparable")
    page.get_by_text("9 attempts as a table").click()
    expect(page.locator("#attempts tbody tr")).to_have_count(9)
    page.get_by_role("link", name="Table", exact=True).click()
    assert page.locator(".cells tbody tr:has(td)").count() == 8


def test_tables_sort_both_ways_with_what_is_missing_last(open_page: OpenPage) -> None:
    page = _overview(open_page)
    titles = page.locator("#presets tbody th a")
    head = page.get_by_role("columnheader", name="Submit to file")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(titles).to_have_text(["Seeded", "Seedless"])
    head.get_by_role("button").click()
    expect(titles).to_have_text(["Seedless", "Seeded"])


def test_plots_follow_the_theme_in_the_type_of_the_page(open_page: OpenPage) -> None:
    page = _overview(open_page)
    look = """() => {
        const text = document.querySelector('#tradeoffs .plot text');
        const dot = document.querySelector('#tradeoffs .plot a path');
        return [getComputedStyle(text).fill, getComputedStyle(dot).fill];
    }"""
    light = page.evaluate(look)
    page.get_by_role("button", name="Use the dark theme").click()
    dark = page.evaluate(look)
    assert all(re.fullmatch(r"rgb\(.*\)", colour) for colour in (*light, *dark))
    assert all(one != other for one, other in zip(light, dark, strict=True))
    family = "e => getComputedStyle(e).fontFamily"
    plot = page.locator("#tradeoffs .plot text").first.evaluate(family)
    assert plot == page.locator("body").evaluate(family)


def test_a_phone_scrolls_tables_and_the_run_inside_themselves(open_page: OpenPage) -> None:
    page = _overview(open_page, viewport={"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    plot = page.locator("#tradeoffs .plot:visible").first.bounding_box()
    assert plot is not None
    assert plot["x"] + plot["width"] <= 360


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_is_in_the_way_of_those_who_use_aids(open_page: OpenPage, theme: str) -> None:
    page = _overview(open_page, color_scheme=theme)
    # loading style sheets again is what the page's own policy forbids
    found = Axe().run(page, options={"preload": False}).response["violations"]
    serious = [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []
