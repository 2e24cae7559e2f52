"""The parts of a made-up batch: axes, cells with their numbers, details, the table of presets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any, NamedTuple
from zlib import crc32

from fal_experiments.core.fairness import FairnessLine, HeldLine, KnobLine
from fal_experiments.core.fairness_outcomes import MeasuredLine
from fal_experiments.core.labels import STATE_LABELS, STATE_TONES, Tone
from fal_experiments.core.report_model import (
    AxisValue,
    AxisView,
    CellDetail,
    CellView,
    LabelledValue,
    Link,
    NumberView,
    PresetSummary,
    PresetView,
    PromptView,
    StateView,
)
from fal_experiments.core.report_numbers import FIRST, MEASURED
from tests.browser.clips import FPS, Clip
from tests.browser.details import REQUEST_ID, with_records

LONG_SEED = 98_765_432_109_876_543_210
"""Longer than a number of JavaScript; the first cell was sent it."""
REFUSAL = '{"detail": [{"type": "content_policy_violation",\n  "msg": "the input was flagged"}]}'

PRESETS = (
    ("seedance-pro-i2v", "Seedance 1.0 Pro", "fal-ai/bytedance/seedance/v1/pro/image-to-video"),
    ("kling-v3-pro-i2v", "Kling 3.0 Pro", "fal-ai/kling-video/v3/pro/image-to-video"),
    ("hailuo-02-i2v", "Hailuo 02 Standard", "fal-ai/minimax/hailuo-02/standard/image-to-video"),
    ("veo-3-1-fast-t2v", "Veo 3.1 Fast", "fal-ai/veo3.1/fast"),
    ("wan-2-5-i2v", "Wan 2.5", "fal-ai/wan-25-preview/image-to-video"),
    ("ltx-2-i2v", "LTX-2", "fal-ai/ltx-2/image-to-video"),
    ("pixverse-v5-i2v", "PixVerse v5", "fal-ai/pixverse/v5/image-to-video"),
    ("sora-2-i2v", "Sora 2", "fal-ai/sora-2/image-to-video"),
)
NO_SEEDS = 1
"""The model without a seed knob, as all of the numbers of presets below."""
DEVIATIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("resolution 720p → not stated", "seed 1 → no seed knob"),
    ("duration 5 → 6",),
    (),
)
COSTS_USD = (0.124, 0.56, None, 1.2)
"""None: only an estimate is known."""
ESTIMATE = "≈ $0.27"
CFG = "axis:cfg_scale"
AXES = (
    ("prompt", "Prompt", ""),
    ("input", "Input", ""),
    ("seed", "Seed", "seed "),
    ("repeat", "Repeat", "repeat "),
    ("preset", "Preset", ""),
    (CFG, "cfg scale", "cfg scale "),
)
"""Key, label, and what stands before a value that stands alone."""
SHOWN_METRICS = (
    "loudness_lufs",
    "sharpness",
    "flicker",
    "motion",
    "freeze_s",
    "loop_seam",
)


class Fate(NamedTuple):
    """What became of a cell."""

    state: str
    reason: str = ""

    @property
    def tone(self) -> Tone:
        """How it is drawn."""
        return STATE_TONES[self.state]


DONE = Fate("done")
FAILED = Fate("failed", "content_policy_violation: the input was flagged. Not billed.")
UNSUPPORTED = Fate("unsupported", "audio off → always on: the model has no knob")
UNKNOWN = Fate("submission_unknown", "The request left and no answer came. Held: $0.56")
OVER_BUDGET = Fate("over_budget", "$0.56 more would exceed the cap of $4.00")
EXCLUDED = Fate("excluded", "too dear")
PENDING = Fate("pending", "Not submitted yet")


class Spot(NamedTuple):
    """Where a cell stands, by axis, and what became of it."""

    at: Mapping[str, str]
    fate: Fate = DONE

    @property
    def preset(self) -> int:
        """Which of PRESETS it is."""
        return [key for key, _, _ in PRESETS].index(self.at["preset"])


def spot(prompt: str, preset: int, fate: Fate = DONE, **at: object) -> Spot:
    """Return a spot; without `input=None`, it starts from the knight's plate."""
    named = {"prompt": prompt, "input": "knight-plate", "preset": PRESETS[preset][0], **at}
    if "cfg_scale" in named:
        named[CFG] = named.pop("cfg_scale")
    return Spot({axis: str(value) for axis, value in named.items() if value is not None}, fate)


