"""The fairness sheet: per preset what was held, what deviated, what was left, and a quotable line.

Before a run it says what the requests ask for; after it, what came of them, measured. A deviation
that was "not known before the run" is settled by the measurement, either way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from fal_experiments.core.controls import KNOB_FIELDS, applies, knobs_of_hold
from fal_experiments.core.fairness_outcomes import (
    MeasuredLine,
    Outcomes,
    PresetOutcome,
    outcome_of,
)
from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import hold_label, hold_name, plural
from fal_experiments.core.matrix import HOLD_KEYS, HoldKey, MatrixSpec
from fal_experiments.core.model import Json, Record
from fal_experiments.core.plan import Cell, LeftOutCell, Plan, PresetUse
from fal_experiments.core.preset import Preset

Comparable = Literal["yes", "with deviations", "no"]


class HeldLine(Record):
    """One held value that the requests of a preset ask for exactly."""

    key: str
    value: str
    how: str
    """`duration "5"`, `always`, `follows the image`."""


class KnobLine(Record):
    """One argument that is sent and that the task does not hold."""

    knob: str
    value: Json
    default: Json = None
    """The vendor's own, where the preset sends another."""


class FairnessLine(Record):
    """Everything that decides whether a preset may stand in a comparison."""

    preset: str
    title: str
    endpoint: str
    cells: int
    left_out: int
    held: tuple[HeldLine, ...]
    deviations: tuple[str, ...]
    neutral: tuple[KnobLine, ...]
    """Knobs set against the vendor's default, so that nothing is rewritten or added unasked."""
    vendor_defaults: tuple[KnobLine, ...]
    """Knobs at the vendor's own value, sent all the same."""
    seeds: str
    prompt: str
    schema_stamp: str
    measured: tuple[MeasuredLine, ...] = ()
    rewritten: str = ""
    """How many prompts came back in other words; empty where none did."""
    latency: tuple[str, ...] = ()
    """Medians of waiting and of working."""
    breaches: tuple[str, ...] = ()
    """Why a result does not count as strict: another endpoint served or bills it."""
    comparable: Comparable
    because: tuple[str, ...]

    def quote(self) -> str:
        """Return the one line that a person can quote."""
        reasons = "; ".join(self.because)
        match self.comparable:
            case "yes":
                return f"{self.preset}: comparable: yes"
            case "no":
                return f"{self.preset}: comparable: no, because {reasons}"
            case _:
                return f"{self.preset}: comparable: with deviations ({reasons})"


class FairnessSheet(Record):
    """The sheet of a plan or a batch."""

    routing: str
    """Which headers keep other endpoints and hidden retries out."""
    lines: tuple[FairnessLine, ...]


def fairness(plan: Plan, outcomes: Outcomes | None = None) -> FairnessSheet:
    """Return the sheet of a plan; with `outcomes`, of the batch that ran it."""
    return FairnessSheet(
        routing=_routing(plan.spec),
        lines=tuple(_line(plan, use, outcomes) for use in plan.presets.values()),
    )


def _line(plan: Plan, use: PresetUse, outcomes: Outcomes | None) -> FairnessLine:
    preset = use.preset
    cells = [cell for cell in plan.cells if cell.at.preset == preset.id]
    left_out = [cell for cell in plan.left_out if cell.at.preset == preset.id]
    after = outcome_of(plan, preset, outcomes) if outcomes else PresetOutcome()
    deviations = (*_deviations(cells, after), *after.mismatches)
    gaps = (*_gaps(cells, left_out), *after.gaps)
    comparable, because = _verdict(plan, use, cells, after, (*gaps, *deviations))
    if not cells:
        because = (*because, *_why_left_out(left_out))
    sent = cells[0].arguments if cells else preset.arguments
    neutral, vendor = _knobs(plan.spec, use, sent)
    return FairnessLine(
        preset=preset.id,
        title=preset.title,
        endpoint=preset.endpoint,
        cells=len(cells),
        left_out=len(left_out),
        held=tuple(_held(plan.spec, preset, cells, after)),
        deviations=deviations,
        neutral=neutral,
        vendor_defaults=vendor,
        seeds=_seeds(preset, cells, outcomes),
        prompt=_prompt(preset, cells),
        schema_stamp=_stamp(use),
        measured=after.measured,
        rewritten=after.rewritten,
        latency=after.latency,
        breaches=after.breaches,
        comparable=comparable,
        because=because,
    )


def _verdict(
    plan: Plan,
    use: PresetUse,
    cells: Sequence[Cell],
    after: PresetOutcome,
    found: Sequence[str],
) -> tuple[Comparable, tuple[str, ...]]:
    """Return the verdict on a preset from what deviates or is missing, with the reasons."""
    if not cells:
        return "no", ("no cell of it can run",)
    if after.breaches:
        return "no", after.breaches
    if after.nothing_done:
        return "no", (after.nothing_done,)
    if not plan.spec.strict:
        return "no", ("strict is off: another endpoint may serve a request unseen",)
    if use.checked_against is None:
        return "no", ("its arguments were not checked: there is no schema snapshot",)
    found = (*found, after.rewritten) if after.rewritten else tuple(found)
    return ("with deviations", found) if found else ("yes", ())


