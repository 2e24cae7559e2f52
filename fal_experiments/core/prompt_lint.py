"""Lint of prompts: what would go wrong, or badly, with each model that is told them. Pure.

Errors are what a model refuses or never gets; everything else is advice with its reason.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fal_experiments.core import idiom_checks, prompt_checks, sprite_checks
from fal_experiments.core.control_kinds import FixedControl, KnobControl
from fal_experiments.core.controls import CannotMeet, Circumstances, meet
from fal_experiments.core.entries import Task
from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.idioms import (
    FAMILY_IDIOMS,
    IDIOMS,
    KLING,
    PLAIN,
    idiom_of,
    idiom_of_dialect,
)
from fal_experiments.core.matrix import Hold, HoldKey
from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt, Worded, shot_argument
from fal_experiments.core.prompt_findings import Finding, Remark, finding, merged
from fal_experiments.core.prompt_told import Told, listed, seconds
from fal_experiments.core.schema import EndpointSchema

MAX_SHOTS = 6
MAX_SHOTS_S = 15
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NO_NAME = "cannot be a name in vars: lower-case letters, digits and _"
_CHECKS = (*prompt_checks.CHECKS, *idiom_checks.CHECKS, *sprite_checks.CHECKS)
_FROM_HOLD: tuple[HoldKey, ...] = ("duration", "audio")


def lint(
    prompt: Prompt,
    for_presets: Sequence[tuple[Preset, EndpointSchema | None]],
    *,
    hold: Hold | None = None,
    task: Task | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong or unwise when these presets are told this prompt; errors come first.

    Args:
        prompt: its variables filled in; one that is left is an error.
        for_presets: each with the schema of its endpoint, None where there is no snapshot.
        hold: what the matrix keeps constant; length and sound of the clip follow from it.
        task: that of the matrix, for a prompt that names none.
    """
    asked = (hold or Hold()).stated()
    found: list[Finding] = []
    for preset, schema in for_presets:
        arguments = _arguments(preset, asked)
        found += lint_for(prompt, preset, schema, arguments, task)
    return merged(found)


def lint_for(
    prompt: Prompt,
    preset: Preset,
    schema: EndpointSchema | None,
    arguments: dict[str, Any],
    task: Task | None,
) -> Iterator[Finding]:
    """Yield the findings for one preset, given what is sent to it beside the prompt."""
    worded = prompt.for_preset(preset)
    if worded is None:
        takes_one = Remark("shots-only", "only shots, and the model takes none")
        yield finding(takes_one, "prompt", preset.id)
        return
    for where, remark in _of_preset(worded, preset, schema, arguments):
        yield finding(remark, where, preset.id)
    told = Told(
        text=worded.text,
        where=_where(worded.dialect),
        idiom=idiom_of(preset),
        task=prompt.task or task or preset.task,
        tags=frozenset(prompt.tags),
        length_s=seconds_asked(preset, arguments),
        sound=_sound(preset, arguments),
    )
    yield from _remarks_on(told, worded, preset.id)


def lint_alone(prompt: Prompt) -> tuple[Finding, ...]:
    """Return what is wrong or unwise in a prompt of the library, whoever will be told it.

    The plain text is read as plain sentences, each dialect in its own idiom, shots as Kling's.
    Length and sound of the clip are not known, so only what fits no usual clip is remarked on.
    Variables stand for themselves.
    """
    filled = prompt.filled({name: name for name in prompt.variables})
    tags = frozenset(prompt.tags)
    found: list[Finding] = [
        finding(Remark("unfilled-variable", f"{listed([name])} {_NO_NAME}", name), "prompt")
        for name in sorted(prompt.variables)
        if not _VARIABLE_NAME.fullmatch(name)
    ]
    if filled.text is not None:
        told = Told(filled.text, "text", PLAIN, filled.task, tags)
        found += _remarks_on(told, Worded(filled.text, None))
    for key, text in filled.dialects.items():
        told = Told(text, _where(key), idiom_of_dialect(key), filled.task, tags)
        found += _remarks_on(told, Worded(text, key))
    if filled.shots:
        told = Told(filled.plain_text, "shots", KLING, filled.task, tags)
        found += _remarks_on(told, Worded(told.text, None, filled.shots))
    return merged(found)


