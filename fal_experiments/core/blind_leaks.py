"""Looks for words in a blind bundle that would tell which model made a clip. Pure.

A bundle is made without them; this proves it for every one that is written. Short words occur by
chance in the bytes of a film (`veo` once in two million), so files that are not text are searched
for the long ones only.
"""

import re
from collections.abc import Iterable, Iterator

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.plan import Cell, Plan

LEAST_BYTES = 8
"""Of a word that is looked for in films: at 50 MB one of 8 letters occurs by chance once in
ten million bundles."""
TRACES = (b"Lavf", b"Lavc", b"x264 - core", b"x265 (build", b"\xa9too", b"\xa9nam", b"\xa9cmt")
"""What encoders and muxers write of themselves."""


def telling_words(plan: Plan, batch: str, attempts: Iterable[Attempt]) -> frozenset[str]:
    """Return every text of a batch that names a model, a request, or the batch."""
    words = {batch, plan.slug, plan.spec.name}
    for use in plan.presets.values():
        preset = use.preset
        words |= {preset.id, preset.title, preset.endpoint, preset.family, preset.provider}
    for cell in plan.cells:
        words |= set(_of_cell(cell))
    for attempt in attempts:
        words |= {attempt.request_sha256}
        words |= {attempt.ticket.request_id} if attempt.ticket else set()
        words |= {attempt.media_url} if attempt.media_url else set()
        words |= {attempt.asset.sha256} if attempt.asset else set()
    return frozenset(word for word in words if len(word) > 1)


def _of_cell(cell: Cell) -> Iterator[str]:
    yield cell.cell_id
    yield cell.endpoint
    yield cell.at.preset
    if cell.seed_sent is not None and abs(cell.seed_sent) >= 1000:
        yield str(cell.seed_sent)  # a smaller number stands anywhere


def exact_words(words: Iterable[str]) -> list[str]:
    """Return those that no sentence holds by chance: ids, paths, hashes, names with a number."""
    return [word for word in words if len(word) >= LEAST_BYTES and re.search(r"[0-9/]", word)]


def leaks_in_text(text: str, words: Iterable[str], innocent: Iterable[str]) -> list[str]:
    """Return which words stand in a text as words, in any case.

    `innocent`: texts that may hold them, as they are the same for all clips: the prompts.
    """
    lowered = text.lower()
    for each in sorted((one.lower() for one in innocent), key=len, reverse=True):
        lowered = lowered.replace(each, " ")
    return sorted(
        word
        for word in words
        if re.search(rf"(?<![a-z0-9]){re.escape(word.lower())}(?![a-z0-9])", lowered)
    )


def leaks_in_film(data: bytes, words: Iterable[str]) -> list[str]:
    """Return which long words, or traces of an encoder, stand in the bytes of a file."""
    lowered = data.lower()
    told = [word for word in words if len(word.encode()) >= LEAST_BYTES]
    found = [word for word in told if word.lower().encode() in lowered]
    return sorted(found) + [repr(trace)[2:-1] for trace in TRACES if trace in data]
