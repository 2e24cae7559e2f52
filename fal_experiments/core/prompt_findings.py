"""What a check saw in a prompt, and what is made of it: a finding with place, reason and source."""

from collections.abc import Iterable
from typing import NamedTuple

from fal_experiments.core.lint_rules import RULES, Level
from fal_experiments.core.model import Record


class Remark(NamedTuple):
    """What one check saw: the rule, what is there in words, and the words of the prompt."""

    rule: str
    message: str
    quote: str = ""
    timed: bool = False
    """Whether it depends on the length of the clip."""


class Finding(Record):
    """A remark with its place, and what it rests on."""

    level: Level
    rule: str
    where: str
    """`text`, `dialects.kling`, `shots[0]`, or `prompt` for the whole."""
    message: str
    reason: str
    source: str
    quote: str = ""
    """Words of the prompt that it is about; they tell the line."""
    presets: tuple[str, ...] = ()
    """Whom it concerns; none named: whoever is told this text."""
    lengths: dict[str, str] = {}
    """By preset, how long its clip is, where that decides: `5 s`."""

    @property
    def told_to(self) -> str:
        """Return the presets that it concerns: `seedance-pro-i2v (5 s), kling-v3-pro-i2v`."""
        return ", ".join(
            f"{name} ({self.lengths[name]})" if name in self.lengths else name
            for name in self.presets
        )


def finding(remark: Remark, where: str, preset: str | None = None, length: str = "") -> Finding:
    """Return a remark as a finding of its rule, for a preset and the length of its clip."""
    rule = RULES[remark.rule]
    is_timed = remark.timed and preset is not None and length != ""
    return Finding(
        level=rule.level,
        rule=rule.id,
        where=where,
        message=remark.message,
        reason=rule.reason,
        source=rule.source,
        quote=remark.quote,
        presets=() if preset is None else (preset,),
        lengths={str(preset): length} if is_timed else {},
    )


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings that say the same as one, which names everybody it concerns; errors first."""
    same: dict[tuple[str, ...], Finding] = {}
    for one in findings:
        key = (one.rule, one.where, one.message)
        before = same.get(key)
        if before is None:
            same[key] = one
            continue
        presets = tuple(dict.fromkeys((*before.presets, *one.presets)))
        lengths = before.lengths | {k: v for k, v in one.lengths.items() if k not in before.lengths}
        same[key] = before.model_copy(update={"presets": presets, "lengths": lengths})
    order = list(RULES)
    return tuple(sorted(same.values(), key=lambda f: (f.level != "error", order.index(f.rule))))
