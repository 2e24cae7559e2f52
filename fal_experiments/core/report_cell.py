"""Everything about one cell, for the drawer of the report."""

from typing import NamedTuple

from fal_experiments.core.attempt import Attempt, Cost
from fal_experiments.core.derived import Derived, Probe
from fal_experiments.core.labels import (
    bytes_label,
    hold_name,
    seconds_label,
    time_label,
    value_label,
)
from fal_experiments.core.measured import known_deviations
from fal_experiments.core.money import format_usd
from fal_experiments.core.plan import Cell, Deviation, InputStamp, LeftOutCell, Plan
from fal_experiments.core.report_measures import measured_lines
from fal_experiments.core.report_model import CellDetail, LabelledValue, Link

RAW_FILES = {
    "request.json": "request",
    "submit.json": "answer to the submit",
    "response.json": "result",
    "headers.json": "headers",
    "logs.txt": "model log",
    "manifest.json": "manifest",
    "derived.json": "measured facts",
    "preview.gif": "GIF",
    "preview.webp": "WebP",
    "proxy.mp4": "copy for scrubbing",
}


class CellMedia(NamedTuple):
    """The files of a cell's last attempt, as links from the report's folder."""

    folder_href: str
    """Ends in `/`; raw request and answers stand there."""
    clip_href: str | None
    raw_files: tuple[str, ...]
    """Names in that folder that exist."""
    derived: Derived | None


def cell_detail(
    cell: Cell, attempt: Attempt | None, media: CellMedia | None, tries: int, why: str
) -> CellDetail:
    """Return the drawer of a cell."""
    probe = media.derived.probe if media and media.derived else None
    measures = media.derived.measures if media and media.derived else None
    return CellDetail(
        key=cell.cell_id,
        prompt_text=cell.prompt_text,
        prompt_dialect=cell.prompt_dialect,
        arguments=cell.arguments,
        facts=tuple(_facts(cell, attempt, tries) + _measured(probe) + measured_lines(measures)),
        money=tuple(_money(cell, attempt)),
        times=tuple(_times(attempt)),
        deviations=tuple(_deviation(deviation) for deviation in known_deviations(cell, probe)),
        failure=why,
        links=_links(media),
        waveform=(media.derived.waveform or ()) if media and media.derived else (),
    )


def left_out_detail(cell: LeftOutCell, key: str, plan: Plan) -> CellDetail:
    """Return the drawer of a combination that was not bought."""
    prompt = next(prompt for prompt in plan.prompts if prompt.id == cell.at.prompt)
    worded = prompt.filled(cell.at.vars).for_preset(plan.presets[cell.at.preset].preset)
    varied = {**cell.at.vars, **cell.at.axes}
    axes = [LabelledValue(label=n, value=value_label(v)) for n, v in varied.items()]
    return CellDetail(
        key=key,
        prompt_text=worded.text if worded else prompt.filled(cell.at.vars).plain_text,
        prompt_dialect=worded.dialect if worded else None,
        arguments={},
        facts=(LabelledValue(label="state", value=cell.state, note=cell.reason), *axes),
        money=(LabelledValue(label="cost", value="$0.00", note="not bought"),),
        times=(),
        deviations=(),
        failure=cell.reason,
        links=(),
    )


def _facts(cell: Cell, attempt: Attempt | None, tries: int) -> list[LabelledValue]:
    sent = "none: the model takes no seed" if cell.seed_sent is None else str(cell.seed_sent)
    lines = [
        LabelledValue(label="cell", value=cell.cell_id),
        LabelledValue(label="endpoint", value=cell.endpoint),
        LabelledValue(label="seed sent", value=sent),
        *(_input_line(role, stamp) for role, stamp in cell.inputs.items()),
    ]
    if attempt is None:
        return lines
    returned = "not returned" if attempt.seed_returned is None else str(attempt.seed_returned)
    lines.append(LabelledValue(label="seed returned", value=returned))
    if attempt.ticket:
        lines.append(LabelledValue(label="request id", value=attempt.ticket.request_id))
    if attempt.prompt_returned is not None and attempt.prompt_returned != cell.prompt_text:
        lines.append(
            LabelledValue(label="prompt returned", value=attempt.prompt_returned, tone="warn")
        )
    if tries > 1:
        lines.append(LabelledValue(label="attempts", value=str(tries)))
    if attempt.strict_breach:
        lines.append(LabelledValue(label="strict", value=attempt.strict_breach, tone="bad"))
    if attempt.asset:
        lines.append(LabelledValue(label="sha256", value=attempt.asset.sha256))
    return lines


