"""What a person sees when the page opens."""

import re
import socket
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage
from tests.browser.waiting import until


def test_every_cell_is_in_the_grid_with_its_state(open_page: OpenPage) -> None:
    page = open_page("quickstart", viewport={"width": 1440, "height": 3200})
    expect(page.locator(".tile")).to_have_count(13)
    states = page.locator(".tile").evaluate_all("tiles => tiles.map(t => t.dataset.state).sort()")
    assert states == sorted(["done"] * 10 + ["failed", "submission_unknown", "unsupported"])
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")


def test_presets_stand_only_under_the_task_that_they_serve(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    heads = page.locator(".task").evaluate_all(
        "all => all.map(t => [...t.querySelectorAll('.column strong')].map(c => c.textContent))"
    )
    assert heads == [["Seedance 1.0 Pro", "Kling 3.0 Pro", "Hailuo 02 Standard"], ["Veo 3.1 Fast"]]


def test_the_page_may_not_reach_the_network(browser: Browser, sites: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(sites["pair"].as_uri())
    with socket.create_server(("127.0.0.1", 0)) as server:
        refused = page.evaluate(
            """(port) => new Promise((resolve) => {
                const tell = (event) => resolve(event.violatedDirective);
                addEventListener('securitypolicyviolation', tell);
                new Image().src = `http://127.0.0.1:${port}/pixel.png`;
            })""",
            server.getsockname()[1],
        )
        page.close()
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert refused == "img-src"


def test_a_failure_is_drawn_in_place_with_state_reason_and_money(open_page: OpenPage) -> None:
    tile = open_page("quickstart").locator(".tile[data-state=failed]")
    expect(tile).to_contain_text("failed")
    expect(tile).to_contain_text("content_policy_violation: the input was flagged. Not billed.")
    expect(tile.locator(".cost")).to_have_text("$0")


def test_states_without_a_clip_look_different_from_each_other(open_page: OpenPage) -> None:
    page = open_page("states")
    looks = page.locator(".absence").evaluate_all(
        """all => all.map(a => {
            const s = getComputedStyle(a);
            const icon = a.querySelector('use').getAttribute('href');
            return [s.backgroundImage, s.borderStyle, icon, a.querySelector('.absence-state').textContent].join();
        })"""  # noqa: E501
    )
    assert len(looks) == 6
    assert len(set(looks)) == 6


def test_a_place_without_a_cell_is_a_quiet_dot(open_page: OpenPage) -> None:
    blank = open_page("states", viewport={"width": 1440, "height": 1800}).locator(".blank")
    expect(blank).to_have_count(1)
    expect(blank).to_have_attribute("title", "Not part of the matrix")


def test_a_sandbox_batch_says_so(open_page: OpenPage) -> None:
    page = open_page("pair")
    expect(page.locator(".sandbox")).to_contain_text(
        "Clips are drawn by the tool, no model was called, no money moved."
    )


def test_nothing_stands_above_the_header(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    at_the_edge = page.evaluate(
        "document.elementFromPoint(4, 4).closest('header, .sandbox')?.tagName"
    )
    assert at_the_edge is not None


def test_posters_keep_their_shape(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    skewed = page.locator(".frame").evaluate_all(
        """frames => frames.map(frame => {
            const img = frame.querySelector('img'), box = frame.getBoundingClientRect();
            return Math.abs(box.width / box.height - img.getAttribute('width') / img.getAttribute('height'));
        }).filter(difference => difference > 0.02)"""  # noqa: E501
    )
    assert skewed == []


def test_no_video_is_made_before_anyone_asks(open_page: OpenPage) -> None:
    page = open_page("large")
    assert page.locator("video").count() == 0


def test_only_rows_near_the_window_are_drawn(open_page: OpenPage) -> None:
    page = open_page("large")
    drawn = page.locator(".row").count()
    assert 0 < drawn < 15
    height_px = page.evaluate("document.body.scrollHeight")
    page.evaluate("scrollTo(0, document.querySelector('#grid').getBoundingClientRect().bottom)")
    last = page.locator(".tile[data-key='00c7c0ffee']")
    expect(last).to_be_visible()
    assert page.locator(".row").count() < 15
    assert abs(page.evaluate("document.body.scrollHeight") - height_px) < height_px * 0.02


def test_the_heads_of_the_columns_stay_in_view_below_the_bar(open_page: OpenPage) -> None:
    page = open_page("large")
    page.mouse.wheel(0, 3000)
    until(page, "scrollY > 2900")
    bar = page.locator("#toolbar").bounding_box()
    head = page.locator(".head").bounding_box()
    assert bar is not None
    assert head is not None
    assert (round(bar["y"]), round(head["y"])) == (0, round(bar["height"]))


def test_wide_grids_scroll_inside_themselves_with_heads_and_labels(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#tile=700")
    page.locator(".scroller").first.evaluate("s => { s.scrollLeft = 500; }")
    until(page, "document.querySelector('.head').scrollLeft === 500")
    label = page.locator(".label").first.bounding_box()
    scroller = page.locator(".scroller").first.bounding_box()
    assert label is not None
    assert scroller is not None
    assert round(label["x"]) == round(scroller["x"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_phone_shows_the_page_without_scrolling_sideways(open_page: OpenPage) -> None:
    for name in ("quickstart", "hostile", "states"):
        for width_px in (360, 420):
            page = open_page(name, viewport={"width": width_px, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width_px


def test_the_system_theme_is_followed_until_a_person_chooses(open_page: OpenPage) -> None:
    page = open_page("pair", color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use the light theme").click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == light


def test_a_long_prompt_is_clamped_and_can_be_read_whole(open_page: OpenPage) -> None:
    page = open_page("hostile", viewport={"width": 1440, "height": 4000})
    band = page.locator(".prompt", has_text=re.compile("^p4"))
    band.scroll_into_view_if_needed()
    text = band.locator(".prompt-text")
    before = text.evaluate("t => t.clientHeight")
    band.get_by_role("button", name="Show all").click()
    assert text.evaluate("t => t.clientHeight === t.scrollHeight")
    assert text.evaluate("t => t.clientHeight") > before


def test_on_paper_every_row_is_drawn_and_no_control(open_page: OpenPage) -> None:
    page = open_page("large")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".tile").count() == 200
    expect(page.locator("#toolbar")).to_be_hidden()
