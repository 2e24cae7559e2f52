"""What the records of a made-up cell say: attempts, headers, measurements, how to make it again."""

from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.report_cell_model import (
    AttemptView,
    CellDetail,
    CheckLine,
    HeaderGroup,
    MetricValue,
    Remake,
    SpanView,
)
from fal_experiments.core.report_lines import LabelledValue

RETURNED = (
    "The old knight strolls in place toward the right, strict side view, camera locked. 骑士。"
)
"""What the model of the second cell made of its prompt."""
REQUEST_ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
_NUMBERS = {
    "loudness_lufs": "-23.1",
    "sharpness": "517.4",
    "motion": "2.75",
    "loop_seam": "4.37",
}


def with_records(detail: CellDetail, *, number: int, done: bool) -> CellDetail:
    """Return a detail with everything that a cell of a real batch has.

    The first cell was tried twice; the second one's prompt came back in other words.
    """
    if not done:
        return detail.model_copy(update={"remake": _remake(detail.key)})
    update = {
        "prompt_returned": RETURNED if number == 1 else "",
        "origins": _origins(),
        "checks": _checks(is_long=number == 2),
        "attempts": tuple(_attempt(n) for n in ((1, 2) if number == 0 else (2,))),
        "headers": _headers(),
        "metrics": tuple(_metric(name, number) for name in _NUMBERS),
        "metric_notes": (
            LabelledValue(
                label="not measured", value="Identity", note="it started from no picture"
            ),
        ),
        "scores": (LabelledValue(label="clip_score", value="0.31", note="version 1.0, 8 frames"),),
        "verdicts": (
            LabelledValue(
                label="against kling-v3-pro-i2v, repeat 1",
                value="won",
                tone="good",
                note="judged by a-judge with rubric v1 · steadier feet",
            ),
        ),
        "remake": _remake(detail.key),
        "waveform": (5, 40, 80, 62, 10, 0, 22, 95, 30, 12),
    }
    return detail.model_copy(update=update)


def _origins() -> tuple[LabelledValue, ...]:
    return (
        LabelledValue(label="prompt", value="prompt"),
        LabelledValue(label="duration", value="held", note="duration 5 s"),
        LabelledValue(
            label="camera_fixed",
            value="neutral",
            note="the vendor’s own value is false",
            tone="busy",
        ),
    )


def _checks(*, is_long: bool) -> tuple[CheckLine, ...]:
    length = (
        CheckLine(what="duration", held="5 s", asked="6 s", got="6.00 s", badge="≠ held",
                  tone="warn", note="the nearest that the model offers")
        if is_long
        else CheckLine(what="duration", held="5 s", asked="5 s", got="5.04 s", badge="as asked",
                       tone="good")
    )  # fmt: skip
    return (
        length,
        CheckLine(what="resolution", held="720p", asked="720p", got="1280×720", badge="as asked",
                  tone="good"),
        CheckLine(what="frames", got="121"),
        CheckLine(what="colours", got="not told", note="players guess"),
        CheckLine(what="seed", held="1", asked="1", got="2", badge="≠ sent", tone="bad"),
    )  # fmt: skip


def _attempt(number: int) -> AttemptView:
    start_s = 0.0 if number == 1 else 14.0
    ends = (0.4, 3.5, 9.0) if number == 1 else (0.3, 3.4, 27.4, 28.6)
    kinds = ("submit", "queue", "run", "download")
    spans, before_s = [], 0.0
    for kind, end_s in zip(kinds, ends, strict=False):
        spans.append(
            SpanView.model_validate(
                {
                    "kind": kind,
                    "label": {"queue": "in the queue", "run": "running"}.get(kind, kind),
                    "start_s": start_s + before_s,
                    "end_s": start_s + end_s,
                    "length_label": f"{end_s - before_s:.1f} s",
                    "times_label": "09:30:04.120 – 09:30:07.220 UTC",
                }
            )
        )
        before_s = end_s
    return AttemptView(
        number=number,
        state_label="failed" if number == 1 else "done",
        tone="bad" if number == 1 else "good",
        started_at="2026-11-20 09:30:04 UTC",
        total_label=f"{ends[-1]} s",
        request_id=REQUEST_ID,
        reason="runner_lost (HTTP 500, not billed): it broke" if number == 1 else "",
        spans=tuple(spans),
        lines=(
            LabelledValue(
                label="on the runner", value="24.0 s", note="as the provider measured it"
            ),
        ),
    )


def _headers() -> tuple[HeaderGroup, ...]:
    return (
        HeaderGroup(
            title="sent with the request",
            lines=(LabelledValue(label="X-Fal-Store-IO", value="1"),),
        ),
        HeaderGroup(
            title="answer with the result",
            lines=(
                LabelledValue(label="status", value="200"),
                LabelledValue(label="x-fal-request-id", value=REQUEST_ID),
                LabelledValue(label="x-fal-billable-units", value="5"),
            ),
        ),
    )


def _metric(name: str, number: int) -> MetricValue:
    value = float(_NUMBERS[name]) + number
    assert name in {metric.name for metric in CLIP_METRICS}
    return MetricValue(key=name, value=f"{value:g}")


def _remake(key: str) -> Remake:
    words = f"experiments/sandbox/20261120T093000Z-knight-walk/matrix.yaml --cell {key}"
    return Remake(run=f"fal-exp run {words} --sandbox", plan=f"fal-exp plan {words}")
