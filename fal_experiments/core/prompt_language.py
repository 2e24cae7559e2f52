"""Which languages a text is in, its sentences, and whether a word in it is denied.

Rules that look for words know English and Chinese. In any other language they say nothing: half a
lexicon finds nonsense (`pan` is bread in Spanish).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Language = Literal["en", "zh"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the and with are he she his its they their while into toward towards from then this that "
        "slow slowly shot walks walk walking runs stands turns moves move breathes static locked "
        "background light view says facing someone him",
    )
)
"""Words that are frequent in prompts, and in no other language that is written in Latin letters."""
_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"”’)]*\s+|[。！？；]|\n\s*\n")
_DENIAL = re.compile(
    r"\b(?:no|not|without|never|nor|avoid|\w+n['’]t)\b|[不无無没沒勿]|避免|禁止", re.IGNORECASE
)
MIN_HAN = 4
MIN_ENGLISH_SHARE = 0.06
HAN_PER_WORD = 2


def flat(text: str) -> str:
    """Return a text on one line: prompt files are wrapped where it suits their writer."""
    return " ".join(text.split())


@lru_cache(maxsize=256)
def languages(text: str) -> frozenset[Language]:
    """Return which of English and Chinese a text is written in; none for any other language."""
    letters = [c for c in text if c.isalpha()]
    han = len(_HAN.findall(text))
    ascii_letters = sum(c.isascii() for c in letters)
    if not letters or len(letters) - han - ascii_letters > 0.1 * len(letters) or _is_japanese(text):
        return frozenset()
    found: set[Language] = set()
    if han >= MIN_HAN:
        found.add("zh")
    words = [word.lower() for word in _LATIN_WORD.findall(text)]
    english = sum(word in _ENGLISH for word in words)
    accented = len(letters) - han - ascii_letters
    if words and english / len(words) >= MIN_ENGLISH_SHARE and accented <= 0.02 * len(letters):
        found.add("en")
    return frozenset(found)


def _is_japanese(text: str) -> bool:
    return any("HIRAGANA" in name or "KATAKANA LETTER" in name for name in map(_name, text))


def _name(sign: str) -> str:
    return "" if sign.isascii() else unicodedata.name(sign, "")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    parts = (flat(part) for part in _SENTENCE_END.split(text))
    return [part for part in parts if part]


def is_denied(text: str, start: int) -> bool:
    """Tell whether the sentence denies what stands at `start` in it: `no zoom`, `does not move`.

    A denial anywhere before it in its sentence counts: what may be denied is not remarked on.
    """
    before = _SENTENCE_END.split(text[:start])[-1]
    return _DENIAL.search(before) is not None


def word_count(text: str) -> int:
    """Return how many words are spoken: words in Latin letters, and two Chinese signs for one."""
    return len(_LATIN_WORD.findall(text)) + -(-len(_HAN.findall(text)) // HAN_PER_WORD)
