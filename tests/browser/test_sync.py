"""Play all: one clock for every clip in view."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

TIMES = "[...document.querySelectorAll('#grid video')].map(v => v.currentTime)"


def play_all(page: Page) -> None:
    """Start, and wait until every clip in view has moved."""
    page.get_by_role("button", name="Play all").click()
    until(page, f"(() => {{ const t = {TIMES}; return t.length > 1 && t.every(s => s > 0.2); }})()")


def test_clips_keep_together(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    play_all(page)
    until(
        page,
        f"""(() => {{
            const times = {TIMES};
            return Math.min(...times) > 0.4 && Math.max(...times) < 0.95
                && Math.max(...times) - Math.min(...times) < 0.08;
        }})()""",
    )


def test_a_shorter_clip_holds_its_last_frame_until_all_start_again(open_page: OpenPage) -> None:
    page = open_page("pair")
    page.evaluate("""() => {
        window.rounds = [];
        addEventListener('seeked', (e) => window.rounds.push(e.target.src.slice(-6)), true);
    }""")
    play_all(page)
    until(
        page,
        """(() => {
            const [long, short] = document.querySelectorAll('#grid video');
            return short.ended && !long.ended && long.currentTime > 1.2;
        })()""",
    )
    until(page, "window.rounds.includes('c0.mp4') && window.rounds.includes('c1.mp4')")
    until(page, f"{TIMES}.every(s => s < 0.9)")


def test_pause_stands_all_clips_at_one_moment_and_restart_begins_anew(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    play_all(page)
    until(page, f"{TIMES}.every(s => s > 0.5)")
    page.get_by_role("button", name="Pause").click()
    until(
        page,
        f"""(() => {{
            const videos = [...document.querySelectorAll('#grid video')];
            const latest = Math.max(...{TIMES});
            const isThere = v => v.currentTime > Math.min(latest, v.duration) - 0.05;
            return videos.every(v => v.paused && !v.seeking && isThere(v));
        }})()""",
    )
    page.get_by_role("button", name="Start again together").click()
    until(page, f"{TIMES}.every(s => s < 0.4)")


def test_stop_gives_every_video_back(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    play_all(page)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#grid video")).to_have_count(0)
    expect(page.get_by_role("button", name="Play all")).to_be_visible()


def test_no_more_clips_play_than_may_live_and_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page("large", "#tile=120", viewport={"width": 1440, "height": 2400})
    page.get_by_role("button", name="Play all").click()
    expect(page.locator("#notice")).to_contain_text("16 of the")
    assert page.locator("#grid video").count() <= 16


def test_clips_that_come_into_view_join_at_the_same_moment(open_page: OpenPage) -> None:
    page = open_page("large")
    play_all(page)
    page.evaluate("scrollTo(0, 2500)")
    until(
        page,
        """(() => {
            const rows = new Set([...falExp.players.live.keys()].map(cell => cell >> 2));
            const times = [...falExp.players.live.values()].map(v => v.currentTime);
            return !rows.has(0) && times.length >= 4 && times.every(s => s > 0.2)
                && Math.max(...times) - Math.min(...times) < 0.1;
        })()""",
    )


def test_opening_a_cell_or_filtering_ends_the_show(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    play_all(page)
    page.locator(".tile .caption").first.click()
    expect(page.locator("#drawer")).to_be_visible()
    assert page.locator("#grid video").count() == 0