def unknown_dialects(prompt: Prompt, presets: Iterable[Preset]) -> tuple[Finding, ...]:
    """Return the dialects of a prompt that no preset, idiom or family has the name of."""
    known = {*IDIOMS, *FAMILY_IDIOMS}
    for preset in presets:
        known |= {preset.id, preset.family, preset.dialect or preset.family}
    return tuple(
        finding(
            Remark("dialect-unused", f"nobody is called {listed([key])}{nearest(key, known)}", key),
            _where(key),
        )
        for key in prompt.dialects
        if key not in known
    )


def _remarks_on(told: Told, worded: Worded, preset: str | None = None) -> Iterator[Finding]:
    length = seconds(told.length_s) if told.length_s else ""
    if not worded.shots:
        for remark in _checked(told):
            yield finding(remark, told.where, preset, length)
        return
    for index, shot in enumerate(worded.shots):
        part = told._replace(text=shot.text, where=f"shots[{index}]", length_s=shot.duration)
        for remark in _checked(part):
            if remark.rule != "camera-missing":
                yield finding(remark, part.where, preset, seconds(shot.duration))
    for remark in _of_shots(told, worded):
        yield finding(remark, "shots", preset)


@lru_cache(maxsize=4096)
def _checked(told: Told) -> tuple[Remark, ...]:
    """Return what all checks see; kept, since most presets are told the same of the same clip."""
    if not told.text.strip():
        return (Remark("empty", "there is no text"),)
    return tuple(remark for check in _CHECKS for remark in check(told))


def _of_shots(told: Told, worded: Worded) -> Iterator[Remark]:
    length_s = sum((shot.duration for shot in worded.shots), Decimal(0))
    if len(worded.shots) > MAX_SHOTS:
        yield Remark("shots", f"{len(worded.shots)} shots; the most is {MAX_SHOTS}")
    if length_s > MAX_SHOTS_S:
        yield Remark("shots", f"the shots last {seconds(length_s)}; the most is {MAX_SHOTS_S} s")
    whole = told._replace(text=" ".join(shot.text for shot in worded.shots))
    yield from (r for r in _checked(whole) if r.rule == "camera-missing")


def _of_preset(
    worded: Worded, preset: Preset, schema: EndpointSchema | None, arguments: dict[str, Any]
) -> Iterator[tuple[str, Remark]]:
    """Yield what the endpoint itself would refuse, or never see."""
    shots, knob = preset.inputs.shots, preset.inputs.prompt
    if worded.shots and shots is not None:
        sent = [shot_argument(shot, shots) for shot in worded.shots]
        yield from (("shots", r) for r in _refused(schema, shots.knob, sent, arguments))
    elif knob is None or (schema is not None and knob not in schema.knobs):
        yield _where(worded.dialect), Remark("no-prompt-knob", "the endpoint takes no prompt")
    else:
        refused = _refused(schema, knob, worded.text, arguments)
        yield from ((_where(worded.dialect), remark) for remark in refused)


def _refused(
    schema: EndpointSchema | None, knob: str, sent: Any, arguments: dict[str, Any]
) -> Iterator[Remark]:
    if schema is None:
        return
    for said in schema.violations({**arguments, knob: sent}):
        if said.startswith((f"{knob}:", f"{knob}.")):
            yield Remark("schema", said)


def _arguments(preset: Preset, asked: dict[HoldKey, Any]) -> dict[str, Any]:
    """Return what a preset sends for the length and sound that are held."""
    arguments = dict(preset.arguments)
    for key in _FROM_HOLD:
        if key in asked:
            try:
                met = meet(preset, key, asked[key], Circumstances({}, arguments))
            except CannotMeet:  # the cell will be unsupported, which plan says
                continue
            arguments |= met.arguments
    return arguments


def _sound(preset: Preset, arguments: dict[str, Any]) -> bool | None:
    control = preset.controls.get("audio")
    if isinstance(control, FixedControl) and isinstance(control.fixed, bool):
        return control.fixed
    if isinstance(control, KnobControl) and control.knob in arguments:
        sent = arguments[control.knob]
        means = next((c.means for c in control.choices if c.send == sent), None)
        return means if isinstance(means, bool) else None
    return None


def _where(dialect: str | None) -> str:
    return "text" if dialect is None else f"dialects.{dialect}"
