"""Looking at one clip where it stands."""

from io import BytesIO

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

PLAYING = "document.querySelector('.tile video')?.currentTime > 0.1"


def requested(page: Page) -> list[str]:
    """Return the files that the page asks for from now on, as a list that grows."""
    names: list[str] = []
    page.on("request", lambda request: names.append(request.url.rsplit("/", 1)[-1]))
    return names


def test_a_pointer_on_a_tile_plays_its_clip_and_leaving_gives_the_video_back(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart")
    page.locator(".tile .frame").first.hover()
    until(page, PLAYING)
    assert page.locator("video").evaluate("v => v.muted && v.loop")
    page.mouse.move(5, 5)
    expect(page.locator("video")).to_have_count(0)


def test_the_strip_shows_moments_of_the_sheet_without_touching_the_video(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart")
    page.locator(".tile").first.scroll_into_view_if_needed()
    asked = requested(page)
    strip = page.locator(".tile .strip")
    box = page.locator(".tile .media").first.bounding_box()
    assert box is not None
    seen = set()
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] - 4)
    for part in (0.02, 0.5, 0.97):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] - 4)
        still = page.locator(".tile .still")
        seen.add((still.get_attribute("data-moment"), strip.inner_text()))
    assert seen == {("0", "0.00 s"), ("4", "0.86 s"), ("7", "1.50 s")}
    page.mouse.move(5, 5)
    expect(page.locator(".still")).to_have_count(0)
    assert [name for name in asked if name.endswith(".mp4")] == []
    assert "c0-sheet.png" in asked


def test_who_enters_a_tile_on_its_strip_starts_no_video_and_who_leaves_the_strip_for_it_does(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart")
    page.clock.install()
    box = page.locator(".tile .media").first.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + box["height"] - 4)
    page.clock.run_for(1000)
    expect(page.locator(".tile .strip")).to_have_count(1)
    expect(page.locator("video")).to_have_count(0)
    page.mouse.move(middle, box["y"] + 10)
    page.clock.run_for(1000)
    expect(page.locator("video")).to_have_count(1)


def test_the_strip_really_shows_that_part_of_the_sheet(open_page: OpenPage) -> None:
    page = open_page("pair")
    tile = page.locator(".tile").first
    box = tile.locator(".media").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] - 4)
    bright = {}
    for part in (0.03, 0.97):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] - 4)
        page.locator(".still").evaluate(
            """still => {
                const sheet = new Image();
                sheet.src = getComputedStyle(still).backgroundImage.slice(5, -2);
                return sheet.decode();
            }"""
        )
        picture = Image.open(BytesIO(tile.locator(".frame").screenshot())).convert("L")
        middle = np.asarray(picture)[picture.height // 2]
        bright[part] = (bool(middle[10] > 200), bool(middle[-10] > 200))
    assert bright == {0.03: (True, False), 0.97: (False, True)}


def test_space_plays_and_pauses_the_focused_tile(open_page: OpenPage) -> None:
    page = open_page("quickstart", reduced_motion="reduce")
    page.locator(".tile").first.focus()
    page.keyboard.press(" ")
    until(page, PLAYING)
    page.keyboard.press(" ")
    until(page, "document.querySelector('.tile video').paused")


def test_nothing_plays_by_itself_for_who_wants_less_motion(open_page: OpenPage) -> None:
    page = open_page("quickstart", reduced_motion="reduce")
    asked = requested(page)
    page.locator(".tile .frame").first.hover()
    page.locator(".tile .strip").hover()
    until(page, "document.querySelector('.still') !== null")
    assert [name for name in asked if name.endswith(".mp4")] == []


def test_a_tap_plays_and_the_button_opens_the_details(open_page: OpenPage) -> None:
    page = open_page("quickstart", has_touch=True, viewport={"width": 420, "height": 900})
    tile = page.locator(".tile").first
    tile.locator(".frame").tap()
    until(page, PLAYING)
    expect(page.locator("#drawer")).to_be_hidden()
    tile.locator(".open").tap()
    expect(page.locator("#drawer")).to_be_visible()


def test_sixteen_videos_live_at_most(open_page: OpenPage) -> None:
    page = open_page("large", "#tile=120", has_touch=True, viewport={"width": 1440, "height": 2400})
    frames = page.locator(".tile .frame")
    for index in range(20):
        frames.nth(index).tap(position={"x": 10, "y": 10})
    until(page, "falExp.players.live.size === 16")
    assert page.locator("#grid video").count() == 16


def test_a_file_that_cannot_be_played_says_so(open_page: OpenPage) -> None:
    page = open_page("pair")
    page.evaluate(
        "Object.defineProperty(falExp.data.cells[0], 'video_href', { value: 'index.html' })"
    )
    page.locator(".tile .frame").first.hover()
    expect(page.locator(".unplayable-note").first).to_be_visible()


def test_sound_comes_from_the_tile_that_is_pointed_at(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_role("button", name="Sound").click()
    page.locator(".tile .frame").first.hover()
    until(page, PLAYING)
    assert page.locator("video").evaluate("v => v.muted") is False
