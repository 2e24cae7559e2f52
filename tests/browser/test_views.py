"""Views under a name, their link, and what is shown as a file."""

import csv
import io
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.conftest import READY, OpenPage
from tests.browser.waiting import until


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Drop the line."""


def test_a_view_is_kept_under_a_name_and_can_be_deleted(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#q=kling")
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_label("Name of this view").fill("only <b>Kling</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="only <b>Kling</b>", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("#count")).to_have_text("13 of 13 cells shown")

    page.reload()
    page.wait_for_selector(READY)
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("button", name="only <b>Kling</b>", exact=True).click()
    expect(page.locator("#count")).to_have_text("4 of 13 cells shown")
    page.get_by_role("button", name="Delete the view only <b>Kling</b>").click()
    expect(page.locator(".views .menu-row")).to_have_count(0)


def test_the_link_is_copied_or_selected_where_the_clipboard_is_refused(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart", "#q=kling&cell=0000c0ffee")
    page.keyboard.press("Escape")
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('no')))")
    page.get_by_role("button", name="View", exact=True).click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Selected: copy it with Ctrl+C")).to_be_visible()
    assert page.evaluate("getSelection().toString()").endswith("/index.html#q=kling")


def test_what_is_shown_is_saved_as_csv(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#q=walk&order=preset%3D1,0")
    page.get_by_role("button", name="View", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save CSV").click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["preset"], row["seed"], row["state"]) for row in rows][:2] == [
        ("kling-v3-pro-i2v", "1", "done"),
        ("seedance-pro-i2v", "1", "done"),
    ]
    assert len(rows) == 6
    assert float(rows[1]["cost_usd"]) == 0.124
    assert rows[0]["prompt_text"].startswith("The knight walks")
    assert waiting.value.suggested_filename == "knight-walk-view.csv"


def test_a_file_says_why_it_saves_no_picture_and_gives_the_command(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.get_by_role("button", name="View", exact=True).click()
    expect(page.locator(".views")).to_contain_text("may not read its own pictures back")
    expect(page.locator(".views")).to_contain_text(
        "fal-exp report --screenshot knight-walk.png 20261120T093000Z-knight-walk"
    )
    assert page.get_by_role("button", name="Save PNG").count() == 0


def test_a_served_page_saves_its_grid_as_a_picture(
    browser: Browser, sites: dict[str, Path]
) -> None:
    root = sites["quickstart"].parents[1]
    handler = partial(Quiet, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/quickstart/index.html")
        page.wait_for_selector(READY)
        page.get_by_role("button", name="View", exact=True).click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Save PNG").click()
        picture = Image.open(waiting.value.path()).convert("RGB")
        until(page, "!document.querySelector('.views button:disabled')")
        page.close()
        server.shutdown()
    assert picture.width > 1100
    pixels = np.asarray(picture).astype(int)
    reds = (pixels[..., 0] > pixels[..., 1] + 40).any()
    assert reds, "the posters are on it"