def fact(label: str, value: str, note: str = "", tone: Tone | None = None) -> LabelledValue:
    """Return one line of a fact list."""
    return LabelledValue(label=label, value=value, note=note, tone=tone)


def axes(spots: Iterable[Spot]) -> tuple[AxisView, ...]:
    """Return the axes that these spots need, values in the order in which they come."""
    found: dict[str, dict[str, None]] = {key: {} for key, _, _ in AXES}
    for each in spots:
        for key, value in each.at.items():
            found[key][value] = None
    titles = {key: title for key, title, _ in PRESETS}
    return tuple(
        AxisView(
            key=key,
            label=label,
            values=tuple(
                AxisValue(key=value, label=titles.get(value, f"{before}{value}"))
                for value in found[key]
            ),
        )
        for key, label, before in AXES
        if found[key]
    )


def presets(of: Sequence[AxisView]) -> tuple[PresetView, ...]:
    """Return the presets of an axis."""
    known = {key: (key, title, endpoint) for key, title, endpoint in PRESETS}
    values = next(axis.values for axis in of if axis.key == "preset")
    return tuple(_preset(*known[value.key]) for value in values)


def _preset(key: str, title: str, endpoint: str) -> PresetView:
    note = "no seed knob: repeats" if key == PRESETS[NO_SEEDS][0] else "takes seeds"
    return PresetView(key=key, title=title, endpoint=endpoint, seed_note=note)


def states(of: Iterable[CellView]) -> dict[str, StateView]:
    """Return the states that occur."""
    names = dict.fromkeys(cell.state for cell in of)
    return {name: StateView(label=STATE_LABELS[name], tone=STATE_TONES[name]) for name in names}


def numbers(*, all_metrics: bool) -> tuple[NumberView, ...]:
    """Return which numbers cells have: all that can be measured, or some."""
    return (*FIRST, *(view for view in MEASURED if all_metrics or view.key in SHOWN_METRICS))


def cells(
    spots: Sequence[Spot],
    prompts: Sequence[PromptView],
    clips: Iterable[Clip],
    views: Sequence[NumberView],
) -> Iterator[CellView]:
    """Yield a cell for each spot. Keys count: `0000c0ffee`, `0001c0ffee`, … in hexadecimal."""
    supply = cycle(clips)
    axes_of = axes(spots)
    ranks = {
        axis.key: {value.key: rank for rank, value in enumerate(axis.values)} for axis in axes_of
    }
    ids = {prompt.id: index for index, prompt in enumerate(prompts)}
    for number, each in enumerate(spots):
        run = "repeat" if each.preset == NO_SEEDS else "seed"
        yield CellView(
            key=f"{number:04x}c0ffee",
            at=tuple(ranks[axis.key].get(each.at.get(axis.key, ""), -1) for axis in axes_of),
            prompt=ids[each.at["prompt"]],
            state=each.fate.state,
            run_label=f"{run} {each.at['seed']}",
            reason=each.fate.reason,
            **_outcome(number, each, supply, views),
        )


