"""Property by property: what the task holds, what the request asked for, what came."""

from collections.abc import Iterator, Mapping

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.control_kinds import FramesControl
from fal_experiments.core.derived import Derived
from fal_experiments.core.labels import hold_label, hold_name, value_label
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey
from fal_experiments.core.measured import Measurement, asked_of, known_deviations, measure
from fal_experiments.core.measures import UNTOLD, Tags
from fal_experiments.core.plan import Cell, Deviation, Plan
from fal_experiments.core.preset import Preset
from fal_experiments.core.report_cell_model import CheckLine

_SEEDS = {
    "accepted": "the model takes seeds and says which it used",
    "accepted-not-returned": "the model takes seeds and does not say which it used",
    "none": "the model takes no seed: repeats stand in for seeds",
    "undocumented": "the vendor says nothing of seeds: none is sent",
}


def check_lines(
    cell: Cell, plan: Plan, attempt: Attempt | None, derived: Derived | None
) -> tuple[CheckLine, ...]:
    """Return what was asked beside what came. A cell that never ran has what was asked alone."""
    return tuple(_lines(cell, plan, attempt, derived))


def reworded(cell: Cell, attempt: Attempt | None) -> bool:
    """Tell whether the prompt came back in other words; spaces alone make no difference."""
    back = attempt.prompt_returned if attempt else None
    return back is not None and " ".join(back.split()) != " ".join(cell.prompt_text.split())


def _lines(
    cell: Cell, plan: Plan, attempt: Attempt | None, derived: Derived | None
) -> Iterator[CheckLine]:
    preset = plan.presets[cell.at.preset].preset
    probe = derived.probe if derived else None
    hold = plan.spec.hold.stated()
    hold |= {key: cell.at.axes[key] for key in HOLD_KEYS if key in cell.at.axes}
    missed = {deviation.hold: deviation for deviation in known_deviations(cell, probe)}
    measured = measure(cell, preset, hold, probe) if probe else []
    asked, got = asked_of(cell, preset), {one.what: one for one in measured}
    for key in HOLD_KEYS:
        if key in hold or key in got or key in asked:
            held = hold_label(key, hold[key]) if key in hold else ""
            yield _held(key, held, asked.get(key, ""), got.get(key), missed.pop(key, None))
    yield from _frames(cell, preset, derived)
    yield from map(_other, missed.values())
    if derived is not None and derived.measures is not None:
        yield from _tags(derived.measures.tags)
    yield _seed(cell, attempt)
    if attempt is not None:
        yield from _returned(cell, attempt)


def _held(
    key: HoldKey, held: str, asked: str, got: Measurement | None, missed: Deviation | None
) -> CheckLine:
    line = CheckLine(
        what=hold_name(key),
        held=held,
        asked=asked,
        got=got.got if got else "",
        note=missed.why if missed else "",
    )
    if got is None and missed is not None:
        known = "not known before the run" if missed.got is None else value_label(missed.got)
        return line.model_copy(update={"asked": asked or known, "badge": "≠ held", "tone": "warn"})
    if got is None:
        return line
    if got.kept is False:
        return line.model_copy(update={"badge": "≠ asked", "tone": "bad"})
    if got.meets_hold is False:
        return line.model_copy(update={"badge": "≠ held", "tone": "warn"})
    if got.kept is None and got.meets_hold is None:
        return line
    return line.model_copy(update={"badge": "as asked" if got.kept else "as held", "tone": "good"})


def _other(missed: Deviation) -> CheckLine:
    """Return a deviation of something that is no property of the clip: an input that is unused."""
    return CheckLine(
        what=hold_name(missed.hold),
        held=value_label(missed.asked),
        asked="not known before the run" if missed.got is None else value_label(missed.got),
        badge="≠ held",
        tone="warn",
        note=missed.why,
    )


def _frames(cell: Cell, preset: Preset, derived: Derived | None) -> Iterator[CheckLine]:
    control = preset.controls.get("duration")
    asked = cell.arguments.get(control.frames_knob) if isinstance(control, FramesControl) else None
    probe = derived.probe if derived else None
    if asked is None and probe is None:
        return
    line = CheckLine(
        what="frames",
        asked="" if asked is None else value_label(asked),
        got=str(probe.frames) if probe else "",
    )
    if asked is None or probe is None:
        yield line
    elif asked == probe.frames:
        yield line.model_copy(update={"badge": "as asked", "tone": "good"})
    else:
        yield line.model_copy(update={"badge": "≠ asked", "tone": "warn"})


def _tags(tags: Tags) -> Iterator[CheckLine]:
    told = (tags.colour_range, tags.colour_matrix, tags.colour_primaries, tags.colour_transfer)
    if set(told) == {UNTOLD}:
        yield CheckLine(what="colours", got=UNTOLD, note="players guess")
    else:
        yield CheckLine(what="colours", got=" · ".join(told))
    if tags.pixel_aspect not in {UNTOLD, "1:1"}:
        yield CheckLine(
            what="pixels",
            got=tags.pixel_aspect,
            badge="not square",
            tone="warn",
            note="players stretch it",
        )


def _seed(cell: Cell, attempt: Attempt | None) -> CheckLine:
    line = CheckLine(
        what="seed",
        held="" if cell.at.seed is None else str(cell.at.seed),
        asked="none sent" if cell.seed_sent is None else str(cell.seed_sent),
        note=_SEEDS.get(cell.seed_support, ""),
    )
    back = attempt.seed_returned if attempt else None
    if back is None:
        came = attempt is not None and attempt.received_at is not None
        return line.model_copy(update={"got": "not returned" if came else ""})
    line = line.model_copy(update={"got": str(back)})
    if cell.seed_sent is None:
        return line
    same: Mapping[str, str] = {"badge": "as sent", "tone": "good"}
    other: Mapping[str, str] = {"badge": "≠ sent", "tone": "bad"}
    return line.model_copy(update=dict(same if back == cell.seed_sent else other))


def _returned(cell: Cell, attempt: Attempt) -> Iterator[CheckLine]:
    if attempt.received_at is None:
        return
    if attempt.prompt_returned is None:
        yield CheckLine(what="prompt", asked="as below", got="not returned")
    elif reworded(cell, attempt):
        yield CheckLine(
            what="prompt", asked="as below", got="in other words", badge="reworded", tone="warn"
        )
    else:
        yield CheckLine(
            what="prompt", asked="as below", got="in the same words", badge="as sent", tone="good"
        )
    if attempt.strict_breach:
        yield CheckLine(
            what="endpoint",
            asked=cell.endpoint,
            got=attempt.strict_breach,
            badge="not strict",
            tone="bad",
        )
