"""Comparing: how two or more pictures are laid, zoomed, heard, and reached on a phone."""

from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.comparing import AT_REST, KEYS, link
from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

CALM = {"reduced_motion": "reduce"}
FIRST, SECOND, SQUARE = (120, 50, 50), (64, 120, 50), (50, 105, 120)
"""The fields of the clips, roughly: red, green, blue."""
Touch = Callable[[str, Sequence[tuple[float, float]]], None]


def picture(page: Page) -> NDArray[np.int16]:
    """Return what stands in the place of two pictures."""
    view = page.locator(".pane:not([hidden]) .pane-view").first
    return np.asarray(Image.open(BytesIO(view.screenshot())).convert("RGB")).astype(np.int16)


def colour_at(page: Page, across: float, down: float = 0.25) -> tuple[int, ...]:
    """Return the colour at a part of the width and of the height."""
    seen = picture(page)
    height, width, _ = seen.shape
    return tuple(int(c) for c in seen[int(down * height), int(across * width)])


def shows(colour: Sequence[int], field: Sequence[int]) -> bool:
    """Tell whether the strongest channel is that of the field, as coding leaves it."""
    return max(abs(one - other) for one, other in zip(colour, field, strict=True)) < 45 and int(
        np.argmax(colour)
    ) == int(np.argmax(field))


def opened(open_page: OpenPage, fragment: str, **context: object) -> Page:
    """Open a comparison and wait until its clips stand."""
    page = open_page("compare", fragment, **CALM, **context)
    until(page, f"{AT_REST} && document.querySelectorAll('#compare video.drawn').length > 1")
    return page


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Return the middle of an element in the window."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def problems(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the comparison. It must not load anything."""
    found = Axe().run(page, context="#compare", options={"preload": False})
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