def _gaps(cells: Sequence[Cell], left_out: Sequence[LeftOutCell]) -> tuple[str, ...]:
    """Return the holes in a preset's part of the matrix, with their denominators."""
    places = len(cells) + len(left_out)
    counts = {
        state: sum(c.state == state for c in left_out) for state in ("unsupported", "excluded")
    }
    return tuple(f"{n} of {places} cells {state}" for state, n in counts.items() if n)


def _why_left_out(left_out: Sequence[LeftOutCell]) -> tuple[str, ...]:
    reasons = dict.fromkeys(cell.reason for cell in left_out if cell.state != "duplicate")
    return tuple(list(reasons)[:2])


def _held(
    spec: MatrixSpec, preset: Preset, cells: Sequence[Cell], after: PresetOutcome
) -> Iterable[HeldLine]:
    """Yield each held value that every cell of the preset asks for exactly, or got all the same."""
    missed = {deviation.hold for cell in cells for deviation in cell.deviations}
    for key, value in spec.hold.stated().items():
        if not cells or key in spec.axes or not applies(preset, key):
            continue
        if key in missed and key not in after.settled:
            continue
        how = "measured" if key in missed else held_how(preset, key, cells[0].arguments)
        yield HeldLine(key=hold_name(key), value=hold_label(key, value), how=how)


def held_how(preset: Preset, key: HoldKey, arguments: Mapping[str, Any]) -> str:
    """Return how a preset meets a held value: the knob with what is sent, or why it needs none."""
    control = preset.controls.get(key)
    for field in KNOB_FIELDS:
        knob = getattr(control, field, None)
        if knob is not None:
            return f"{knob} {canonical_json(arguments.get(knob))}"
    follows = getattr(control, "follows", None)
    return f"follows the {follows}" if follows else "always"


def _deviations(cells: Sequence[Cell], after: PresetOutcome) -> tuple[str, ...]:
    """Return the deviations of the requests, without those that the clips disprove.

    One that concerns some cells only says how many.
    """
    found = Counter(
        deviation.label()
        for cell in cells
        for deviation in cell.deviations
        if not (deviation.got is None and deviation.hold in after.settled)
    )
    return tuple(
        label if count == len(cells) else f"{label}, {count} of {len(cells)} cells"
        for label, count in found.items()
    )


def neutral_knobs(
    spec: MatrixSpec, use: PresetUse, arguments: Mapping[str, Any]
) -> tuple[KnobLine, ...]:
    """Return what is sent against the vendor's own value, and that the task does not decide."""
    return _knobs(spec, use, arguments)[0]


def _knobs(
    spec: MatrixSpec, use: PresetUse, arguments: Mapping[str, Any]
) -> tuple[tuple[KnobLine, ...], tuple[KnobLine, ...]]:
    """Return what is sent besides words, inputs, seed, hold and axes: neutral ones, vendor's."""
    preset = use.preset
    accounted = {*preset.inputs.names, *spec.axes, preset.seed.knob}
    for key in {*spec.hold.stated(), *spec.axes}:
        if key in HOLD_KEYS:
            accounted |= knobs_of_hold(preset, key)
    neutral, vendor = [], []
    for knob, value in arguments.items():
        default = use.snapshot.default_of(knob) if use.snapshot else None
        if knob in accounted:
            continue
        if default is not None and default != value:
            neutral.append(KnobLine(knob=knob, value=value, default=default))
        else:
            vendor.append(KnobLine(knob=knob, value=value))
    return tuple(neutral), tuple(vendor)


def _seeds(preset: Preset, cells: Sequence[Cell], outcomes: Outcomes | None) -> str:
    if not preset.takes_seed:
        why = "none accepted" if preset.seed.support == "none" else "not documented"
        return f"{why}, none sent: repeats instead"
    sent = {cell.seed_sent for cell in cells if cell.seed_sent is not None}
    words = preset.seed.support.replace("-", ", ", 1).replace("-", " ")
    asked = f"{plural(len(sent), 'seed')} sent" if sent else "none sent: the matrix gives none"
    finding = outcomes.seed_findings.get(preset.id) if outcomes else None
    return f"{words}; {asked}" + (f"; {finding}" if finding else "")


def _prompt(preset: Preset, cells: Sequence[Cell]) -> str:
    return ", ".join(dict.fromkeys(_told(preset, cell) for cell in cells)) or "–"


def _told(preset: Preset, cell: Cell) -> str:
    """Return in which form a cell's prompt is sent: plain, a dialect, or a list of shots."""
    shots = preset.inputs.shots
    listed = cell.arguments.get(shots.knob) if shots else None
    if isinstance(listed, list) and listed:
        return plural(len(listed), "shot")
    return cell.prompt_dialect or "the plain text"


def _stamp(use: PresetUse) -> str:
    stamp = use.checked_against
    return f"{stamp.as_of}, sha256 {stamp.sha256[:12]}…" if stamp else "none"


def _routing(spec: MatrixSpec) -> str:
    fallback = (
        "x-app-fal-disable-fallback: true" if spec.strict else "fallback allowed (not strict)"
    )
    retries = "platform retries allowed" if spec.platform_retries else "X-Fal-No-Retry: 1"
    return f"{fallback}, {retries}"
