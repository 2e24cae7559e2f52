"""Comparing: marked cells, one clock, stepping, parts that repeat, what is missing."""

import re

from playwright.sync_api import Page, expect

from tests.browser.comparing import (
    AT_REST,
    FRAME_S,
    KEYS,
    STILL,
    TIMES,
    frames,
    link,
    times,
)
from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

CALM = {"reduced_motion": "reduce"}
"""Nothing plays until it is asked to."""


def at_rest(page: Page) -> None:
    """Wait until every clip stands on the frame that is wanted."""
    until(
        page, f"{AT_REST} && falExp.comparePlay.panes().every((p) => !p.driver || p.driver.isReady)"
    )


def press(page: Page, *keys: str) -> None:
    """Press keys one after the other, then wait until the clips stand."""
    for key in keys:
        page.keyboard.press(key)
    at_rest(page)


def test_marks_fill_a_tray_that_leads_to_a_comparison_and_back_leads_out(
    open_page: OpenPage,
) -> None:
    page = open_page("compare", **CALM)
    page.locator(".tile").first.focus()
    page.keyboard.press("c")
    tray = page.locator("#tray")
    expect(tray).to_contain_text("Mark one more")
    page.locator(".tile .mark").nth(1).check()
    page.get_by_role("button", name="This row (3)").click()
    assert page.evaluate("falExp.selection.keys()") == KEYS[:3]
    tray.get_by_role("button", name="Take out Kling 3.0 Pro").click()
    expect(page.locator(".tile .mark").nth(1)).not_to_be_checked()
    page.locator(".tile").first.focus()
    page.keyboard.press("Shift+C")
    expect(page.locator("#compare-title")).to_be_focused()
    expect(page.locator("#compare .pane")).to_have_count(2)
    assert page.url.endswith(f"#compare={KEYS[0]}.{KEYS[2]}")
    page.go_back()
    expect(page.locator("#compare")).to_be_hidden()
    assert page.locator("video").count() == 0
    page.go_forward()
    page.locator(".pane").first.get_by_role("button", name="Take out").click()
    expect(page.locator("#compare .pane")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_be_hidden()
    until(page, "!location.hash.includes('compare')")


def test_clips_that_were_pushed_apart_come_within_a_frame_of_each_other(
    open_page: OpenPage,
) -> None:
    page = open_page("compare", link(0, 1, 2, 3))
    until(page, f"{TIMES}.length === 4 && {TIMES}.every((t) => t > 0.2)")
    page.evaluate("""() => {
        const [late, early, fast] = document.querySelectorAll('#compare video.clip');
        late.currentTime = Math.max(0, late.currentTime - 0.5);
        early.currentTime += 0.4;
        fast.playbackRate = 2;
        window.disturbedS = late.currentTime;
    }""")
    together = f"""(() => {{
        const panes = falExp.comparePlay.panes();
        const drifts = panes.map((pane) => pane.driver.driftS);
        const shown = panes.map((pane) => pane.driver.shown?.mediaS);
        return falExp.comparePlay.mode() === 'playing'
            && Math.min(...shown) > window.disturbedS + 0.2 && Math.max(...shown) < 2.9
            && drifts.every((s) => s !== null && Math.abs(s) < {FRAME_S})
            && Math.max(...shown) - Math.min(...shown) <= {FRAME_S} + 1e-6;
    }})()"""
    until(page, together)
    expect(page.locator("#compare-drift")).to_contain_text(re.compile(r"worst drift \d+ ms"))
    page.keyboard.press("Space")
    at_rest(page)
    assert len(set(frames(page))) == 1


def test_frames_are_stepped_by_time_and_by_own(open_page: OpenPage) -> None:
    page = open_page("compare", link(0, 1), **CALM)
    at_rest(page)
    assert frames(page) == [0, 0]
    press(page, ".", ".", "Shift+.", ",")
    assert frames(page) == [11, 11]
    expect(page.locator(".pane-time").first).to_have_text("0.92 of 4.00 s · frame 12 of 48")
    page.get_by_label("Sync").select_option("percent")
    at_rest(page)
    assert frames(page) == [11, 8]
    press(page, "Alt+.", "Alt+Shift+.")
    assert frames(page) == [22, 19]
    expect(page.locator("#compare-drift")).to_have_text("+11 own frames")
    page.get_by_role("button", name="Own frames").click()
    page.get_by_role("button", name="One frame back").click()
    at_rest(page)
    assert frames(page) == [21, 18]


def test_a_shorter_clip_holds_begins_again_or_is_blank_and_says_so(open_page: OpenPage) -> None:
    page = open_page("compare", link(0, 1, t=3.5), **CALM)
    at_rest(page)
    short = page.locator(".pane").nth(1)
    assert frames(page) == [42, 35]
    expect(short.locator(".pane-ending")).to_have_text("held at its end")
    page.get_by_label("Shorter clips").select_option("blank")
    expect(short.locator(".pane-ending")).to_have_text("ended")
    expect(short.locator(".picture")).to_be_hidden()
    page.get_by_label("Shorter clips").select_option("loop")
    at_rest(page)
    assert frames(page) == [42, 6]
    expect(short.locator(".pane-ending")).to_be_hidden()
    expect(short.locator(".pane-time")).to_contain_text("of 3.00 s")


def test_clips_are_laid_on_time_by_percent_offset_and_phase(open_page: OpenPage) -> None:
    page = open_page("compare", link(0, 1, 3, t=2), **CALM)
    at_rest(page)
    sync = page.get_by_label("Sync")
    sync.select_option("percent")
    at_rest(page)
    assert frames(page) == [24, 18, 24]
    sync.select_option("offset")
    pane = page.locator(".pane").nth(1)
    pane.get_by_role("button", name="One second back").click()
    pane.get_by_role("button", name="One frame ahead").click()
    at_rest(page)
    assert frames(page) == [24, 13, 24]
    pane.get_by_label("Seconds ahead").fill("-2.5")
    pane.get_by_label("Seconds ahead").press("Enter")
    expect(pane.locator(".pane-ending")).to_have_text("not begun")
    sync.select_option("phase")
    expect(pane.locator(".pane-facts")).to_contain_text("no loop known")
    page.evaluate("falExp.comparePlay.seek(2.25)")
    at_rest(page)
    # Loops last half a second: 2.25 s is in the middle of the fifth.
    assert frames(page) == [6, 27, 6]


def test_the_timeline_scrubs_small_films_where_there_are_some(open_page: OpenPage) -> None:
    page = open_page("compare", link(0, 1), **CALM)
    at_rest(page)
    box = page.get_by_label("Time", exact=True).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    until(page, "document.querySelector('.pane .picture').dataset.shows === 'proxy'")
    until(page, f"document.querySelector('video.proxy').currentTime > 1.8 && {STILL}")
    assert page.locator("video.proxy").count() == 1
    page.mouse.up()
    until(page, "document.querySelector('.pane .picture').dataset.shows === 'clip'")
    at_rest(page)
    assert all(abs(time_s - 2) < 0.2 for time_s in times(page))
    assert "c-t=" in page.url
    expect(page.locator("#timeline-range")).to_have_attribute(
        "aria-valuetext", re.compile(r"^[12]\.\d+ s of 4\.00 s$")
    )


def test_a_part_repeats_and_turns_round(open_page: OpenPage) -> None:
    page = open_page("compare", link(0, 1, t=1), **CALM)
    at_rest(page)
    page.keyboard.press("i")
    page.evaluate("falExp.comparePlay.seek(1.5)")
    page.keyboard.press("o")
    until(page, "location.hash.includes('c-a=1&c-b=1.5')")
    page.get_by_role("combobox", name="Repeat").select_option("both")
    page.evaluate("""() => {
        window.seen = [];
        falExp.comparePlay.on('tick', () => window.seen.push(falExp.comparePlay.timeS()));
    }""")
    page.locator("#compare-title").focus()
    page.keyboard.press("Space")
    until(page, "falExp.comparePlay.isBack() && window.seen.length > 9")
    expect(page.locator("#compare-drift")).to_contain_text("clips without a scrub film may stutter")
    until(page, "!falExp.comparePlay.isBack()")
    page.keyboard.press("Space")
    seen = page.evaluate("window.seen")
    assert min(seen) > 0.85
    assert max(seen) < 1.75
    page.keyboard.press("w")
    until(page, "!location.hash.includes('c-a=')")


def test_what_cannot_be_played_says_why_and_the_others_go_on(open_page: OpenPage) -> None:
    page = open_page("compare")
    page.evaluate(
        "Object.defineProperty(falExp.data.cells[1], 'video_href', {value: 'index.html'})"
    )
    page.evaluate(f"falExp.compare.open({[KEYS[0], KEYS[1], KEYS[4], 'gone', KEYS[3]]})")
    expect(page.locator("#compare-said")).to_have_text("1 of the cells are not in this report.")
    expect(page.locator(".pane").nth(1)).to_contain_text("cannot play it")
    expect(page.locator(".pane").nth(2)).to_contain_text("content_policy_violation")
    until(page, "[0, 3].every((n) => falExp.comparePlay.panes()[n].driver.video.currentTime > 0.3)")


def test_play_all_and_a_comparison_do_not_play_at_once(open_page: OpenPage) -> None:
    page = open_page("compare", "")
    page.get_by_role("button", name="Play all").click()
    until(page, "document.querySelectorAll('#grid video').length > 1")
    page.evaluate(f"falExp.compare.open({KEYS[:2]})")
    expect(page.locator("#grid video")).to_have_count(0)
    until(page, f"{TIMES}.every((t) => t > 0.2)")
    page.locator(".pane").first.get_by_role("button", name="Details").click()
    expect(page.locator("#drawer")).to_be_visible()
    until(page, "falExp.comparePlay.mode() === 'paused'")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#compare")).to_be_visible()
