"""What one reader of a prompt is told, and of what clip; checks look at nothing else."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from fal_experiments.core.entries import Task
from fal_experiments.core.idioms import PLAIN, Idiom
from fal_experiments.core.prompt_findings import Remark
from fal_experiments.core.prompt_language import Language, languages
from fal_experiments.core.prompt_marks import Slot, time_axis

LONGEST_S = Decimal(10)
"""Assumed where the length is not known: what fits in no usual clip is all that is remarked on."""


class Told(NamedTuple):
    """A text, who reads it, and what is known of the clip."""

    text: str
    where: str = "text"
    idiom: Idiom = PLAIN
    task: Task | None = None
    tags: frozenset[str] = frozenset()
    length_s: Decimal | None = None
    sound: bool | None = None
    """Whether the clip will have sound; None: not known."""

    @property
    def is_video(self) -> bool:
        """False where a still is made."""
        return self.task not in {"text-to-image", "image-to-image"}

    @property
    def is_sprite(self) -> bool:
        """True for a prompt that is tagged as one."""
        return "sprite" in self.tags

    @property
    def languages(self) -> frozenset[Language]:
        """Which languages it is in, of those that the rules know."""
        return languages(self.text)

    def parts(self) -> Iterator[tuple[str, Decimal, str]]:
        """Yield the stretches that have a camera and actions of their own.

        Each with its length, and the words for it: ` in the stretch 3–5 s`, none for the whole.
        """
        slots = time_axis(self.text)
        if not slots:
            yield self.text, self.length_s or LONGEST_S, ""
        for slot in slots:
            yield slot.text, max(slot.end_s - slot.start_s, Decimal(1)), _name(slot)


Check = Callable[[Told], Iterator[Remark]]


def seconds(length_s: Decimal) -> str:
    """Return `5 s`."""
    return f"{length_s.normalize():f} s"


def _name(slot: Slot) -> str:
    return f" in the stretch {slot.start_s.normalize():f}–{seconds(slot.end_s)}"


def listed(words: list[str]) -> str:
    """Return `“push-in”, “pans left”`."""
    return ", ".join(f"“{word}”" for word in words)