def touch_of(page: Page) -> Touch:
    """Return a function that puts fingers on the screen, moves and lifts them."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, points: Sequence[tuple[float, float]]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})

    return touch


def test_a_line_wipes_between_two_by_mouse_touch_and_keys_both_ways(open_page: OpenPage) -> None:
    page = opened(open_page, link(0, 1, picture="wipe", t=2), has_touch=True)
    handle = page.get_by_role("slider", name="Line between A and B")
    box = handle.bounding_box()
    assert box is not None
    assert box["width"] >= 44
    assert shows(colour_at(page, 0.3), FIRST)
    assert shows(colour_at(page, 0.7), SECOND)
    x, y = middle(page, ".pane-view")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 300, y, steps=3)
    page.mouse.up()
    assert shows(colour_at(page, 0.6), FIRST)
    handle.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "10")
    page.locator("#compare-title").focus()
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "11")
    page.keyboard.press("l")
    touch = touch_of(page)
    x, y = middle(page, "#compare-handle")
    touch("Start", [(x, y)])
    touch("Move", [(x, y + 150)])
    touch("Move", [(x, y + 200)])
    touch("End", [])
    until(page, "Number(document.getElementById('compare-handle').ariaValueNow) > 35")
    assert shows(colour_at(page, 0.3, 0.2), FIRST)
    assert shows(colour_at(page, 0.3, 0.9), SECOND)
    page.get_by_role("button", name="Exchange A and B").click()
    assert shows(colour_at(page, 0.3, 0.2), SECOND)


def test_two_change_places_by_key_while_held_and_by_themselves(open_page: OpenPage) -> None:
    page = opened(open_page, link(0, 1, picture="swap", t=2))
    assert shows(colour_at(page, 0.3), FIRST)
    page.locator("#compare-title").focus()
    page.keyboard.press("f")
    assert shows(colour_at(page, 0.3), SECOND)
    page.keyboard.down("f")
    assert shows(colour_at(page, 0.3), FIRST)
    page.evaluate("window.heldMs = performance.now()")
    until(page, "performance.now() - window.heldMs > 320")
    page.keyboard.up("f")
    assert shows(colour_at(page, 0.3), SECOND)
    page.get_by_role("button", name="Flicker").click()
    expect(page.locator("#compare-said")).to_contain_text("less motion")
    page.emulate_media(reduced_motion="no-preference")
    page.get_by_label("Changes a second").fill("10")
    expect(page.locator("#compare-hz-value")).to_contain_text("seizures")
    page.evaluate("""() => {
        window.sides = 0;
        const stage = document.getElementById('compare-stage');
        new MutationObserver(() => { window.sides += 1; })
            .observe(stage, {attributes: true, attributeFilter: ['class']});
    }""")
    page.get_by_role("button", name="Flicker").click()
    until(page, "window.sides > 4")
    page.get_by_role("button", name="Flicker").click()
    expect(page.get_by_role("button", name="Flicker")).to_have_attribute("aria-pressed", "false")


def test_difference_is_black_where_two_are_alike_and_onion_lays_one_over_the_other(
    open_page: OpenPage,
) -> None:
    # The first and the fourth cell show the same file.
    page = opened(open_page, link(0, 3, 1, picture="difference", t=2))
    assert int(picture(page)[4:-4, 4:-4].max()) < 12
    page.get_by_role("combobox", name="B", exact=True).select_option("2")
    until(page, AT_REST)
    plain = np.array(colour_at(page, 0.3))
    page.get_by_label("Gain", exact=True).fill("2")
    assert np.abs(np.array(colour_at(page, 0.3)) - np.minimum(255, plain * 2)).max() <= 6
    page.locator(".segment", has_text="Onion").click()
    half = np.array(colour_at(page, 0.3))
    page.get_by_label("B over A").fill("0")
    first = np.array(colour_at(page, 0.3))
    page.get_by_label("B over A").fill("1")
    second = np.array(colour_at(page, 0.3))
    assert shows(tuple(first), FIRST)
    assert shows(tuple(second), SECOND)
    assert np.abs(half - (first + second) / 2).max() <= 6


def test_a_zoom_is_the_same_in_all_panes(open_page: OpenPage) -> None:
    page = opened(open_page, link(0, 1, 2), has_touch=True)
    label = page.get_by_role("button", name="100 %: whole pictures")
    x, y = middle(page, ".pane-view")
    page.mouse.move(x + 40, y + 20)
    page.mouse.wheel(0, -400)
    until(page, "falExp.compare.state().zoom > 2")
    moved = """[...document.querySelectorAll('.picture')].map((picture) => {
        const [frame, box] = [picture.parentElement, picture]
            .map((each) => each.getBoundingClientRect());
        const middle = (frame.left + frame.right) / 2;
        return [box.width / picture.offsetWidth, (middle - box.left) / box.width];
    })"""
    assert np.ptp(page.evaluate(moved), axis=0).max() < 0.01
    before = page.evaluate("falExp.compare.state().x")
    page.mouse.down()
    page.mouse.move(x + 90, y + 20, steps=2)
    page.mouse.up()
    assert page.evaluate("falExp.compare.state().x") > before
    assert np.ptp(page.evaluate(moved), axis=0).max() < 0.01
    page.mouse.dblclick(x, y)
    expect(label).to_be_visible()
    page.locator("#compare-title").focus()
    page.keyboard.press("+")
    expect(page.locator("#compare-zoom-value")).to_have_text("125 %")
    page.keyboard.press("-")
    page.keyboard.press("+")
    page.keyboard.press("0")
    expect(label).to_be_visible()
    touch = touch_of(page)
    touch("Start", [(x - 20, y), (x + 20, y)])
    touch("Move", [(x - 40, y), (x + 40, y)])
    touch("Move", [(x - 60, y), (x + 60, y)])
    touch("End", [])
    until(page, "falExp.compare.state().zoom > 2")
    page.get_by_role("button", name="Pixels").click()
    assert page.locator("video.clip").first.evaluate("v => getComputedStyle(v).imageRendering") == (
        "pixelated"
    )


def test_one_pane_is_heard_with_its_strip_and_its_loudness(open_page: OpenPage) -> None:
    page = opened(open_page, link(0, 1, 2))
    heard = "[...document.querySelectorAll('#compare video.clip')].map((v) => !v.muted)"
    assert page.evaluate(heard) == [False, False, False]
    page.get_by_role("button", name="Hear only this: Seedance").click()
    assert page.evaluate(heard) == [True, False, False]
    strip = page.locator("#compare-hearing")
    words = "Sound: loudest at 25 % of the clip, near silence in 50 %"
    expect(strip.get_by_role("img")).to_have_attribute("aria-label", words)
    expect(strip).to_contain_text("−18.5 LUFS")
    page.locator("#compare-title").focus()
    page.keyboard.press("m")
    assert page.evaluate(heard) == [False, True, False]
    expect(strip).to_contain_text("No waveform was made of this clip.")
    page.keyboard.press("m")
    assert page.evaluate(heard) == [False, False, False]
    expect(strip).to_be_hidden()
    expect(page.locator(".pane").nth(2).locator(".pane-facts")).to_contain_text("no sound")


def test_the_film_of_a_comparison_is_given_as_a_command(open_page: OpenPage) -> None:
    page = opened(open_page, link(0, 1, sync="offset", offsets="0_0.5", speed=0.5, sound=0))
    page.get_by_role("button", name="Wall").click()
    command = page.get_by_role("dialog", name="Command that makes one film")
    expect(command.locator("code")).to_have_text(
        f"fal-exp wall --cell {KEYS[0]} --cell {KEYS[1]} --speed 0.5 --offset {KEYS[1]}=0.5"
        f" --layout 2x1 --audio {KEYS[0]} -o wall-2up.mp4 20261120T093000Z-knight-walk"
    )
    page.keyboard.press("Escape")
    expect(command).to_be_hidden()
    expect(page.locator("#compare")).to_be_visible()


def test_all_of_it_can_be_reached_on_a_phone_and_by_a_screen_reader(open_page: OpenPage) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    page = opened(open_page, link(0, 1, 2, 4), **phone)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    page.locator(".pane").last.scroll_into_view_if_needed()
    expect(page.locator(".pane").last).to_be_in_viewport()
    for control in page.locator("#compare button:visible, #compare select:visible").all():
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport()
    assert problems(page) == []
    page.locator(".segment", has_text="Wipe").click()
    assert problems(page) == []
