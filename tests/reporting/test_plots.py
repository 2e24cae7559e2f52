"""Plots are drawn without a network, and nothing gets into the page but shapes, words and links."""

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import vl_convert

from fal_experiments.core.overview import build_overview
from fal_experiments.core.plots import Plot, plots_of
from fal_experiments.core.plots_parts import LINK_BASE, axis_format
from fal_experiments.reporting.plots import draw_plots
from fal_experiments.reporting.svg import ATTRIBUTES, ELEMENTS, Frame, NotPlainSvg, plain_svg
from tests.browser.batches import HOSTILE
from tests.unit.core.materials import SEEDED, SEEDLESS, plan_of, spec
from tests.unit.core.overview_batch import attempt, cell, derived, parts

NOWHERE = Path("no-such-page.html")


def _plots(*titles: str) -> Mapping[str, Plot]:
    """Return the plots of a batch of two presets with these titles."""
    presets = [
        preset.model_copy(update={"title": title})
        for preset, title in zip((SEEDED, SEEDLESS), titles or ("Seeded", "Seedless"), strict=True)
    ]
    plan = plan_of(spec(seeds="1-3"), presets=(presets[0], presets[1]))
    letters = {"seeded": "a", "seedless": "b"}
    cells = tuple(
        one.model_copy(
            update={"cell_id": cell(f"{letters[one.at.preset]}{one.at.seed or one.repeat}")}
        )
        for one in plan.cells
    )
    names = [f"{letter}{n}" for letter in "ab" for n in (1, 2, 3)]
    tries = [
        attempt(name, "failed" if name == "a3" else "done", run_s=n + 3, at_s=n)
        for n, name in enumerate(names)
    ]
    tries.append(attempt("a3", run_s=2, at_s=30, number=2))
    clips = {name: derived(anchor_ssim=f"0.{n}5", loop_seam=str(n)) for n, name in enumerate(names)}
    plan = plan.model_copy(update={"cells": cells})
    return plots_of(build_overview(parts(plan, tries, clips)))


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """Every kind of plot, drawn."""
    return dict(draw_plots(_plots(), NOWHERE))


def _elements(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())  # noqa: S314 - it is our own


def test_there_is_a_plot_of_every_kind(drawn: dict[str, str]) -> None:
    assert set(drawn) == {
        *("anchor_ssim-cost", "anchor_ssim-latency", "loop_seam-cost", "loop_seam-latency"),
        *("latency-cost", "queue", "runner", "anchor_ssim", "loop_seam", "timeline", "money"),
    }


def test_a_drawing_has_shapes_words_and_links_to_files_beside_it(drawn: dict[str, str]) -> None:
    ours = {"class", "data-plot", "role", "aria-label", "viewBox", "href", "tabindex"}
    for svg in drawn.values():
        assert not re.search(r"style=|<script|https?:|xlink|url\(|@import|font-family", svg)
        for element in _elements(svg):
            assert element.tag in ELEMENTS
            assert set(element.attrib) <= ATTRIBUTES | ours
            assert element.get("href", "index.html#").startswith("index.html#")


@pytest.mark.parametrize(
    ("unit", "values", "shape"),
    [
        ("usd", (0.05, 0.2), "$,.3~r"),
        ("usd", (0.1016, 0.1024), "$,.5~r"),
        ("s", (5, 40), ",.3~r"),
        ("share", (0, 1), ".0%"),
        ("", (2, 2), ",.3~r"),
        ("", (0, 0), ",.3~r"),
    ],
)
def test_an_axis_has_as_many_digits_as_tell_its_ticks_apart(
    unit: str, values: tuple[float, ...], shape: str
) -> None:
    assert axis_format(unit, values) == shape


def test_colours_are_names_of_the_page(drawn: dict[str, str]) -> None:
    for svg in drawn.values():
        colours = {e.get(kind) for e in _elements(svg) for kind in ("fill", "stroke")}
        assert {c for c in colours if c and not c.startswith("var(--")} <= {"none", "transparent"}


