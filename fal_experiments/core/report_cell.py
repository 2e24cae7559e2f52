"""Everything about one cell, for the drawer of the report."""

import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.changes import Changes
from fal_experiments.core.derived import Derived, Probe
from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import bytes_label, value_label
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.plan import Cell, InputStamp, LeftOutCell, Plan
from fal_experiments.core.reasons import reason
from fal_experiments.core.report_cell_checks import check_lines, reworded
from fal_experiments.core.report_cell_http import Headers, header_groups
from fal_experiments.core.report_cell_judge import Judged, score_lines, verdict_lines
from fal_experiments.core.report_cell_model import CellDetail, CheckLine, Remake
from fal_experiments.core.report_cell_money import money_lines
from fal_experiments.core.report_cell_payload import as_sent, origins
from fal_experiments.core.report_cell_times import attempt_views
from fal_experiments.core.report_lines import LabelledValue, Link
from fal_experiments.core.report_measures import metric_notes, metric_values

RAW_FILES = {
    "request.json": "request",
    "submit.json": "answer to the submit",
    "response.json": "result",
    "headers.json": "headers",
    "logs.txt": "model log",
    "manifest.json": "manifest",
    "derived.json": "measured facts",
    "metrics.json": "plug-in scores",
    "poster.jpg": "poster",
    "preview.gif": "GIF",
    "preview.webp": "WebP",
    "proxy.mp4": "copy for scrubbing",
    "clip.damaged": "damaged file",
}


class CellMedia(NamedTuple):
    """The files of a cell's last attempt, as links from the report's folder."""

    folder_href: str
    """Ends in `/`; raw request and answers stand there."""
    clip_href: str | None
    raw_files: tuple[str, ...]
    """Names in that folder that exist."""
    derived: Derived | None
    headers: Headers = {}
    """Of the request and of the answers."""
    scores: tuple[Score, ...] = ()
    """What plug-in metrics said of the file that is there now."""


class Around(NamedTuple):
    """What a drawer needs to know of the batch."""

    plan: Plan
    state: BatchState
    matrix_path: str = ""
    """Of the batch's frozen matrix, from the project root; empty: it cannot be named."""
    sandbox: bool = False
    changes: Changes = Changes()
    judged: Sequence[Judged] = ()
    metric_facts: Mapping[str, MetricFacts] = {}
    """What installed plug-ins say of themselves, by name."""


def cell_detail(cell: Cell, media: CellMedia | None, around: Around) -> CellDetail:
    """Return the drawer of a cell."""
    state = around.state
    attempts = state.attempts.get(cell.cell_id, [])
    attempt = attempts[-1] if attempts else None
    derived = media.derived if media else None
    measures = derived.measures if derived else None
    sent = {name: as_sent(v, state.uploads, cell.provider) for name, v in cell.arguments.items()}
    return CellDetail(
        key=cell.cell_id,
        prompt_text=cell.prompt_text,
        prompt_dialect=cell.prompt_dialect,
        prompt_returned=_reworded(cell, attempt),
        arguments=sent,
        origins=origins(cell, around.plan),
        checks=check_lines(cell, around.plan, attempt, derived),
        facts=tuple(_facts(cell, attempt) + _file(derived.probe if derived else None)),
        money=money_lines(cell, attempts),
        attempts=attempt_views(attempts, state.last_at),
        headers=header_groups(media.headers) if media else (),
        metrics=metric_values(measures),
        metric_notes=metric_notes(measures),
        scores=tuple(score_lines(media.scores, around.metric_facts)) if media else (),
        verdicts=verdict_lines(cell, around.judged),
        failure=reason(state, cell),
        links=_links(media),
        remake=_remake(cell, around),
        waveform=(derived.waveform or ()) if derived else (),
    )


def left_out_detail(cell: LeftOutCell, key: str, plan: Plan) -> CellDetail:
    """Return the drawer of a combination that was not bought."""
    prompt = next(prompt for prompt in plan.prompts if prompt.id == cell.at.prompt)
    worded = prompt.filled(cell.at.vars).for_preset(plan.presets[cell.at.preset].preset)
    varied = {**cell.at.vars, **cell.at.axes}
    axes = [LabelledValue(label=n, value=value_label(v)) for n, v in varied.items()]
    held = plan.spec.hold.stated()
    return CellDetail(
        key=key,
        prompt_text=worded.text if worded else prompt.filled(cell.at.vars).plain_text,
        prompt_dialect=worded.dialect if worded else None,
        arguments={},
        checks=tuple(CheckLine(what=n, held=value_label(v)) for n, v in held.items()),
        facts=(LabelledValue(label="state", value=cell.state, note=cell.reason), *axes),
        money=(LabelledValue(label="cost", value="$0.00", note="not bought"),),
        failure=cell.reason,
        links=(),
    )


def _reworded(cell: Cell, attempt: Attempt | None) -> str:
    back = attempt.prompt_returned if attempt else None
    return back if back is not None and reworded(cell, attempt) else ""


def _facts(cell: Cell, attempt: Attempt | None) -> list[LabelledValue]:
    lines = [
        LabelledValue(label="cell", value=cell.cell_id),
        LabelledValue(label="endpoint", value=cell.endpoint),
        *(_input_line(role, stamp) for role, stamp in cell.inputs.items()),
    ]
    if cell.probe_of is not None:
        lines.append(LabelledValue(label="seed probe of", value=cell.probe_of))
    if cell.schema_sha256 is not None:
        lines.append(LabelledValue(label="schema sha256", value=cell.schema_sha256))
    if attempt is None:
        return lines
    if attempt.ticket:
        lines.append(LabelledValue(label="request id", value=attempt.ticket.request_id))
    if attempt.strict_breach:
        lines.append(LabelledValue(label="strict", value=attempt.strict_breach, tone="bad"))
    if attempt.asset:
        lines.append(LabelledValue(label="sha256", value=attempt.asset.sha256))
    return lines


def _input_line(role: str, stamp: InputStamp) -> LabelledValue:
    size = bytes_label(stamp.size_bytes) if stamp.size_bytes is not None else ""
    return LabelledValue(label=f"input {role}", value=stamp.sha256 or stamp.url or "–", note=size)


def _file(probe: Probe | None) -> list[LabelledValue]:
    if probe is None:
        return []
    sound = f"sound {probe.audio_codec}" if probe.has_audio else "no sound"
    codecs = f"{probe.video_codec}, {probe.pixel_format}, {sound}"
    return [LabelledValue(label="file", value=bytes_label(probe.size_bytes), note=codecs)]


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


def _remake(cell: Cell, around: Around) -> Remake | None:
    if not around.matrix_path:
        return None
    words = [around.matrix_path, "--cell", cell.cell_id]
    sandbox = ["--sandbox"] if around.sandbox else []
    return Remake(
        run=shlex.join(["fal-exp", "run", *words, *sandbox]),
        plan=shlex.join(["fal-exp", "plan", *words]),
        changed=around.changes.of_cell(cell),
    )
