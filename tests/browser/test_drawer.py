"""The details of one cell: nothing about it needs another tool."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.cells import LONG_SEED
from tests.browser.conftest import READY, OpenPage
from tests.browser.details import REQUEST_ID
from tests.browser.waiting import until

FIRST, SECOND, THIRD = "0000c0ffee", "0001c0ffee", "0002c0ffee"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
HOSTILE = "<img src=x onerror=window.pwned=1>"


def test_a_click_opens_the_exact_arguments_digit_for_digit(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile .frame").first.click()
    expect(page.locator(".json")).to_contain_text(f'"seed": {LONG_SEED}')
    expect(page.locator(".json")).to_contain_text('"duration": "5"')
    expect(page.locator(".json .why.tone-busy")).to_have_text(
        "neutral · the vendor’s own value is false"
    )
    expect(page.locator("#drawer-title")).to_have_text("Seedance 1.0 Pro")
    expect(page.locator("#drawer-place")).to_contain_text("1 of 13")
    headings = page.locator(".part h3").all_inner_texts()
    assert [heading for heading in headings if heading != "Rating"] == [
        "Sound",
        "Asked and got\n≠ 1",
        "Prompt",
        "Exact arguments\nCopy",
        "Arguments against another cell",
        "Make it again",
        "Headers",
        "Money",
        "Times",
        "What judges said",
        "Measurements",
        "Scores of plug-ins",
        "Ids and files",
    ]


def test_enter_opens_and_escape_returns_to_the_same_tile(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator(".tile").nth(2)).to_be_focused()
    until(page, "location.hash === ''")


def test_an_address_leads_to_a_cell_and_back_closes_it(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={SECOND}")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    expect(page.locator(".drawer-main")).to_contain_text("In the dialect “kling”.")
    page.keyboard.press("Escape")
    page.locator(".tile .frame").first.click()
    assert page.evaluate("location.hash") == f"#cell={FIRST}"
    page.go_back()
    expect(page.locator("#drawer")).to_be_hidden()


def test_an_address_of_a_cell_that_is_not_here_is_answered(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=gone")
    expect(page.locator("#notice")).to_have_text("There is no cell “gone” in this report.")


def test_arrows_turn_to_the_neighbours(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    expect(page.get_by_role("button", name="Previous cell")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    page.get_by_role("button", name="Next cell").click()
    expect(page.locator("#drawer-title")).to_have_text("Hailuo 02 Standard")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    page.keyboard.press("Escape")
    expect(page.locator(".tile").nth(1)).to_be_focused()


def test_a_finger_turns_the_page_sideways_and_scrolls_it_down(open_page: OpenPage) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    page = open_page("quickstart", f"#cell={FIRST}", **phone)
    expect(page.locator(".json")).to_be_visible()

    _swipe(page, (300, 330), (60, 345))
    expect(page.locator("#drawer-title")).to_have_text("Kling 3.0 Pro")
    _swipe(page, (60, 330), (300, 320))
    expect(page.locator("#drawer-title")).to_have_text("Seedance 1.0 Pro")
    _swipe(page, (200, 600), (150, 300))
    until(page, "document.getElementById('drawer-content').scrollTop > 100")
    expect(page.locator("#drawer-title")).to_have_text("Seedance 1.0 Pro")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    touch = page.context.new_cdp_session(page)
    steps = [
        {"x": start[0] + (end[0] - start[0]) * n / 8, "y": start[1] + (end[1] - start[1]) * n / 8}
        for n in range(9)
    ]
    for kind, at in zip(["touchStart", *["touchMove"] * 8], steps, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_payload_and_the_numbers_are_held_against_the_pinned_cell(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={SECOND}&pin=cell:{FIRST}")
    diff = page.locator(".payload-diff tbody tr")
    expect(diff).to_have_count(1)
    assert diff.locator("th, td").all_inner_texts() == ["seed", "changed", str(LONG_SEED), "1"]
    numbers = page.locator(".measurements tbody tr")
    expect(numbers.filter(has_text="loop seam")).to_contain_text("+1.00 worse")
    expect(numbers.filter(has_text="sharpness")).to_contain_text("+1.0 better")
    expect(numbers.filter(has_text="motion").locator("td").last).to_have_text("+1.00")

    page.get_by_label("Compare with").select_option(THIRD)
    expect(page.locator(".against-payload")).to_contain_text("same arguments, digit for digit")
    expect(numbers.filter(has_text="loop seam")).to_contain_text("−1.00 better")
    until(page, f"location.hash.includes('against={THIRD}')")
    page.get_by_label("Compare with").select_option("")
    expect(diff).to_have_count(1)
    numbers.filter(has_text="loop seam").locator("summary").click()
    expect(numbers.filter(has_text="loop seam").locator("p").first).to_be_visible()


def test_a_reworded_prompt_is_shown_word_by_word(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={SECOND}")
    told = page.locator(".word-diff")
    expect(told.locator("ins").first).to_have_text("old ")
    assert "walks" in told.locator("del").all_inner_texts()
    assert "骑士。" in "".join(told.locator("ins").all_inner_texts())
    assert told.get_attribute("dir") == "auto"


def test_asked_and_got_stand_side_by_side_with_the_mismatches_marked(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={THIRD}")
    length = page.locator(".asked-and-got tr", has_text="duration")
    assert length.locator("td").all_inner_texts() == [
        "5 s",
        "6 s",
        "6.00 s",
        "≠ held the nearest that the model offers",
    ]
    seed = page.locator(".asked-and-got tr", has_text="seed")
    expect(seed.locator(".badge.tone-bad")).to_have_text("≠ sent")


def test_every_attempt_stands_on_one_line_of_time_and_in_words(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    tracks = page.locator(".track")
    expect(tracks).to_have_count(2)
    expect(tracks.first).to_have_attribute(
        "aria-label", "Attempt 1: submit 0.4 s, in the queue 3.1 s, running 5.5 s"
    )
    ends = page.evaluate(
        "[...document.querySelectorAll('.track')].map(t => {"
        " const box = t.getBoundingClientRect(), last = t.lastElementChild.getBoundingClientRect();"
        " return (last.right - box.left) / box.width; })"
    )
    assert abs(ends[0] - 9.0 / 42.6) < 0.02
    assert abs(ends[1] - 1) < 0.01
    expect(page.locator(".attempt").first).to_contain_text("runner_lost (HTTP 500, not billed)")
    expect(page.locator(".attempt").last).to_contain_text("09:30:04.120 – 09:30:07.220 UTC")


def test_a_failure_shows_what_the_provider_said_and_the_money(open_page: OpenPage) -> None:
    page = open_page("quickstart", "#cell=0004c0ffee")
    expect(page.locator(".failure")).to_contain_text('"msg": "the input was flagged"')
    expect(page.locator(".verdict")).to_contain_text("Not billed.")
    expect(page.locator(".drawer-side .part").first).to_contain_text("invoiced")


def test_a_picture_of_the_sheet_and_a_place_in_the_sound_take_the_player_there(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    page.get_by_role("button", name="Go to 0.86 s").click()
    until(
        page,
        "Math.abs(document.querySelector('.stage').currentTime - 0.857) < 0.05"
        " && document.querySelector('.stage').paused",
    )
    strip = page.locator(".wave").bounding_box()
    assert strip is not None
    page.mouse.click(strip["x"] + strip["width"] / 4, strip["y"] + 10)
    until(page, "Math.abs(document.querySelector('.stage').currentTime - 1.5 / 4) < 0.05")
    until(page, "Math.abs(document.querySelector('.waveform-head').getAttribute('x') - 2.5) < 0.4")


def test_arguments_ids_and_the_command_can_be_copied(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}", permissions=CLIPBOARD)
    pasted = "navigator.clipboard.readText()"
    page.get_by_role("button", name="Copy", exact=True).first.click()
    expect(page.get_by_role("button", name="Copied").first).to_be_visible()
    assert f'"seed": {LONG_SEED}' in page.evaluate(pasted)
    assert "neutral" not in page.evaluate(pasted)
    page.get_by_role("button", name="Copy request id").click()
    until(page, f"{pasted}.then(text => text === '{REQUEST_ID}')")
    page.locator(".command").first.get_by_role("button").click()
    until(page, f"{pasted}.then(text => text.endsWith('--cell {FIRST} --sandbox'))")


def test_headers_are_found_by_the_browsers_own_search(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    expect(page.locator(".header-group")).to_have_count(2)
    assert page.evaluate("window.find('x-fal-billable-units')") is True


def test_other_modules_put_their_parts_beside_the_clip(open_page: OpenPage) -> None:
    register = (
        "falExp.detail.registerPart((cell, detail) => falExp.dom.el('section', {id: 'mine'},"
        " `${cell.key} ${detail?.prompt_text.slice(0, 3)}`), {place: 'top'})"
    )
    wide = open_page("quickstart")
    wide.evaluate(register)
    wide.evaluate(f"location.hash = '#cell={FIRST}'")
    expect(wide.locator(".drawer-side > #mine")).to_have_text(f"{FIRST} The")
    expect(wide.locator("#mine ~ .part").first).to_contain_text("Money")
    narrow = open_page("quickstart", viewport={"width": 360, "height": 740})
    narrow.evaluate(register)
    narrow.evaluate(f"location.hash = '#cell={FIRST}'")
    expect(narrow.locator(".drawer-main > .sheet ~ #mine")).to_be_visible()
    expect(narrow.locator("#mine ~ .part").first).to_contain_text("Sound")


def test_hostile_records_stay_text(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={SECOND}")
    expect(page.locator(".json")).to_be_visible()
    page.evaluate(
        """async (text) => {
            const hostile = (value) => {
                if (typeof value === 'string') return text;
                if (Array.isArray(value)) return value.map(hostile);
                if (value === null || typeof value !== 'object') return value;
                const items = Object.entries(value).map(([name, item]) => [name, hostile(item)]);
                return Object.fromEntries(items);
            };
            const sent = JSON.stringify({ [text]: text }, null, 2);
            const detail = { ...hostile(await falExp.data.detailOf(1)), arguments: sent };
            const body = falExp.detail.build(falExp.data.cells[1], detail);
            document.getElementById('drawer-content').replaceChildren(body);
            await falExp.against.fill(body, 1, detail);
        }""",
        HOSTILE,
    )
    assert page.locator("#drawer-content").inner_text().count(HOSTILE) > 30
    assert page.locator("#drawer-content img").count() == 0
    assert page.evaluate("window.pwned") is None


def test_the_open_cell_alone_is_printed_and_nothing_of_it_is_cut(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    expect(page.locator(".json")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#drawer .json")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    expect(page.get_by_role("button", name="Next cell")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.json')).maxHeight") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('#drawer')).position") != "fixed"


def test_details_come_in_chunks_only_when_they_are_opened(open_page: OpenPage) -> None:
    page = open_page("large")
    loaded = "[...document.querySelectorAll('script')].map(s => s.src.split('/').at(-1)).filter(s => s.startsWith('detail'))"  # noqa: E501
    assert page.evaluate(loaded) == []
    page.evaluate("location.hash = '#cell=0078c0ffee'")
    expect(page.locator(".json")).to_be_visible()
    assert page.evaluate(loaded) == ["detail-3.js"]
    assert page.locator(".against option").count() <= 61


def test_focus_stays_in_the_drawer(open_page: OpenPage) -> None:
    page = open_page("quickstart", f"#cell={FIRST}")
    expect(page.locator(".json")).to_be_visible()
    for _ in range(45):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || document.activeElement.closest('#drawer') !== null"  # noqa: E501
        )


def test_a_missing_data_file_is_named_with_what_to_do(
    browser: Browser, own_copy: Callable[[str], Path]
) -> None:
    index = own_copy("pair")
    (index.parent / "detail-1.js").unlink()
    page = browser.new_page()
    page.goto(index.as_uri() + f"#cell={FIRST}")
    page.wait_for_selector(READY)
    expect(page.get_by_role("alert")).to_contain_text("detail-1.js is missing beside this page.")
    (index.parent / "data-1.js").unlink()
    page.goto(index.as_uri())
    page.reload()
    expect(page.locator("#notice")).to_contain_text("A data file is missing beside this page.")
    page.close()
