"""Checks that hold for every model: camera, actions, speech, images, time axis, placeholders.

Thresholds are those of the duration table of the kie-ai-video skill: up to 5 s one action and one
camera move, 6 to 8 s two actions, 10 s three actions and two moves; about one spoken word a second.
A check that is not sure says nothing.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from fal_experiments.core.action_words import actions
from fal_experiments.core.camera_words import camera_moves, locked_camera
from fal_experiments.core.prompt_findings import Remark
from fal_experiments.core.prompt_language import flat, is_denied
from fal_experiments.core.prompt_marks import hailuo_brackets, spoken_words, time_axis
from fal_experiments.core.prompt_told import Check, Told, listed, seconds

SECONDS_PER_ACTION = 3
TWO_MOVES_FROM_S = 10
WORDS_PER_SECOND = Decimal("1.25")
"""The rule says about one: a quarter more is no reason to speak up."""

_GARMENT = (
    r"(?:dress|shirt|jacket|coat|suit|hat|cape|cloak|armou?r|robe|hoodie|sweater|blouse|skirt|"
    r"trousers|pants|jeans|boots|shoes|scarf|uniform|gown|tunic)"
)
_COLOUR = (
    r"(?:red|blue|green|yellow|black|white|brown|grey|gray|pink|purple|orange|golden|silver|"
    r"blonde?|beige|navy|crimson|dark|bright)"
)
_LOOKS = re.compile(
    r"\bwearing\b(?! (?:down|out|away|thin|off))|\bdressed in\b|\bclad in\b|"
    r"\bwith (?:(?:his|her|their|an?) )?(?:\w+[ ,]+){0,2}"
    r"(?:long|short|curly|straight|wavy|braided|brown|black|blonde?|red|auburn|gr[ae]y|white|blue|"
    r"green|hazel) (?:\w+ )?"
    r"(?:hair|eyes|beard|skin)\b|"
    r"\b\d{1,2}[- ]years?[- ]old\b|身穿|身着|穿着|留着[^，。]{0,6}(?:发|胡)|[长短卷]发的?[女男少]",
    re.IGNORECASE,
)
_COLOURED = re.compile(
    rf"\b{_COLOUR}(?:[ -]\w+)? {_GARMENT}\b|[红黑白蓝绿黄紫粉灰金银棕][色]的?"
    r"(?:外套|连衣裙|衣服|盔甲|长裙|西装|头发|披风|斗篷|帽子|衬衫)",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:stunning|breathtaking|award[- ]winning|masterpiece|jaw[- ]dropping|mind[- ]blowing|"
    r"world[- ]class|best quality|highest quality|ultra[- ]?hd|8k|unreal engine|"
    r"trending on \w+|hyper[- ]?realistic|ultra[- ]realistic|visually striking|unforgettable|"
    r"must[- ]see|state[- ]of[- ]the[- ]art)\b|"
    r"震撼|绝美|惊艳|大师级|史诗级|最佳画质|极致画质|超高清",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"\{\{\s*[A-Za-z_][A-Za-z0-9_]*\s*\}\}")
_LEFT_BRACES = re.compile(r"\{\{.*?\}\}|\{\{|\}\}")
_GAP = re.compile(
    r"(?<!\{)\{[A-Za-z_][A-Za-z0-9_ -]{0,30}\}(?!\})|<[a-z][a-z_ ]{1,30}>|"
    r"\[(?:insert|your|todo|tbd)\b[^\]]*\]|\$\{\w+\}|\bTODO\b|\bXXX\b"
)
_STABLE_END = re.compile(
    r"\b(?:ends?|ending|finally|final|last|comes? to rest|settles?|holds?|stops?|still)\b|"
    r"结束|最后|定格|停[下在住止]|静止|保持",
    re.IGNORECASE,
)


def _moves(told: Told) -> Iterator[Remark]:
    if not told.is_video or not told.languages or told.is_sprite:
        return
    for text, length_s, name in told.parts():
        for whole, _ in hailuo_brackets(text):
            text = text.replace(whole, " ")  # noqa: PLW2901 - they have a rule of their own
        found = camera_moves(text)
        allowed = 2 if length_s >= TWO_MOVES_FROM_S else 1
        if len(found) > allowed:
            words = [move.words for move in found]
            yield Remark(
                "camera-moves",
                f"{len(found)} camera moves{name}: {listed(words)}",
                words[-1],
                timed=True,
            )


def _contradiction(told: Told) -> Iterator[Remark]:
    if not told.is_video or not told.languages or told.is_sprite:
        return
    for text, _, _ in told.parts():
        locked, moves = locked_camera(text), camera_moves(text)
        if locked and moves:
            yield Remark(
                "camera-contradiction",
                f"the camera is locked ({listed([locked])}) and moves ({listed([moves[0].words])})",
                moves[0].words,
            )


def _actions(told: Told) -> Iterator[Remark]:
    if not told.is_video or not told.languages:
        return
    for text, length_s, name in told.parts():
        found = actions(text)
        allowed = max(1, int(length_s) // SECONDS_PER_ACTION)
        if len(found) > allowed:
            yield Remark(
                "actions",
                f"{len(found)} actions one after the other{name}: {listed(found)}",
                found[-1],
                timed=True,
            )


def _dialogue(told: Told) -> Iterator[Remark]:
    words = spoken_words(told.text)
    length_s = told.length_s or Decimal(10)
    rate = Decimal(1) if told.idiom.id == "veo" else WORDS_PER_SECOND
    if told.is_video and told.sound is not False and words > length_s * rate:
        yield Remark("dialogue-length", f"{words} spoken words", timed=True)


def _describes_image(told: Told) -> Iterator[Remark]:
    if told.task != "image-to-video" or not told.languages:
        return
    line = flat(told.text)
    looks = [m[0] for m in _LOOKS.finditer(line) if not is_denied(line, m.start())]
    coloured = list(dict.fromkeys(m[0].lower() for m in _COLOURED.finditer(line)))
    # one coloured thing may only say what moves ("her red scarf trails"); two are a description
    found = looks or (coloured if len(coloured) > 1 else [])
    if found:
        yield Remark(
            "describes-image", f"describes what the image shows: {listed(found[:3])}", found[0]
        )


def _time_axis(told: Told) -> Iterator[Remark]:
    slots = time_axis(told.text)
    for before, slot in zip([None, *slots], slots, strict=False):
        if slot.end_s <= slot.start_s:
            yield Remark("time-axis", f"{listed([slot.mark])} ends before it begins", slot.mark)
        elif before is not None and slot.start_s < before.end_s:
            yield Remark(
                "time-axis", f"{listed([slot.mark])} overlaps {listed([before.mark])}", slot.mark
            )
    if slots and told.length_s is not None and slots[-1].end_s > told.length_s:
        yield Remark(
            "time-axis",
            f"the time axis runs to {seconds(slots[-1].end_s)}, which is longer than the clip",
            slots[-1].mark,
            timed=True,
        )


def _marketing(told: Told) -> Iterator[Remark]:
    found = list(dict.fromkeys(m[0].lower() for m in _PRAISE.finditer(flat(told.text))))
    if found:
        yield Remark("marketing", f"praise in place of direction: {listed(found)}", found[0])


def _gaps(told: Told) -> Iterator[Remark]:
    left = _LEFT_BRACES.search(told.text)
    if left:
        is_named = _VARIABLE.fullmatch(left[0])
        what = "has no value" if is_named else "is no variable; write {{ name }}"
        yield Remark("unfilled-variable", f"{listed([left[0]])} {what}", left[0])
    gap = _GAP.search(told.text)
    if gap and not left:
        yield Remark("placeholder", f"{listed([gap[0]])} looks like a placeholder", gap[0])


def _stable_end(told: Told) -> Iterator[Remark]:
    if "extend" not in told.tags or not told.languages:
        return
    last = [s for s in re.split(r"(?<=[.!?])\s+|[。！？]", flat(told.text)) if s]
    if last and not any(_STABLE_END.search(s) for s in last[-2:]):
        yield Remark(
            "stable-end", "tagged extend, and nothing is said of how the clip ends", last[-1][:40]
        )


CHECKS: tuple[Check, ...] = (
    _gaps,
    _moves,
    _contradiction,
    _actions,
    _dialogue,
    _describes_image,
    _time_axis,
    _marketing,
    _stable_end,
)
