"""The report as Markdown: whole, with denominators, and nothing in it that is not text."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from fal_experiments.core.hrefs import is_local_href
from fal_experiments.core.markdown_text import block, code, link, plain
from fal_experiments.core.overview_model import Figure, Heading, OverviewView, TableRow, TableView
from fal_experiments.core.report_markdown import MOST_CELLS, report_markdown
from fal_experiments.core.report_model import PromptView, ReportModel
from fal_experiments.reporting.site import write_site
from tests.browser.batches import AWAY, HOSTILE
from tests.reporting import models

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WORSE = (
    *HOSTILE,
    "a | b \\| c",
    "`tick` ``` fence",
    "![x](https://example.com/x.png)",
    "[x]: https://example.com",
    "<https://example.com> www.example.com",
    "# no heading\n\n- no list\n\n    no code",
    "~~gone~~ **loud** _quiet_ &lt;b&gt; $x$",
    "```\nafter the fence\n```",
    "~~~\n> quote",
)


def tokens(text: str) -> list[Token]:
    """Return what a parser of Markdown sees, those inside of lines too."""
    found = PARSER.parse(text)
    return [token for outer in found for token in (outer, *(outer.children or ()))]


def shown(text: str) -> str:
    """Return the text that a reader of a line sees."""
    return "".join(t.content for t in tokens(text) if t.type in {"text", "code_inline"})


@pytest.mark.parametrize("text", WORSE)
def test_text_stays_text(text: str) -> None:
    flat = " ".join(text.split())
    assert shown(f"before {plain(text)} after") == f"before {flat} after"
    # a parser drops what is too much in a row, so what is shown must be whole
    row = f"| a | b |\n| - | - |\n| {plain(text)} | {code(text)} |"
    cells = [t.children or [] for t in tokens(row) if t.type == "inline"][2:]
    assert ["".join(t.content for t in cell) for cell in cells] == [flat, flat]
    (fence,) = (t for t in tokens("\n".join(block(text))) if t.type == "fence")
    assert fence.content.splitlines() == text.splitlines()


def test_a_bare_address_does_not_become_a_link_of_its_own() -> None:
    assert "://" not in plain("see https://example.com and HTTP://x")
    assert "www." not in plain("see www.example.com")
    assert plain("it cost $0.56") == "it cost $0.56"


@pytest.mark.parametrize("href", AWAY)
def test_a_link_that_leads_away_is_only_its_label(href: str) -> None:
    assert link("clip", href) == "clip"
    assert (
        link("a clip", "../cells/a (1)|/c d.mp4") == "[a clip](../cells/a%20%281%29%7C/c%20d.mp4)"
    )


def _worst() -> ReportModel:
    model = models.hostile()
    prompts = tuple(
        PromptView(task="image-to-video", id=text, text=text)
        for text in WORSE[: len(model.prompts)]
    )
    cells = tuple(
        cell.model_copy(update={"breach": WORSE[-1 - n % len(WORSE)], "reason": WORSE[n % 5]})
        for n, cell in enumerate(model.cells)
    )
    note = model.held[0].model_copy(update={"value": HOSTILE[2], "note": WORSE[4]})
    return model.model_copy(update={"prompts": prompts, "cells": cells, "held": (note,)})


def test_a_hostile_report_has_no_markup_but_its_own() -> None:
    model = _worst()
    found = tokens(report_markdown(model))
    html = {t.content for t in found if t.type in {"html_inline", "html_block"}}
    assert html <= {"<br>"}
    links = [str(t.attrs["href"]) for t in found if t.type == "link_open"]
    pictures = [str(t.attrs["src"]) for t in found if t.type == "image"]
    assert links
    assert pictures
    assert all(map(is_local_href, [*links, *pictures]))
    headings = [t for t in found if t.type == "heading_open" and t.tag == "h1"]
    assert len(headings) == 1
    codes = [t.content for t in found if t.type == "code_inline"]
    for cell in model.cells:
        assert f"not strict: {' '.join(cell.breach.split())}" in codes


def test_every_count_has_its_denominator_and_every_failure_its_reason_and_money() -> None:
    text = report_markdown(models.quickstart())
    assert "- done: 10 of 13" in text
    assert "- metered: $4.12 (10 of 11 known)" in text
    failed = re.search(r"^\| failed \|.*$", text, re.MULTILINE)
    assert failed is not None
    assert failed[0].split(" | ")[1:4] == ["Kling 3.0 Pro", "1", "$0.00"]
    assert "`content_policy_violation: the input was flagged. Not billed.`" in failed[0]
    unknown = re.search(r"^\| submission unknown \|.*$", text, re.MULTILINE)
    assert unknown is not None
    assert unknown[0].split(" | ")[3] == "1 not known"


def test_the_table_of_presets_is_that_of_the_overview() -> None:
    view = TableView(
        key="presets",
        title="By preset",
        headings=(Heading(label="Preset"), Heading(label="Done", says="of all combinations")),
        rows=(
            TableRow(mark="A", title="Kling", figures=(Figure(value="3 of 4", note="1 failed"),)),
        ),
        notes=("n counts values.",),
    )
    model = models.quickstart().model_copy(update={"overview": OverviewView(outcome=view)})
    text = report_markdown(model)
    assert "| Preset | Done |\n| --- | --- |\n| A Kling | 3 of 4<br>1 failed |\n" in text
    assert "- Done: of all combinations\n- n counts values.\n" in text


def test_sheets_and_clips_are_links_from_the_report_folder() -> None:
    text = report_markdown(models.quickstart())
    assert (
        text.count("](../cells/a/1/sheet.jpg)") == text.count("[clip](../cells/a/1/clip.mp4)") == 10
    )


def test_a_large_batch_is_cut_off_in_words() -> None:
    model = models.large(30)
    text = report_markdown(model)
    assert text.count("[clip](") <= MOST_CELLS < len(model.cells)
    assert f"{len(model.cells) - MOST_CELLS} more cells: see [the page](index.html)." in text


def test_it_lies_beside_the_page(tmp_path: Path) -> None:
    model = models.quickstart()
    write_site(model, tmp_path)
    assert (tmp_path / "report.md").read_text("utf-8") == report_markdown(model)
