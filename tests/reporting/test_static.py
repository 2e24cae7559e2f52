"""Rules for the static files and templates of the report, and colours that can be read."""

import re
from pathlib import Path

import pytest

import fal_experiments.reporting
from fal_experiments.reporting.blind_site import BLIND_PARTS
from fal_experiments.reporting.pages import PAGE_PARTS
from fal_experiments.reporting.single_file import ONE_FILE_JS
from fal_experiments.reporting.site import PARTS, SIDE_JS

PACKAGE = Path(fal_experiments.reporting.__file__).parent
SCRIPTS = sorted((PACKAGE / "static" / "js").glob("*.js"))
TEMPLATES = sorted((PACKAGE / "templates").glob("*.j2"))
MAX_LINES = 250

NOT_IN_SCRIPTS = (
    r"\.(inner|outer)HTML",
    r"insertAdjacentHTML",
    r"document\.write",
    r"\beval\(",
    r"new Function",
    r"\bfetch\(",
    r"XMLHttpRequest",
    r"^\s*(import|export)\b",
)


@pytest.mark.parametrize("kind", ["css", "js"])
def test_every_static_file_is_joined(kind: str) -> None:
    files = {path.stem for path in (PACKAGE / "static" / kind).iterdir()}
    pages = {name for parts in PAGE_PARTS.values() for name in parts[kind]}
    beside = {*SIDE_JS, *ONE_FILE_JS} if kind == "js" else set()
    assert files == set(PARTS[kind]) | set(BLIND_PARTS[kind]) | pages | beside


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_small_strict_and_builds_no_markup_from_text(script: Path) -> None:
    text = script.read_text("utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("/* ")
    assert lines[1:3] == ["(function (falExp) {", "  'use strict';"]
    assert lines[-1] == "})((globalThis.falExp = globalThis.falExp || {}));"
    assert len(lines) <= MAX_LINES
    for pattern in NOT_IN_SCRIPTS:
        assert not re.search(pattern, text, re.MULTILINE), pattern


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_trusts_text_or_carries_script_or_style(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"\|\s*safe|autoescape|Markup", text)
    assert not re.search(r"\sstyle=|\son\w+=|<style|https?://", text)
    assert re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL) in ([], [""], ["", ""])


def test_only_the_checked_drawings_are_trusted_as_markup() -> None:
    trusting = [path.name for path in PACKAGE.glob("*.py") if "Markup(" in path.read_text("utf-8")]
    assert trusting == ["plots.py"]


def test_style_sheets_load_nothing() -> None:
    for sheet in (PACKAGE / "static" / "css").iterdir():
        assert not re.search(r"@import|url\(|@font-face", sheet.read_text("utf-8")), sheet.name


TOKENS = (PACKAGE / "static" / "css" / "tokens.css").read_text("utf-8")
COLOURS = {
    name: dict(zip(("light", "dark"), pair, strict=True))
    for name, *pair in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", TOKENS
    )
}
TONES = ("good", "bad", "warn", "busy", "idle", "person")
TEXT, SHAPE = 4.5, 3.0
"""Least contrast for text and for what bounds a control (WCAG 2.2, 1.4.3 and 1.4.11)."""

PAIRS = [
    *(("ink", ground, TEXT) for ground in ("page", "surface", "sunken", "caution")),
    *(("soft", ground, TEXT) for ground in ("page", "surface", "sunken")),
    *(("accent", ground, TEXT) for ground in ("page", "surface")),
    ("on-accent", "accent", TEXT),
    *((tone, ground, TEXT) for tone in TONES for ground in ("page", "surface")),
    ("warn", "caution", TEXT),
    ("warn", "caution-deep", TEXT),
    *(("edge", ground, SHAPE) for ground in ("page", "surface")),
]


def rgb(colour: str) -> tuple[float, ...]:
    """Return the channels of `#rrggbb`, 0 to 1."""
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast ratio of WCAG 2.2."""

    def luminance(channels: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("colour", "ground", "least"), PAIRS)
def test_colours_can_be_told_apart(theme: str, colour: str, ground: str, least: float) -> None:
    ratio = contrast(rgb(COLOURS[colour][theme]), rgb(COLOURS[ground][theme]))
    assert ratio >= least, f"{colour} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("ground", ["page", "surface"])
def test_text_can_be_read_on_the_tint_of_its_tone(theme: str, tone: str, ground: str) -> None:
    shares = [int(share) / 100 for share in re.findall(r"var\(--tone\) (\d+)%", _style("tile"))]
    own, below = rgb(COLOURS[tone][theme]), rgb(COLOURS[ground][theme])
    tint = tuple(c * max(shares) + b * (1 - max(shares)) for c, b in zip(own, below, strict=True))
    assert contrast(own, tint) >= TEXT
    assert contrast(rgb(COLOURS["ink"][theme]), tint) >= TEXT


def _style(name: str) -> str:
    return (PACKAGE / "static" / "css" / f"{name}.css").read_text("utf-8")