def _input_line(role: str, stamp: InputStamp) -> LabelledValue:
    size = bytes_label(stamp.size_bytes) if stamp.size_bytes is not None else ""
    return LabelledValue(label=f"input {role}", value=stamp.sha256 or stamp.url or "–", note=size)


def _measured(probe: Probe | None) -> list[LabelledValue]:
    if probe is None:
        return []
    sound = f"yes ({probe.audio_codec})" if probe.has_audio else "none"
    return [
        LabelledValue(label="measured size", value=f"{probe.width_px}×{probe.height_px}"),
        LabelledValue(label="measured length", value=f"{probe.duration_s:.2f} s"),
        LabelledValue(
            label="measured rate", value=f"{probe.fps:.2f} fps", note=f"{probe.frames} frames"
        ),
        LabelledValue(label="sound", value=sound),
        LabelledValue(label="file", value=bytes_label(probe.size_bytes), note=probe.video_codec),
    ]


def _money(cell: Cell, attempt: Attempt | None) -> list[LabelledValue]:
    estimate = cell.estimate.label() if cell.estimate else "unknown"
    lines = [LabelledValue(label="estimate", value=estimate, note=cell.estimate_note)]
    if attempt is None:
        return lines
    for amount, missing in (
        ("metered", "no result with units yet"),
        ("billed", "not reconciled"),
        ("invoiced", "not reconciled"),
    ):
        lines.append(_cost_line(amount, attempt.cost(amount), missing))
    lines.append(
        LabelledValue(label="counted against the cap", value=format_usd(attempt.counted_nano_usd))
    )
    return lines


def _cost_line(amount: str, cost: Cost | None, missing: str) -> LabelledValue:
    if cost is None:
        return LabelledValue(label=amount, value="unknown", note=missing)
    units = f"{cost.units.normalize():f} {cost.unit or 'units'}" if cost.units is not None else ""
    price = f" × ${cost.unit_price_usd.normalize():f}" if cost.unit_price_usd is not None else ""
    note = f"{units}{price if units else ''} · {cost.source}" if units else cost.source
    return LabelledValue(label=amount, value=format_usd(cost.nano_usd), note=note)


def _times(attempt: Attempt | None) -> list[LabelledValue]:
    if attempt is None:
        return []
    steps = [
        ("submitted", attempt.intended_at),
        ("accepted", attempt.accepted_at),
        ("first seen running", attempt.running_at),
        ("completed", attempt.completed_at),
        ("result received", attempt.received_at),
        ("ended", attempt.ended_at),
    ]
    lines = [LabelledValue(label=name, value=time_label(at)) for name, at in steps if at]
    if attempt.inference_s is not None:
        lines.append(
            LabelledValue(
                label="on the runner",
                value=seconds_label(attempt.inference_s),
                note="as the provider measured it",
            )
        )
    return lines


def _deviation(deviation: Deviation) -> LabelledValue:
    got = "not known before the run" if deviation.got is None else value_label(deviation.got)
    return LabelledValue(
        label=hold_name(deviation.hold),
        value=f"{value_label(deviation.asked)} → {got}",
        note=deviation.why,
        tone="warn",
    )


def _links(media: CellMedia | None) -> tuple[Link, ...]:
    if media is None:
        return ()
    clip = (Link(label="clip", href=media.clip_href),) if media.clip_href else ()
    raw = tuple(
        Link(label=label, href=media.folder_href + name)
        for name, label in RAW_FILES.items()
        if name in media.raw_files
    )
    return clip + raw