def test_each_point_is_a_named_link_that_the_keyboard_reaches(drawn: dict[str, str]) -> None:
    links = [e for e in _elements(drawn["latency-cost"]) if e.tag == "a"]
    assert {link.get("href") for link in links} == {
        "index.html#hide=preset%3Dseeded",
        "index.html#hide=preset%3Dseedless",
    }
    assert all(link.get("tabindex") is None for link in links)
    for link in links:
        title = link.find("title")
        assert title is not None
        assert title.text == link.get("aria-label")
        assert "frontier" in str(title.text) or "dominated" in str(title.text)


def test_a_crowd_of_marks_is_for_the_mouse(drawn: dict[str, str]) -> None:
    links = [e for e in _elements(drawn["timeline"]) if e.tag == "a"]
    assert len(links) == 3 * 7
    assert {link.get("tabindex") for link in links} == {"-1"}


def test_the_same_plots_give_the_same_bytes(drawn: dict[str, str]) -> None:
    assert dict(draw_plots(_plots(), NOWHERE)) == drawn


def test_hostile_titles_stay_words() -> None:
    hostile = f"{HOSTILE[0]} \x00\x1b {HOSTILE[1]} datum.x ' + alert(1) + '"
    drawn = draw_plots(_plots(hostile, HOSTILE[3]), NOWHERE)

    for svg in drawn.values():
        assert not re.search(r"<(script|b|img)\b|\x00|\x1b", svg)
        assert {e.tag for e in _elements(svg)} <= ELEMENTS
    named = "".join(e.text or "" for e in _elements(drawn["timeline"]) if e.tag == "text")
    assert "</script><script>window.pwned = 1</script>" in named


def test_what_a_page_has_already_is_not_drawn_again(
    drawn: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "overview.html"
    page.write_text(f"<p>{'</p><p>'.join(drawn.values())}</p>", "utf-8")

    def refuse(*_: object, **__: object) -> str:
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", refuse)

    assert dict(draw_plots(_plots(), page)) == drawn


@pytest.mark.parametrize(
    "change",
    [
        ("<text ", "<script>window.pwned = 1</script><text "),
        ('href="index.html#', 'href="javascript:'),
        ("<text ", '<text onclick="pwned" '),
        ("</svg>", "<foreignObject/></svg>"),
    ],
    ids=lambda change: change[1].strip(),
)
def test_a_page_that_was_tampered_with_is_drawn_anew(
    drawn: dict[str, str], tmp_path: Path, change: tuple[str, str]
) -> None:
    page = tmp_path / "overview.html"
    page.write_text("".join(svg.replace(*change) for svg in drawn.values()), "utf-8")

    assert dict(draw_plots(_plots(), page)) == drawn


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'
FRAME = Frame("A plot", "0" * 64, ("index.html#one",))


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>* {{}}</style>",
        '<image href="https://example.com/x.png"/>',
        '<use href="#x"/>',
        "<foreignObject><p>x</p></foreignObject>",
        '<rect width="1" style="fill: red" onload="alert(1)" fill="url(https://example.com)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        f'<a href="{LINK_BASE}1"><text>x</text></a>',
    ],
)
def test_what_is_not_named_is_left_out(inside: str) -> None:
    found = plain_svg(SVG.format(inside), FRAME)

    assert not re.search(r"script|style|image|use|foreign|onload|url|javascript|<a|href", found)


def test_a_link_leads_to_its_number_and_goes_by_the_name_of_its_mark() -> None:
    mark = '<path aria-label="B &lt;b&gt;" d="M0,0h1"/>'
    link = f'<a xmlns:xlink="x" xlink:href="{LINK_BASE}0">{mark}</a>'

    found = plain_svg(SVG.format(link), FRAME)

    assert '<a href="index.html#one" aria-label="B &lt;b&gt;"><title>B &lt;b&gt;</title>' in found
    assert plain_svg(found, FRAME) == found


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>',
        "<svg><text>",
        "",
        "<html/>",
    ],
)
def test_what_is_no_plain_svg_is_refused(text: str) -> None:
    with pytest.raises(NotPlainSvg):
        plain_svg(text, FRAME)
