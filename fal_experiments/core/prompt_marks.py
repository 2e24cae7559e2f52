"""Marks of the idioms in a text: time axis, bracket commands, delimiters, sound, speech."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from fal_experiments.core.idioms import hailuo_command
from fal_experiments.core.prompt_language import flat, word_count

_BRACKET = re.compile(r"\[([^\[\]\n]{1,120})\](?!\s*[:：(])")
_KLING_TAG = re.compile(r"\[Camera:[^\]]*\]", re.IGNORECASE)
_DELIMITER = re.compile(r"(?:(?<=^)|(?<=[\s.;,\]]))(?:VISUAL|AUDIO|MUSIC|VOICE):")
_LAYERS = (
    ("sound effects", re.compile(r"\bSFX\s*:|\bAUDIO:|音效[:：]")),
    ("ambience", re.compile(r"\b(?:Ambient|Ambience|Ambient noise|AMBIENT)\s*:|环境音[:：]")),
    ("music", re.compile(r"\b(?:Music|Soundtrack|Score|MUSIC)\s*:|配乐[:：]|背景音乐[:：]")),
    ("voice", re.compile(r"\bVOICE:|对白[:：]|旁白[:：]")),
)
_VEO_LAYER = re.compile(r"\b(?:SFX|Ambient|Ambience|Ambient noise)\s*:")
_SLOT = re.compile(
    r"(?P<open>[\[(（【])?(?<![\d.])(?P<start>\d{1,3}(?:\.\d+)?)\s*s?\s*[-–—~至到]\s*"
    r"(?P<end>\d{1,3}(?:\.\d+)?)\s*(?:s(?:ec(?:onds?)?)?|秒)\s*(?P<close>[\])）】])?\s*(?P<colon>[:：])?"
)
_SECTION = re.compile(r"【[^】\n]{1,12}】")

_SPEECH = (
    r"(?:says?|said|saying|whispers?|whispering|asks?|asking|mutters?|murmurs?|shouts?|shouting|"
    r"yells?|repl(?:y|ies)|answers?|announces?|declar(?:es?|ing)|calls? out|cries|speaks?|"
    r"narrat(?:es?|or)|voice-?over|tells? \w+)"
)
_QUOTED = re.compile(r'"([^"\n]{1,400})"|“([^”]{1,400})”|「([^」]{1,400})」|『([^』]{1,400})』')
_BEFORE_QUOTE = re.compile(
    rf"\b{_SPEECH}\b[^.!?。！？]{{0,60}}$|\][:：]\s*$|"
    r"[说道问喊答叫][^。！？]{0,8}$|[白词音]\s*[:：]\s*$",
    re.IGNORECASE,
)
_AFTER_QUOTE = re.compile(
    rf"^,?\s*(?:\w+\s+){{0,3}}{_SPEECH}\b|^[，,]?\s*[他她它]?[^，。]{{0,4}}[说道问喊]",
    re.IGNORECASE,
)
_SAYS = re.compile(
    rf"\b{_SPEECH}(?:\s+\w+ly)?\s*:\s*(?![\"“「『])([^\"“”「」\n(（]+?)(?=[.!?](?:\s|$)|[(（]|\n|$)",
    re.IGNORECASE,
)
_SAYS_ZH = re.compile(
    r"(?:说|问|喊|对白|旁白|台词)\s*[:：]\s*(?![\"“「『])([^\"“”「」\n。！？(（]+)"
)
_SIGN = re.compile(
    r"\b(?:sign|label|banner|poster|screen|text|caption|title|logo|letters?|words?)"
    r"(?: \w+){0,3} (?:says?|saying|reads?|reading)\W*$|[字写][^。]{0,4}$",
    re.IGNORECASE,
)
_NO_SUBTITLES = re.compile(
    r"\bno (?:subtitles?|captions?)\b|\bwithout (?:subtitles?|captions?)\b|无字幕|不要字幕",
    re.IGNORECASE,
)


class Slot(NamedTuple):
    """A stretch of a time axis."""

    start_s: Decimal
    end_s: Decimal
    text: str
    mark: str
    """As written: `3-5s:`."""


def time_axis(text: str) -> tuple[Slot, ...]:
    """Return the stretches of a text, none where it has no time axis.

    `0-3s: …`, `[0s-3s] …` and `0-3秒：…` are stretches; `for 3-5 s` in a sentence is not.
    """
    line = flat(text)
    marks = [m for m in _SLOT.finditer(line) if m["colon"] or (m["open"] and m["close"])]
    slots = []
    for mark, following in zip_longest(marks, marks[1:]):
        rest = line[mark.end() : following.start() if following else len(line)]
        said = _SECTION.split(rest)[0].strip()
        slots.append(Slot(Decimal(mark["start"]), Decimal(mark["end"]), said, mark[0].strip()))
    return tuple(slots)


def brackets(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what stands in square brackets and looks like commands: the whole, and its parts.

    Speakers (`[Elena]: …`), tags (`[Camera: …]`) and times (`[0-3s]`) do not.
    """
    for found in _BRACKET.finditer(text):
        parts = tuple(part.strip() for part in found[1].split(",") if part.strip())
        if parts and all(re.fullmatch(r"[A-Za-z][A-Za-z /-]{0,39}", part) for part in parts):
            yield found[0], parts


def hailuo_brackets(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the brackets that hold at least one of Hailuo's commands."""
    return [(whole, parts) for whole, parts in brackets(text) if any(map(hailuo_command, parts))]


def kling_marks(text: str) -> list[str]:
    """Return Kling's delimiters and camera tags in a text."""
    return [m[0] for p in (_KLING_TAG, _DELIMITER) for m in p.finditer(text)]


def veo_layers(text: str) -> list[str]:
    """Return the marks of Veo's layers of sound."""
    return [m[0] for m in _VEO_LAYER.finditer(text)]


def sound_layers(text: str) -> dict[str, str]:
    """Return the layers of sound that a text asks for, each with the mark that begins it."""
    found = {name: m[0] for name, pattern in _LAYERS if (m := pattern.search(text))}
    spoken = dialogue(text)
    return {"dialogue": spoken[0]} | found if spoken and "voice" not in found else found


def dialogue(text: str) -> tuple[str, ...]:
    """Return what is spoken: quoted after or before a word of speech, or behind `says:`.

    A quoted sign (`a sign reads "OPEN"`) is not. Behind a bare colon one sentence counts, since
    nothing tells where the speech ends.
    """
    line = flat(text)
    spoken = []
    for found in _QUOTED.finditer(line):
        before, after = line[: found.start()], line[found.end() :]
        if _SIGN.search(before[-80:]):
            continue
        if _BEFORE_QUOTE.search(before[-80:]) or _AFTER_QUOTE.search(after[:40]):
            spoken.append(next(group for group in found.groups() if group).strip())
    for pattern in (_SAYS, _SAYS_ZH):
        spoken += [found[1].strip() for found in pattern.finditer(line) if found[1].strip()]
    return tuple(spoken)


def spoken_words(text: str) -> int:
    """Return how many words are spoken in all."""
    return sum(word_count(line) for line in dialogue(text))


def forbids_subtitles(text: str) -> bool:
    """Tell whether a text keeps spoken words off the picture."""
    return _NO_SUBTITLES.search(text) is not None
