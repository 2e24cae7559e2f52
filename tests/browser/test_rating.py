"""Rating as a person does it: by keys on a file, and under a review, on disk at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from fal_experiments.app.batch import Batch
from fal_experiments.app.review import Tally, batch_site, serving
from fal_experiments.reporting.review_server import ReviewServer
from tests.browser.clips import Clip, make_clip
from tests.browser.conftest import READY, OpenPage
from tests.browser.waiting import until
from tests.reporting.reviewed import CELLS, NAME, small_batch

SECOND_KEY = "0001c0ffee"


def tile(page: Page, number: int) -> Locator:
    return page.locator(".tile:has(.frame)").nth(number)


def test_keys_rate_the_active_tile_and_a_reload_keeps_it(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    of = page.locator(".rating-count").inner_text().split(" of ")[1]
    tile(page, 0).focus()
    page.keyboard.press("4")
    page.keyboard.press("y")
    expect(tile(page, 0).locator(".rated")).to_have_text("4★ keep")
    tile(page, 1).focus()
    page.keyboard.press("2")
    page.keyboard.press("Shift+X")
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(tile(page, 1)).to_be_focused()
    page.keyboard.press("t")
    page.keyboard.type("hero, best walk")
    page.keyboard.press("Enter")
    expect(page.locator(".rating-count")).to_have_text(f"2 of {of}")

    page.reload()
    page.wait_for_selector(READY)

    badge = tile(page, 1).locator(".rated")
    expect(badge).to_have_text("2★ reject")
    expect(badge).to_have_attribute(
        "title", "You: 2 of 5 stars; reject: drift, wrong motion; tags: hero, best walk"
    )
    tile(page, 0).focus()
    page.keyboard.press("1")
    page.keyboard.press("u")
    expect(tile(page, 0).locator(".rated")).to_have_text("4★ keep")
    page.keyboard.press("0")
    expect(tile(page, 0).locator(".rated")).to_have_count(0)


def test_a_note_leads_back_to_its_time_and_the_download_has_all(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page("quickstart")
    tile(page, 1).locator(".open").click()
    until(page, "document.querySelector('video.stage')?.readyState > 1")
    page.evaluate("""() => {
        const video = document.querySelector('video.stage');
        video.pause();
        video.currentTime = 0.5;
    }""")
    page.locator("#drawer-title").focus()
    page.keyboard.press("n")
    page.keyboard.type("<b>the hand</b> melts")
    page.keyboard.press("Enter")
    page.keyboard.press("5")
    expect(page.locator(".notes li")).to_contain_text("<b>the hand</b> melts")
    page.evaluate("() => { document.querySelector('video.stage').currentTime = 0; }")
    page.locator(".notes .time").click()
    until(page, "document.querySelector('video.stage').currentTime === 0.5")
    page.keyboard.press("Escape")

    page.locator("#rating-settings").click()
    page.get_by_label("Your name in the files").fill("anna")
    page.get_by_label("Your name in the files").press("Tab")
    expect(page.locator(".rating-count")).to_contain_text("0 of")
    page.get_by_label("Your name in the files").fill("me")
    page.get_by_label("Your name in the files").press("Tab")
    with page.expect_download() as saved:
        page.get_by_text("Download ratings.jsonl").click()
    saved.value.save_as(tmp_path / "ratings.jsonl")

    (line,) = (tmp_path / "ratings.jsonl").read_text().splitlines()
    rating = json.loads(line)
    assert (rating["cell"], rating["rater"], rating["stars"]) == (SECOND_KEY, "me", 5)
    assert rating["notes"] == [{"t_s": 0.5, "text": "<b>the hand</b> melts"}]


def test_going_on_by_itself_and_filtering_leave_what_is_not_rated(open_page: OpenPage) -> None:
    page = open_page("pair")
    page.locator("#rating-settings").click()
    page.get_by_label("Go on to the next").check()
    page.keyboard.press("Escape")
    tile(page, 0).focus()

    page.keyboard.press("x")

    expect(tile(page, 1)).to_be_focused()
    page.goto(page.url.split("#")[0] + "#ratings=unrated")
    expect(page.locator(".tile")).to_have_count(1)
    page.goto(page.url.split("#")[0] + "#ratings=reject")
    expect(page.locator(".tile .rated")).to_have_text(["reject"])


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    folder = tmp_path_factory.mktemp("clip")
    made: Clip = make_clip(folder, "c", width_px=96, height_px=64, duration_s=1.0, hue=90)
    clip = (folder / Path(made.video_href).name).read_bytes()
    return small_batch(tmp_path_factory.mktemp("reviewed"), clip)


@pytest.fixture
def server(batch: Batch) -> Iterator[ReviewServer]:
    with serving(batch_site(batch, "anna", Tally()), NAME, None) as server:
        yield server


def test_under_review_a_rating_is_on_disk_and_one_that_was_missed_is_sent_again(
    browser: Browser, server: ReviewServer, batch: Batch
) -> None:
    context = browser.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(server.url)
    page.wait_for_selector(READY)
    clips = page.locator(".tile:has(.frame)")
    clips.nth(0).focus()
    page.keyboard.press("5")
    page.keyboard.press("y")
    expect(clips.nth(0).locator(".rated")).to_have_text("5★ keep")
    until(page, "falExp.ratings.state().kind === 'stored'")
    until(page, "falExp.memory.names('rating.').length === 0")
    told = [json.loads(line) for line in batch.folder.ratings.read_text().splitlines()]
    assert [(each["stars"], each["verdict"]) for each in told] == [(5, None), (5, "keep")]
    assert {(each["rater"], each["cell"]) for each in told} == {("anna", CELLS[0])}

    page.route("**/inbox/ratings", lambda route: route.abort())  # the server is gone
    missed = clips.nth(1).get_attribute("data-key")
    clips.nth(1).focus()
    page.keyboard.press("x")
    expect(page.locator(".rating-state")).to_contain_text("1 not saved: the server does not answer")
    page.unroute("**/inbox/ratings")
    page.reload()
    page.wait_for_selector(READY)
    until(page, "falExp.memory.names('rating.').length === 0")

    last = json.loads(batch.folder.ratings.read_text().splitlines()[-1])
    assert (last["cell"], last["verdict"]) == (missed, "reject")
    expect(clips.nth(1).locator(".rated")).to_have_text("reject")
    hosts = page.evaluate("() => performance.getEntriesByType('resource').map((each) => each.name)")
    assert {urlsplit(url).netloc for url in hosts} == {urlsplit(server.url).netloc}
    assert troubles == []
    context.close()
