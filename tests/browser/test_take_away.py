"""What leaves the page: commands of what is shown, sheets on paper; pages beside reports."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from fal_experiments.core.batch_compare import Shown, Step
from fal_experiments.core.batch_index import BatchFiles, index_line, index_model
from fal_experiments.core.batch_money import Money
from fal_experiments.core.compare_model import (
    BatchLine,
    ClipView,
    CompareModel,
    StepView,
)
from fal_experiments.core.money import ZERO
from fal_experiments.core.report_model import Link
from fal_experiments.core.summary import BatchSummary
from fal_experiments.reporting.pages import write_compare_page, write_index_page
from tests.browser.batches import AWAY, HOSTILE
from tests.browser.clips import Clip
from tests.browser.conftest import OpenPage
from tests.browser.waiting import until

COMMANDS = ".take-away pre"
TIMES = "[...document.querySelectorAll('video')].map((v) => (v.paused ? -1 : v.currentTime))"
"""Of every video where it stands, -1 for one that does not play."""


def commands(page: Page) -> list[str]:
    """The commands that the panel offers."""
    return page.locator(COMMANDS).all_inner_texts()


def test_the_commands_follow_the_filters_the_kind_and_the_choice_of_time(
    open_page: OpenPage,
) -> None:
    page = open_page("quickstart")
    page.keyboard.press("w")
    film, table, sheet = commands(page)
    assert film.startswith("fal-exp wall -o wall-")
    assert "--cell" not in film, "everything is shown"
    assert re.fullmatch(r"fal-exp export -o \S+-cells.csv \S+", table)
    assert sheet.startswith("fal-exp matrix-sheet ")

    page.get_by_label("Kind of film").select_option("gif")
    page.get_by_label("How clips are laid on one time").select_option("percent")
    page.get_by_label("Kind of table").select_option("parquet")
    page.evaluate("falExp.view.set({ states: new Set(['failed']), query: 'walk' })")

    film, table, _ = commands(page)
    assert "--sync percent" in film
    assert re.search(r" -o wall-(\d+)up-percent\.gif ", film)
    assert table.count("--cell ") == page.evaluate("falExp.grid.state.plan.shown")
    assert ".parquet" in table


def test_on_paper_there_is_a_contact_sheet_of_every_clip_that_is_shown(
    open_page: OpenPage,
) -> None:
    page = open_page("large", color_scheme="dark")
    page.evaluate("falExp.printSheets.prepare()")
    page.emulate_media(media="print")

    sheets = page.locator(".sheets-sheet")
    assert sheets.count() == page.evaluate("falExp.data.cells.length")
    assert page.locator(".sheets-sheet img").first.evaluate("image => image.naturalWidth > 0")
    assert page.locator(".sheets-absence").count() > 0, "a failed cell is not left out"
    assert not page.locator("#grid").is_visible()
    assert not page.locator("#toolbar").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().count(b"/Type /Page\n") >= sheets.count() / 8
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert sheets.count() == 0


@pytest.fixture
def plain_page(browser: Browser) -> Any:
    """Return a function that opens a page, and fails at the end for every error on it."""
    troubles: list[str] = []
    contexts = []

    def opened(path: Path, **context: Any) -> Page:
        contexts.append(browser.new_context(**context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("request", lambda r: None if r.url.startswith("file:") else troubles.append(r.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for each in contexts:
        each.close()
    assert troubles == []


def _shown(batch: str) -> Shown:
    return Shown(
        batch=batch,
        cell="c" * 16,
        state="done",
        clip_sha256="0" * 64,
        cost_nano_usd=270_000_000,
        unit_price_usd=None,
        total_s=7.5,
        inference_s=None,
        seed_sent=7,
        seed_returned=7,
        deviations=(),
        size="",
    )


def _compared(clips: Sequence[Clip]) -> CompareModel:
    """Two pairs of clips of unequal length, with every text hostile."""
    sides = [
        ClipView(
            batch=HOSTILE[2],
            state_label="done",
            poster=clip.poster,
            clip_href=clip.video_href,
            fps=12,
            duration_s=clip.duration_s,
            cost_label="$0.27",
            time_label="7.5 s",
            seed_label="seed 7",
        )
        for clip in clips[:2]
    ]
    step = Step(
        label=HOSTILE[0],
        preset="p",
        before=_shown("a"),
        after=_shown("b"),
        same_request=True,
        arguments=(),
        verdict="different",
        ssim=0.4,
        likeness=HOSTILE[3],
        seed="",
    )
    views = [
        StepView(
            key=f"pair-{number}",
            tone="warn",
            step=step,
            before=sides[0],
            after=sides[1],
            cost_change="$0.27",
            time_change="–",
        )
        for number in (1, 2)
    ]
    line = BatchLine(name=HOSTILE[1], title=HOSTILE[0], began_at="–", cells=1, shared=1)
    return CompareModel(
        title=HOSTILE[0],
        batch="a → b",
        sandbox=True,
        batches=(line.model_copy(update={"report_href": AWAY[0]}), line),
        presets=(),
        steps=tuple(views),
        made_with="fal-exp",
    )


def test_a_pair_plays_on_one_clock_and_only_one_pair_at_a_time(
    clips: list[Clip], tmp_path_factory: pytest.TempPathFactory, plain_page: Any
) -> None:
    folder = tmp_path_factory.getbasetemp() / "batch0" / "compared"
    page = plain_page(write_compare_page(_compared(clips), folder))
    page.wait_for_selector("html[data-ready]")
    play = page.locator(".play-both")

    play.nth(0).click()
    until(page, f"{TIMES}[0] > 0.2 && {TIMES}[1] > 0.2")
    first, second, *others = page.evaluate(TIMES)
    assert abs(first - second) < 0.4
    assert others == [-1, -1]

    play.nth(1).click()
    until(page, f"{TIMES}[2] > 0 && {TIMES}[3] > 0")
    assert page.evaluate(TIMES)[:2] == [-1, -1]
    assert page.evaluate("window.pwned") is None
    assert page.locator(f"a[href^='{AWAY[0][:10]}']").count() == 0


def test_the_page_of_all_batches_is_filtered_by_words_and_whole_without_scripts(
    tmp_path: Path, plain_page: Any
) -> None:
    money = Money(
        estimate=ZERO, unpriced=0, metered_nano_usd=0, metered_known=0, metered_unknown=1,
        counted_nano_usd=0, cap_nano_usd=0,
    )  # fmt: skip
    lines = [
        index_line(
            f"2026112{day}T000000Z-b",
            BatchSummary(
                batch="b", name=name, sandbox=False, strict=True, sessions=1,
                started_at=datetime(2026, 11, 20 + day, tzinfo=UTC), last_at=None,
                finished="finished", combinations=2, counts={"done": 2}, strict_breaches=0,
                money=money, presets=(),
            ),
            BatchFiles(links=(Link(label=HOSTILE[1], href=AWAY[2]),)),
        )
        for day, name in ((1, "walk"), (2, HOSTILE[0]))
    ]  # fmt: skip
    broken = index_line("20261120T000000Z-c", None, BatchFiles(problem=HOSTILE[2]))
    model = index_model([*lines, broken], (), sandbox=False, made_with="fal-exp")
    index = write_index_page(model, tmp_path / "index.html")
    rows = "#batches tbody tr:visible"

    page = plain_page(index)
    page.wait_for_selector("html[data-ready]")
    names = page.locator(f"{rows} th").all_inner_texts()
    assert [HOSTILE[0] in names[0], "walk" in names[1], "20261120" in names[2]] == [True] * 3
    assert "unknown" in page.locator(rows).nth(0).inner_text(), "an unknown cost is never $0"
    page.locator("#filter").fill("FINISHED walk")
    assert page.locator(rows).count() == 1
    assert page.locator("#count").inner_text() == "1 of 3"
    assert page.evaluate("window.pwned") is None
    assert plain_page(index, java_script_enabled=False).locator(rows).count() == 3
