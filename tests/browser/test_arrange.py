"""Which axis stands where, in which order, against which baseline, coloured by which metric."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

HEADS = ".columns .column-title"
PARTED = "#rows=prompt%2Cseed&cols=preset%2Caxis:cfg_scale&pages=input&fold=repeat"


def heads(page: Page) -> list[str]:
    """Return the heads of the columns that are drawn, without the mark of a baseline."""
    texts = page.locator(HEADS).all_inner_texts()
    return [" ".join(text.replace("baseline", "").split()) for text in texts]


def test_any_axis_goes_to_any_place_and_back(open_page: OpenPage) -> None:
    page = open_page("matrix")
    assert heads(page) == [
        "Seedance 1.0 Pro no cfg scale",
        "Kling 3.0 Pro cfg scale 0.3",
        "Kling 3.0 Pro cfg scale 0.7",
        "Hailuo 02 Standard no cfg scale",
    ]
    page.get_by_role("button", name="Arrange").click()
    page.get_by_label("Where Seed stands").select_option("columns")
    page.get_by_label("Where Preset stands").select_option("rows")
    page.get_by_label("Where cfg scale stands").focus()
    page.get_by_label("Where cfg scale stands").select_option("fold")
    assert heads(page) == ["seed 1", "seed 2", "seed 3"]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "Where cfg scale stands"
    )
    expect(page.locator(".tile .fold").first).to_contain_text("1/2")
    address = page.url.partition("#")[0] + page.evaluate("falExp.view.address()")
    page.get_by_role("button", name="Reset", exact=True).click()
    assert len(heads(page)) == 4
    page.goto(address)
    assert heads(page) == ["seed 1", "seed 2", "seed 3"]
    expect(page.locator("#count")).to_have_text("96 of 96 cells shown")


def test_the_order_of_axes_in_a_place_changes_what_stands_together(open_page: OpenPage) -> None:
    page = open_page("matrix", "#rows=prompt%2Cseed%2Cinput&cols=preset%2Caxis:cfg_scale")
    assert page.locator(".label-parts").first.inner_text().split("\n") == ["seed 1", "knight-plate"]
    page.get_by_role("button", name="Arrange").click()
    page.get_by_role("button", name="Further out Input").click()
    assert page.locator(".label-parts").first.inner_text().split("\n") == ["knight-plate", "seed 1"]


def test_pages_are_turned_by_keys_buttons_and_the_list(open_page: OpenPage) -> None:
    page = open_page("matrix", PARTED)
    expect(page.locator("#count")).to_have_text("48 of 96 cells shown")
    page.keyboard.press("]")
    expect(page.get_by_label("Page: Input")).to_have_value("1")
    page.locator(".page-turn").get_by_role("button", name="Next Input").click()
    expect(page.get_by_label("Page: Input")).to_have_value("0")
    page.get_by_label("Page: Input").select_option("squire-plate")
    until(page, "decodeURIComponent(location.hash).includes('at=input=squire-plate')")


def test_cycling_goes_on_by_itself_and_can_be_held(open_page: OpenPage) -> None:
    page = open_page("matrix", "#cycle=seed&rows=prompt%2Cinput")
    value = page.locator(".cycle-value")
    page.get_by_label("Seconds a value stands").fill("0.5")
    for seed in ("seed 2", "seed 3", "seed 1"):
        expect(value).to_have_text(seed)
    page.get_by_role("button", name="Pause cycling").click()
    held = value.inner_text()
    page.get_by_role("button", name="The value after").click()
    expect(value).not_to_have_text(held)
    expect(page.get_by_role("button", name="Cycle", exact=True)).to_be_visible()


def test_cycling_waits_for_who_wants_less_motion(open_page: OpenPage) -> None:
    page = open_page("matrix", "#cycle=seed&rows=prompt%2Cinput", reduced_motion="reduce")
    expect(page.get_by_role("button", name="Cycle", exact=True)).to_be_visible()
    assert page.evaluate("falExp.pager.isCycling()") is False


def test_a_place_of_several_cells_is_turned_by_clicks_and_keys(open_page: OpenPage) -> None:
    page = open_page("matrix")
    tile = page.locator(".tile").first
    expect(tile.locator(".fold")).to_contain_text("1/2")
    expect(tile.locator(".fold-states")).to_have_text("2 done")
    tile.get_by_label("The next one").click()
    expect(tile.locator(".fold")).to_contain_text("2/2")
    assert page.evaluate("document.activeElement.matches('.tile')")
    page.keyboard.press("Shift+ArrowRight")
    expect(tile.locator(".fold")).to_contain_text("1/2")
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_label("Filter cells by words").fill("knight")
    until(page, "location.hash.includes('knight')")
    expect(page.locator(".tile .fold").first).to_contain_text("2/2")


def test_columns_move_by_keys_by_menu_and_by_the_mouse(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    names = [["Seedance 1.0 Pro", "Kling 3.0 Pro", "Hailuo 02 Standard"], 3]
    assert heads(page)[:3] == names[0]
    page.locator(".tile").first.focus()
    page.keyboard.press("Alt+ArrowRight")
    assert heads(page)[:2] == ["Kling 3.0 Pro", "Seedance 1.0 Pro"]
    assert page.evaluate("document.activeElement.dataset.key") == "0000c0ffee"
    page.get_by_role("button", name="More: Hailuo 02 Standard").click()
    page.get_by_role("button", name="Move to the left").click()
    assert heads(page)[:3] == ["Kling 3.0 Pro", "Hailuo 02 Standard", "Seedance 1.0 Pro"]
    page.locator(".column strong", has_text="Seedance").drag_to(
        page.locator(".column strong", has_text="Kling")
    )
    assert heads(page)[:3] == ["Seedance 1.0 Pro", "Kling 3.0 Pro", "Hailuo 02 Standard"]
    until(page, "location.hash.includes('order=preset') || location.hash === ''")
    page.keyboard.press("Escape")
    page.locator(".tile").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    assert page.locator(".label-parts").first.inner_text() == "seed 2"


def test_a_pinned_cell_is_what_the_others_are_held_against(open_page: OpenPage) -> None:
    page = open_page("quickstart")
    page.locator(".tile").first.focus()
    page.keyboard.press("b")
    expect(page.locator("#baseline")).to_contain_text("Seedance 1.0 Pro · walk · seed 1")
    second = page.locator(".tile").nth(1)
    expect(second.locator(".deltas")).to_have_text("+$0.436 dearer+17.0 s slower")
    name = second.get_attribute("aria-label")
    assert name is not None
    assert "cost +$0.436 dearer than the baseline" in name
    assert page.evaluate("document.activeElement.dataset.key") == "0000c0ffee"
    page.keyboard.press("b")
    expect(page.locator(".deltas")).to_have_count(0)


def test_a_pinned_column_and_a_pinned_row_stay_in_view(open_page: OpenPage) -> None:
    page = open_page("large", "#tile=480", viewport={"width": 1440, "height": 1200})
    page.get_by_role("button", name="Pin this column as baseline: Kling 3.0 Pro").click()
    assert heads(page)[0] == "Kling 3.0 Pro"
    scroller = page.locator(".scroller")
    scroller.evaluate("s => { s.scrollLeft = 650; }")
    until(page, "document.querySelector('.head').scrollLeft > 600")
    pinned = page.locator(".tile.pinned").first.bounding_box()
    label = page.locator(".label").first.bounding_box()
    assert pinned is not None
    assert label is not None
    assert 0 <= pinned["x"] - label["x"] - label["width"] < 20
    expect(page.locator(".tile .deltas").first).to_contain_text("cheaper")

    page.locator("#baseline").get_by_role("button", name="Unpin").click()
    page.get_by_role("button", name="Pin this row as baseline: shot-001 · seed 2").click()
    page.mouse.move(700, 700)
    page.mouse.wheel(0, 4000)
    until(page, "scrollY > 3000")
    expect(page.locator(".head .pinned-row")).to_be_in_viewport()
    expect(page.locator(".pinned-row .label")).to_contain_text("seed 2")


def test_a_metric_colours_every_tile_with_words_and_medians(open_page: OpenPage) -> None:
    page = open_page("quickstart", viewport={"width": 1440, "height": 2400})
    page.get_by_label("Colour by").select_option("cost_usd")
    bars = page.locator(".row").first.locator(".score")
    assert [" ".join(text.split()) for text in bars.all_inner_texts()] == [
        "$0.124 ▲ best",
        "$0.56 ▼ worst",
        "unknown",
    ]
    expect(page.locator(".median").first).to_have_text("median $0.124 · 3 of 4")
    page.get_by_label("Colour by").select_option("")
    expect(page.locator(".score")).to_have_count(0)
