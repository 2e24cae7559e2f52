"""The parts of a made-up batch: columns, rows, cells, their details and the table of presets."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple

from fal_experiments.core.fairness import FairnessLine, HeldLine, KnobLine
from fal_experiments.core.fairness_outcomes import MeasuredLine
from fal_experiments.core.labels import Tone
from fal_experiments.core.report_model import (
    CellDetail,
    CellView,
    ColumnView,
    LabelledValue,
    Link,
    PresetSummary,
    RowView,
)
from tests.browser.clips import Clip

LONG_SEED = 98_765_432_109_876_543_210
"""Longer than a number of JavaScript; the first cell was sent it."""
REQUEST_ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
REFUSAL = '{"detail": [{"type": "content_policy_violation",\n  "msg": "the input was flagged"}]}'

PRESETS = (
    ("seedance-pro-i2v", "Seedance 1.0 Pro", "fal-ai/bytedance/seedance/v1/pro/image-to-video"),
    ("kling-v3-pro-i2v", "Kling 3.0 Pro", "fal-ai/kling-video/v3/pro/image-to-video"),
    ("hailuo-02-i2v", "Hailuo 02 Standard", "fal-ai/minimax/hailuo-02/standard/image-to-video"),
    ("veo-3-1-fast-t2v", "Veo 3.1 Fast", "fal-ai/veo3.1/fast"),
)
NO_SEEDS = 1
"""The column of the model without a seed knob."""
DEVIATIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("resolution 720p → not stated", "seed 1 → no seed knob"),
    ("duration 5 → 6",),
    (),
)
COSTS = ("$0.124", "$0.56", "≈ $0.27", "$1.20")


class Fate(NamedTuple):
    """What became of a cell."""

    state: str
    tone: Tone
    label: str
    reason: str = ""


DONE = Fate("done", "good", "done")
FAILED = Fate(
    "failed", "bad", "failed", "content_policy_violation: the input was flagged. Not billed."
)
UNSUPPORTED = Fate(
    "unsupported", "idle", "unsupported", "audio off → always on: the model has no knob"
)
UNKNOWN = Fate(
    "submission_unknown", "person", "unknown", "The request left and no answer came. Held: $0.56"
)
OVER_BUDGET = Fate("over_budget", "warn", "over budget", "$0.56 more would exceed the cap of $4.00")
EXCLUDED = Fate("excluded", "idle", "excluded", "too dear")
PENDING = Fate("pending", "busy", "pending", "Not submitted yet")


class Place(NamedTuple):
    """A place in the grid and what became of it."""

    row: int
    column: int
    fate: Fate = DONE


def fact(label: str, value: str, note: str = "", tone: Tone | None = None) -> LabelledValue:
    """Return one line of a fact list."""
    return LabelledValue(label=label, value=value, note=note, tone=tone)


def row(prompt: str, text: str, seed: int, *, task: str = "image-to-video") -> RowView:
    """Return a row; image-to-video has an input, text-to-video has none."""
    return RowView(
        key=f"{prompt}/{seed}",
        prompt=prompt,
        prompt_text=text,
        task=task,
        input="knight-plate" if task == "image-to-video" else None,
        seed_label=f"seed {seed}",
    )


def column(index: int) -> ColumnView:
    """Return one of the four columns."""
    preset, title, endpoint = PRESETS[index]
    note = "no seed knob: repeats" if index == NO_SEEDS else "takes seeds"
    return ColumnView(key=preset, preset=preset, title=title, endpoint=endpoint, seed_note=note)


def cells(places: Sequence[Place], clips: Sequence[Clip]) -> Iterator[CellView]:
    """Yield a cell for each place. Keys count: `0000c0ffee`, `0001c0ffee`, … in hexadecimal."""
    supply = cycle(clips)
    for number, place in enumerate(places):
        run = "repeat" if place.column == NO_SEEDS else "seed"
        yield CellView(
            key=f"{number:04x}c0ffee",
            row=place.row,
            column=place.column,
            state=place.fate.state,
            state_label=place.fate.label,
            tone=place.fate.tone,
            run_label=f"{run} {1 + place.row % 2}",
            reason=place.fate.reason,
            **_outcome(number, place, supply),
        )


def _outcome(number: int, place: Place, supply: Iterator[Clip]) -> dict[str, Any]:
    if place.fate.tone == "bad":
        return {"cost_label": "$0", "time_label": "12 s"}
    if place.fate.tone == "person":
        return {"cost_label": "unknown", "time_label": "12 s"}
    if place.fate is not DONE:
        return {}
    clip = next(supply)
    return {
        "poster": clip.poster,
        "video_href": clip.video_href,
        "sheet": clip.sheet,
        "duration_s": clip.duration_s,
        "cost_label": COSTS[place.column],
        "time_label": f"{31 + (number * 17) % 90} s",
        "deviations": DEVIATIONS[place.column],
        "breach": "ran with fallback: x-fal-runner differs" if number == 7 else "",
    }


def detail(cell: CellView, prompt_text: str) -> CellDetail:
    """Return everything about a cell."""
    done = cell.state == "done"
    folder = f"../cells/{cell.key}/1"
    return CellDetail(
        key=cell.key,
        prompt_text=prompt_text,
        prompt_dialect="kling" if cell.column == NO_SEEDS else None,
        arguments={
            "prompt": prompt_text,
            "image_url": "https://v3.fal.media/files/sandbox/knight-east.png",
            "duration": "5",
            "resolution": "720p",
            "camera_fixed": True,
            "cfg_scale": 0.5,
            "seed": LONG_SEED if cell.key.startswith("0000") else 1,
        },
        facts=(fact("request id", REQUEST_ID), *(_measured() if done else ())),
        money=(
            fact("estimate", "$0.124", "$0.0248 × 5 s · price page of 2026-10-04"),
            fact("metered", "$0.124" if done else "unknown", "x-fal-billable-units: 5"),
            fact("billed", "not yet", "fal-exp reconcile asks for it"),
            fact("invoiced", "not yet"),
        ),
        times=(
            fact("submitted", "09:30:04 UTC"),
            fact("in the queue", "3.1 s"),
            fact("on the runner", "27.4 s", "as the provider measured it"),
            fact("in all", cell.time_label or "–"),
        ),
        deviations=tuple(
            fact(hold, change, "nearest choice of the model", "warn")
            for hold, _, change in (text.partition(" ") for text in cell.deviations)
        ),
        failure=REFUSAL if cell.tone == "bad" else "",
        links=tuple(
            Link(label=name, href=f"{folder}/{name}")
            for name in ("request.json", "response.json", "headers.json", "clip.mp4")
        ),
    )


def _measured() -> tuple[LabelledValue, ...]:
    return (
        fact("seed sent", "1"),
        fact("seed returned", "1"),
        fact("size", "1280 × 720", "asked 720p"),
        fact("frames", "121", "24 fps"),
        fact("length", "5.04 s"),
        fact("sound", "none"),
    )


def summary(index: int, of: Sequence[CellView]) -> PresetSummary:
    """Return the line of one column in the table of presets."""
    preset, title, endpoint = PRESETS[index]
    own = [cell for cell in of if cell.column == index]
    done = sum(cell.state == "done" for cell in own)
    others = [cell.state_label for cell in own if cell.state != "done"]
    return PresetSummary(
        column=preset,
        title=title,
        endpoint=endpoint,
        done=f"{done} of {len(own)}",
        others=", ".join(f"{others.count(each)} {each}" for each in dict.fromkeys(others)),
        tone="good" if done == len(own) else "bad",
        estimate="$0.50",
        metered="$0.372",
        metered_note=f"{done} of {done} known",
        inference="27 s · 41 s",
        total="34 s · 58 s",
        price_source=f"https://fal.ai/models/{endpoint}/llms.txt, 2026-10-04",
    )


def fairness_line(index: int) -> FairnessLine:
    """Return the line of one preset in the fairness sheet."""
    preset, title, endpoint = PRESETS[index]
    size = MeasuredLine(
        what="resolution", asked="720p", got=("1364×768",), right=3, clips=4, is_promised=True
    )
    return FairnessLine(
        preset=preset,
        title=title,
        endpoint=endpoint,
        cells=4,
        left_out=0,
        held=(HeldLine(key="duration", value="5 s", how='duration "5"'),),
        deviations=DEVIATIONS[index],
        neutral=(KnobLine(knob="prompt_optimizer", value=False, default=True),),
        vendor_defaults=(KnobLine(knob="negative_prompt", value="blur, <b>distort</b>"),),
        seeds="none accepted, none sent: repeats instead",
        prompt="the plain text",
        schema_stamp="2026-08-02, sha256 0123456789ab…",
        measured=(size,),
        latency=("4.1 s in the queue (median of 4)", "27.0 s on the runner (median of 4)"),
        comparable="with deviations" if DEVIATIONS[index] else "yes",
        because=DEVIATIONS[index],
    )
