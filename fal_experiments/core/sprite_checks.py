"""Checks of prompts that are tagged `sprite`: one figure, flat background, locked camera, no grid.

Source: the fal-video skill, which found these in kept sprite runs.
"""

import re
from collections.abc import Iterator

from fal_experiments.core.camera_words import camera_moves
from fal_experiments.core.prompt_findings import Remark
from fal_experiments.core.prompt_language import flat, is_denied
from fal_experiments.core.prompt_told import Check, Told, listed

_GRID = re.compile(
    r"\bchecker-?board(?:ed)?\b|\bchecke(?:re)?d (?:background|floor|pattern)\b|"
    r"\b(?:sprite|contact)[- ]?sheet\b|\bgrid\b|\balternating[- ]pixel\b|棋盘格|网格|方格|精灵表",
    re.IGNORECASE,
)
_FIGURES = (
    r"(?:characters|people|figures|knights|heroes|heroines|warriors|men|women|persons|creatures|"
    r"animals|soldiers|enemies|monsters|goblins|wizards|dragons|subjects|fighters|children)"
)
_SEVERAL = re.compile(
    rf"\b(?:two|three|four|five|six|several|many|multiple|some|a group of|a crowd of|a pair of)\s+"
    rf"(?:\w+\s+)?{_FIGURES}\b|\bcrowd of\b|"
    r"\banother (?:knight|character|figure|person|warrior|man|woman|soldier)\b|"
    r"[两三四五几多][个名位](?:\S{0,4})?(?:人|角色|骑士|战士|士兵|怪物)|一群",
    re.IGNORECASE,
)
_SCENE = (
    r"(?:forest|castle|city|street|room|landscape|village|dungeon|meadow|beach|desert|mountains?|"
    r"battlefield|tavern|hallway|garden|cave|library|kitchen)"
)
_BUSY = re.compile(
    rf"\b{_SCENE} background\b|\b(?:detailed|busy|cinematic|scenic|blurred|bokeh) background\b|"
    rf"\b(?:in|through|across|inside) (?:an?|the) (?:\w+ )?{_SCENE}\b|\bbackground of \w+|"
    r"(?:森林|城堡|城市|街道|房间|村庄|沙滩|山谷)(?:里|中|背景)",
    re.IGNORECASE,
)
_FLOURISH = re.compile(
    r"\bcinematic\b|\blens flare\b|\bbokeh\b|\bdepth of field\b|\bdramatic light(?:ing)?\b|"
    r"\bvolumetric\b|\bslow[- ]motion\b|\bgolden hour\b|\bfilm grain\b|电影感|景深|慢动作|逆光",
    re.IGNORECASE,
)


def _grid(told: Told) -> Iterator[Remark]:
    yield from _said(told, _GRID, "sprite-grid", "a grid is asked for")


def _camera(told: Told) -> Iterator[Remark]:
    moves = camera_moves(told.text)
    if moves:
        yield Remark(
            "sprite-camera", f"the camera moves: {listed([m.words for m in moves])}", moves[0].words
        )


def _subjects(told: Told) -> Iterator[Remark]:
    yield from _said(told, _SEVERAL, "sprite-subjects", "more than one figure")


def _background(told: Told) -> Iterator[Remark]:
    yield from _said(told, _BUSY, "sprite-background", "the background is a scene")


def _flourish(told: Told) -> Iterator[Remark]:
    yield from _said(told, _FLOURISH, "sprite-flourish", "cinematic words")


def _said(told: Told, pattern: re.Pattern[str], rule: str, what: str) -> Iterator[Remark]:
    line = flat(told.text)
    found = [m[0] for m in pattern.finditer(line) if not is_denied(line, m.start())]
    if found:
        yield Remark(rule, f"{what}: {listed(list(dict.fromkeys(found)))}", found[0])


def sprite_remarks(told: Told) -> Iterator[Remark]:
    """Yield what is unwise in a text that is tagged `sprite` and makes a video."""
    if told.is_sprite and told.is_video and told.languages:
        for check in _ALL:
            yield from check(told)


_ALL = (_grid, _camera, _subjects, _background, _flourish)
CHECKS: tuple[Check, ...] = (sprite_remarks,)
