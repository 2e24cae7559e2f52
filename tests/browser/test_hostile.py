"""Text that tries to be more than text."""

import pytest
from playwright.sync_api import expect

from tests.browser.batches import HOSTILE
from tests.browser.conftest import OpenPage


def test_prompts_stay_text_in_the_grid(open_page: OpenPage) -> None:
    page = open_page("hostile", viewport={"width": 1440, "height": 4000})
    shown = page.locator(".prompt-text").all_text_contents()
    assert shown[:4] == list(HOSTILE)
    assert page.evaluate("window.pwned") is None
    expect(page.locator("h1")).to_have_text(HOSTILE[0])


def test_details_stay_text(open_page: OpenPage) -> None:
    page = open_page("hostile", "#cell=0003c0ffee")
    expect(page.locator(".failure")).to_have_text(HOSTILE[0])
    assert page.locator(".json").inner_text().startswith('{\n  "prompt": "</noscript><b>bold')
    assert page.evaluate("window.pwned") is None


@pytest.mark.parametrize("index", range(6))
def test_links_that_lead_away_are_shown_but_lead_nowhere(open_page: OpenPage, index: int) -> None:
    page = open_page("hostile", f"#cell=000{index}c0ffee")
    expect(page.locator(".json")).to_be_visible()
    hrefs = page.locator(".drawer .files a").evaluate_all("l => l.map(a => a.getAttribute('href'))")
    assert hrefs == ["../events.jsonl"]
    assert page.locator(".drawer .files li").count() == 7
    assert page.locator("video.stage").get_attribute("src") is None
    assert page.locator("footer a").count() == 1


def test_without_scripts_too(open_page: OpenPage) -> None:
    page = open_page("hostile", java_script_enabled=False)
    texts = page.locator(".cells .prompt-whole").all_text_contents()
    assert texts[:4] == list(HOSTILE)
    assert page.locator(".cells a[href^=javascript], .cells a[href^='//']").count() == 0
    assert page.locator("#cell-0000c0ffee b, .cells script").count() == 0
