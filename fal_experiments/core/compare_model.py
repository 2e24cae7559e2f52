"""The comparison of batches as data for page, console and JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fal_experiments.core.batch_compare import Shown, Step
from fal_experiments.core.batch_match import Match, Side
from fal_experiments.core.derived import Derived
from fal_experiments.core.labels import STATE_LABELS, Tone, seconds_label, time_label
from fal_experiments.core.likeness import Verdict
from fal_experiments.core.model import Record
from fal_experiments.core.money import format_usd
from fal_experiments.core.preset_drift import PresetDrift, preset_drifts
from fal_experiments.core.report_model import PictureView

TONES: Mapping[Verdict | None, Tone] = {
    "identical": "good",
    "near": "good",
    "different": "warn",
    None: "idle",
}


class ClipView(Record):
    """One side of a cell on the page; links lead from the page's folder."""

    batch: str
    state_label: str
    poster: PictureView | None = None
    clip_href: str | None = None
    fps: float = 0
    duration_s: float = 0
    cost_label: str
    time_label: str
    seed_label: str


class StepView(Record):
    """A cell in two batches, side by side."""

    key: str
    tone: Tone
    step: Step
    before: ClipView
    after: ClipView
    cost_change: str
    time_change: str


class BatchLine(Record):
    """A batch that is compared."""

    name: str
    title: str
    began_at: str
    cells: int
    shared: int
    """Of them, those that at least one of the others has too."""
    report_href: str = ""


class CompareModel(Record):
    """Several batches of one kind, the oldest first."""

    title: str
    batch: str
    """The names of the batches, for the head of the page."""
    sandbox: bool
    batches: tuple[BatchLine, ...]
    presets: tuple[PresetDrift, ...]
    steps: tuple[StepView, ...]
    made_with: str


class Media(NamedTuple):
    """The files of one side, as links."""

    poster: PictureView | None = None
    clip_href: str | None = None
    derived: Derived | None = None


class CompareParts(NamedTuple):
    """What a comparison is made of."""

    sides: Sequence[Side]
    matches: Sequence[Match]
    steps: Sequence[tuple[Step, Media, Media]]
    reports: Mapping[str, str]
    """Link to the report of each batch."""
    sandbox: bool
    made_with: str


def compare_model(parts: CompareParts) -> CompareModel:
    """Return the comparison, ready to be shown."""
    names = [side.name for side in parts.sides]
    shared = [sum(m.cells[i] is not None for m in parts.matches) for i in range(len(names))]
    return CompareModel(
        title=" → ".join(dict.fromkeys(side.plan.spec.name for side in parts.sides)),
        batch=" → ".join(names),
        sandbox=parts.sandbox,
        batches=tuple(
            BatchLine(
                name=side.name,
                title=side.plan.spec.name,
                began_at=time_label(side.began_at),
                cells=sum(cell.probe_of is None for cell in side.plan.cells),
                shared=count,
                report_href=parts.reports.get(side.name, ""),
            )
            for side, count in zip(parts.sides, shared, strict=True)
        ),
        presets=preset_drifts(parts.sides, [each for each, _, _ in parts.steps]),
        steps=tuple(_views(parts.steps)),
        made_with=parts.made_with,
    )


def _views(steps: Iterable[tuple[Step, Media, Media]]) -> Iterable[StepView]:
    for number, (each, before, after) in enumerate(steps, start=1):
        yield StepView(
            key=f"pair-{number}",
            tone=TONES[each.verdict],
            step=each,
            before=_clip(each.before, before),
            after=_clip(each.after, after),
            cost_change=money_change(each.before.cost_nano_usd, each.after.cost_nano_usd),
            time_change=seconds_change(each.before.total_s, each.after.total_s),
        )


def _clip(shown: Shown, media: Media) -> ClipView:
    probe = media.derived.probe if media.derived else None
    seed = "no seed" if shown.seed_sent is None else f"seed {shown.seed_sent}"
    returned = shown.seed_returned
    if returned is not None and returned != shown.seed_sent:
        seed += f", returned {returned}"
    return ClipView(
        batch=shown.batch,
        state_label=STATE_LABELS.get(shown.state, shown.state),
        poster=media.poster,
        clip_href=media.clip_href,
        fps=float(probe.fps) if probe else 0,
        duration_s=float(probe.duration_s) if probe else 0,
        cost_label=format_usd(shown.cost_nano_usd),
        time_label=seconds_label(shown.total_s),
        seed_label=seed,
    )


def money_change(before: int | None, after: int | None) -> str:
    """Return `$0.27 → $0.30 (+$0.03)`, `$0.27` where nothing has changed, or `unknown`."""
    if before is None or after is None:
        return "unknown" if before is after else f"{format_usd(before)} → {format_usd(after)}"
    if before == after:
        return format_usd(after)
    sign = "+" if after > before else "−"
    share = f", {(after - before) / before:+.0%}" if before else ""
    apart = format_usd(abs(after - before))
    return f"{format_usd(before)} → {format_usd(after)} ({sign}{apart}{share})"


def seconds_change(before: float | None, after: float | None) -> str:
    """Return `7.1 s → 9.3 s (+31%)`; unknown times stay `–`."""
    words = f"{seconds_label(before)} → {seconds_label(after)}"
    return f"{words} ({(after - before) / before:+.0%})" if before and after is not None else words