def _outcome(
    number: int, each: Spot, supply: Iterator[Clip], views: Sequence[NumberView]
) -> dict[str, Any]:
    if each.fate.tone == "bad":
        found = {"cost_usd": 0.0, "total_s": 12.0}
        row = tuple(found.get(view.key) for view in views)
        return {"cost_label": "$0", "time_label": "12 s", "numbers": row}
    if each.fate.tone == "person":
        return {"cost_label": "unknown", "time_label": "12 s"}
    if each.fate is not DONE:
        return {}
    clip = next(supply)
    deviations = DEVIATIONS[each.preset % len(DEVIATIONS)]
    cost_usd = COSTS_USD[each.preset % len(COSTS_USD)]
    total_s = 31 + (number * 17) % 90
    known = {
        "cost_usd": cost_usd,
        "total_s": float(total_s),
        "queue_s": 2.5 + number % 7,
        "run_s": float(total_s - 12),
        "mismatches": float(len(deviations)),
        "duration_s": clip.duration_s,
    }
    return {
        "poster": clip.poster,
        "video_href": clip.video_href,
        "sheet": clip.sheet,
        "folder_href": f"{clip.video_href.rpartition('/')[0]}/",
        "fps": float(FPS),
        "frames": round(clip.duration_s * FPS),
        "period_s": (0.25, 0.75) if number % 3 == 0 else None,
        "numbers": tuple(
            known[view.key] if view.key in known else _measured_number(number, view)
            for view in views
        ),
        "cost_label": ESTIMATE if cost_usd is None else f"${cost_usd:g}",
        "time_label": f"{total_s} s",
        "deviations": deviations,
        "breach": "ran with fallback: x-fal-runner differs" if number == 7 else "",
    }


def _measured_number(number: int, view: NumberView) -> float | None:
    """Return a number that looks measured: different for each cell, missing for some."""
    mixed = crc32(f"{number} {view.key}".encode())
    return None if mixed % 23 == 0 else round(mixed % 10_007 / 1000, view.places)


def detail(each: Spot, cell: CellView, prompt_text: str) -> CellDetail:
    """Return everything about a cell."""
    done, tone = cell.state == "done", STATE_TONES[cell.state]
    folder = f"../cells/{cell.key}/1"
    plain = CellDetail(
        key=cell.key,
        prompt_text=prompt_text,
        prompt_dialect="kling" if each.preset == NO_SEEDS else None,
        arguments={
            "prompt": prompt_text,
            "image_url": "https://v3.fal.media/files/sandbox/knight-east.png",
            "duration": "5",
            "resolution": "720p",
            "camera_fixed": True,
            "cfg_scale": 0.5,
            "seed": LONG_SEED if cell.key.startswith("0000") else 1,
        },
        facts=(fact("cell", cell.key), fact("request id", REQUEST_ID)),
        money=(
            fact("estimate", "$0.124", "$0.0248 × 5 s · price page of 2026-10-04"),
            fact("metered", "$0.124" if done else "unknown", "x-fal-billable-units: 5"),
            fact("billed", "not yet", "fal-exp reconcile asks for it"),
            fact("invoiced", "not yet"),
        ),
        failure=REFUSAL if tone == "bad" else "",
        links=tuple(
            Link(label=name, href=f"{folder}/{name}")
            for name in ("request.json", "response.json", "headers.json", "clip.mp4")
        ),
    )
    return with_records(plain, number=int(cell.key[:4], 16), done=done)


def summary(preset: PresetView, spots: Sequence[Spot]) -> PresetSummary:
    """Return the line of one preset in the table."""
    own = [each for each in spots if each.at["preset"] == preset.key]
    done = sum(each.fate is DONE for each in own)
    others = [STATE_LABELS[each.fate.state] for each in own if each.fate is not DONE]
    return PresetSummary(
        preset=preset.key,
        title=preset.title,
        endpoint=preset.endpoint,
        done=f"{done} of {len(own)}",
        others=", ".join(f"{others.count(each)} {each}" for each in dict.fromkeys(others)),
        tone="good" if done == len(own) else "bad",
        estimate="$0.50",
        metered="$0.372",
        metered_note=f"{done} of {done} known",
        inference="27 s · 41 s",
        total="34 s · 58 s",
        price_source=f"https://fal.ai/models/{preset.endpoint}/llms.txt, 2026-10-04",
    )


def fairness_line(view: PresetView) -> FairnessLine:
    """Return the line of one preset in the fairness sheet."""
    index = [key for key, _, _ in PRESETS].index(view.key) % len(DEVIATIONS)
    size = MeasuredLine(
        what="resolution", asked="720p", got=("1364×768",), right=3, clips=4, is_promised=True
    )
    return FairnessLine(
        preset=view.key,
        title=view.title,
        endpoint=view.endpoint,
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
