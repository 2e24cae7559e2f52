"""Batches for the report: two cells, thirteen of many kinds, a whole matrix, many, hostile ones."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from fal_experiments.core.fairness import FairnessSheet
from fal_experiments.core.report_model import (
    CellView,
    InputView,
    LabelledValue,
    LayoutView,
    Link,
    PromptView,
    ReportModel,
    StateView,
)
from tests.browser import cells as made
from tests.browser.cells import Spot, fact, spot
from tests.browser.clips import Clip

WALK = (
    "The knight walks in place toward the right, strict side view, camera locked. Plain light "
    "background, no cuts, no zoom. The gait is even: heel, sole, toe; the cloak follows half a "
    "beat later. The loop must close: the last pose is the first one."
)
IDLE = "The knight stands and breathes. One blink, the cloak moves a little."
CASTLE = "A castle on a cliff at dawn, mist in the valley, slow aerial approach, golden light."

HOSTILE = (
    "</script><script>window.pwned = 1</script>",
    '" onerror="window.pwned = 1" x="',
    "<img src=x onerror=window.pwned=1>",
    "</noscript><b>bold</b><!-- --> ]]> \u2028 \u2029 \\u003c ${window.pwned=1} {{ 7*7 }}",
)
LONG = (
    "一只穿着盔甲的骑士在雾中的城堡前行走，镜头保持不动。" * 30,
    "فارس يمشي نحو القلعة عند الفجر، والكاميرا ثابتة. " * 20,
    "👩‍🚀🐉🏰 " * 200,
    "Donaudampfschifffahrt" * 95,
)
AWAY = (
    "javascript:window.pwned=1",
    " java\tscript:window.pwned=1",
    "//example.com/a.mp4",
    "\\\\example.com\\a.mp4",
    "/etc/hostname",
    "https://example.com/a.mp4",
)


def prompt(key: str, text: str, task: str = "image-to-video") -> PromptView:
    """Return a prompt."""
    return PromptView(task=task, id=key, text=text)


def pair(clips: Sequence[Clip]) -> ReportModel:
    """Return two cells: one prompt, one seed, two presets."""
    spots = [spot("walk", preset, seed=1) for preset in (0, 1)]
    return _model("knight walk", [prompt("walk", WALK)], spots, clips)


def quickstart(clips: Sequence[Clip]) -> ReportModel:
    """Return 3 presets × 2 prompts × 2 seeds and a cell of text to video, with troubles in it."""
    prompts = [
        *(prompt(key, text) for key, text in (("walk", WALK), ("idle", IDLE))),
        prompt("castle", CASTLE, "text-to-video"),
    ]
    troubles = {4: made.FAILED, 8: made.UNSUPPORTED, 9: made.UNKNOWN}
    places = product(("walk", "idle"), (1, 2), range(3))
    spots = [
        spot(key, preset, troubles.get(number, made.DONE), seed=seed)
        for number, (key, seed, preset) in enumerate(places)
    ]
    return _model("quickstart", prompts, [*spots, spot("castle", 3, seed=1, input=None)], clips)


def all_states(clips: Sequence[Clip]) -> ReportModel:
    """Return one cell of each state that has no clip, two that have one, one place without."""
    fates = [made.FAILED, made.UNSUPPORTED, made.UNKNOWN]
    fates += [made.OVER_BUDGET, made.EXCLUDED, made.PENDING, made.DONE, made.DONE]
    places = product((1, 2, 3), range(3))
    spots = [
        spot("walk", preset, fate, seed=seed)
        for fate, (seed, preset) in zip(fates, places, strict=False)
    ]
    return _model("all states", [prompt("walk", WALK)], spots, clips)


def large(clips: Sequence[Clip], prompts: int) -> ReportModel:
    """Return 4 presets × 2 seeds for each of `prompts` prompts, one cell in eleven failed."""
    shots = [
        prompt(f"shot-{number:03}", f"{CASTLE} Take {number}.") for number in range(1, prompts + 1)
    ]
    spots = [
        spot(shot.id, preset, made.FAILED if number % 11 == 5 else made.DONE, seed=seed)
        for number, (shot, seed, preset) in enumerate(product(shots, (1, 2), range(4)))
    ]
    return _model("storyboard, first pass", shots, spots, clips)


def matrix(clips: Sequence[Clip]) -> ReportModel:
    """Return 2 prompts × 2 inputs × 3 seeds × 2 repeats × 3 presets, one of them with two cfgs."""
    across: tuple[tuple[int, dict[str, float]], ...]
    across = ((0, {}), (1, {"cfg_scale": 0.3}), (1, {"cfg_scale": 0.7}), (2, {}))
    places = product(("walk", "idle"), ("knight-plate", "squire-plate"), (1, 2, 3), (1, 2), across)
    spots = [
        spot(
            key,
            preset,
            made.UNSUPPORTED if preset == 2 and seed == 3 else made.DONE,
            input=picture,
            seed=seed,
            repeat=repeat,
            **knobs,
        )
        for key, picture, seed, repeat, (preset, knobs) in places
    ]
    return _model("matrix", [prompt("walk", WALK), prompt("idle", IDLE)], spots, clips)


def huge(clips: Iterable[Clip], prompts: int = 250, *, long: bool = False) -> ReportModel:
    """Return 5 seeds × 8 presets for each prompt, with every number: 10,000 cells of 250 prompts.

    `long`: prompts of two thousand characters.
    """
    text = f"{CASTLE} " * (20 if long else 1)
    shots = [
        prompt(f"shot-{number:03}", f"{text}Take {number}.") for number in range(1, prompts + 1)
    ]
    spots = [
        spot(shot.id, preset, made.FAILED if number % 97 == 5 else made.DONE, seed=seed)
        for number, (shot, seed, preset) in enumerate(product(shots, range(1, 6), range(8)))
    ]
    return _model("a year of shots", shots, spots, clips, all_metrics=True)


def hostile(clips: Sequence[Clip]) -> ReportModel:
    """Return cells whose every text tries to be more than text, and links that lead away."""
    prompts = [prompt(f"p{n}", text) for n, text in enumerate((*HOSTILE, *LONG))]
    spots = [spot(each.id, n % 2, seed=1) for n, each in enumerate(prompts)]
    model = _model(HOSTILE[0], prompts, spots, clips)
    texts = {"run_label": HOSTILE[1], "deviations": (HOSTILE[0],), "breach": HOSTILE[2]}
    cells = tuple(
        cell.model_copy(update=texts | ({"video_href": AWAY[n]} if n < len(AWAY) else {}))
        for n, cell in enumerate(model.cells)
    )
    links = tuple(Link(label=href, href=href) for href in (*AWAY, "../events.jsonl"))
    worse = {"links": links, "failure": HOSTILE[0], "arguments": {"prompt": HOSTILE[3]}}
    details = tuple(detail.model_copy(update=worse) for detail in model.details)
    states = {"done": StateView(label=HOSTILE[2], tone="good")}
    update = {"cells": cells, "details": details, "states": states, "files": links}
    return model.model_copy(update=update | {"description": HOSTILE[0]})


def _model(
    title: str,
    prompts: Sequence[PromptView],
    spots: Sequence[Spot],
    clips: Iterable[Clip],
    *,
    all_metrics: bool = False,
) -> ReportModel:
    numbers = made.numbers(all_metrics=all_metrics)
    cells = tuple(made.cells(spots, prompts, clips, numbers))
    done = sum(cell.state == "done" for cell in cells)
    axes = made.axes(spots)
    presets = made.presets(axes)
    return ReportModel(
        title=title,
        slug="knight-walk",
        batch="20261120T093000Z-knight-walk",
        description="Which model keeps the knight's gait, and what does a usable clip cost?",
        sandbox=True,
        started_at="2026-11-20 09:30:00 UTC",
        finished_at="09:34:12 UTC",
        state=fact("state", f"finished · {done} of {len(cells)} cells done"),
        totals=tuple(_totals(cells)),
        held=_held(),
        varied=_varied(prompts, len(presets)),
        strict=_strict(),
        cost=_cost(),
        axes=axes,
        layout=_layout([axis.key for axis in axes]),
        columns=presets,
        prompts=tuple(prompts),
        inputs=tuple(
            InputView(key=value.key)
            for axis in axes
            if axis.key == "input"
            for value in axis.values
        ),
        states=made.states(cells),
        numbers=numbers,
        cells=cells,
        details=tuple(
            made.detail(each, cell, prompts[cell.prompt].text)
            for each, cell in zip(spots, cells, strict=True)
        ),
        presets=tuple(made.summary(preset, spots) for preset in presets),
        fairness=FairnessSheet(
            routing="x-app-fal-disable-fallback: true, X-Fal-No-Retry: 1",
            lines=tuple(made.fairness_line(preset) for preset in presets),
        ),
        files=tuple(
            Link(label=name, href=f"../{name}")
            for name in ("matrix.yaml", "plan.json", "events.jsonl")
        ),
        made_with="fal-exp 0.1.0",
    )


def _layout(axes: Sequence[str]) -> LayoutView:
    down = [axis for axis in ("prompt", "input", "seed") if axis in axes]
    across = [axis for axis in ("preset", made.CFG) if axis in axes]
    return LayoutView(
        rows=tuple(down), columns=tuple(across), fold=("repeat",) * ("repeat" in axes)
    )


def _totals(cells: Sequence[CellView]) -> Iterator[LabelledValue]:
    for state, view in made.states(cells).items():
        count = sum(cell.state == state for cell in cells)
        yield fact(view.label, f"{count} of {len(cells)}", "", view.tone)


def _held() -> tuple[LabelledValue, ...]:
    held = {"duration": "5 s", "aspect ratio": "16:9", "resolution": "720p", "audio": "off"}
    return tuple(fact(label, value) for label, value in held.items())


def _varied(prompts: Sequence[PromptView], columns: int) -> tuple[LabelledValue, ...]:
    ids = [each.id for each in prompts]
    named = ", ".join(ids) if len(ids) < 9 else str(len(ids))
    return (
        fact("presets", str(columns)),
        fact("prompts", named),
        fact("seeds", "1, 2", "Kling takes none: repeats instead"),
    )


def _strict() -> tuple[LabelledValue, ...]:
    return (
        fact("sent", "x-app-fal-disable-fallback: true"),
        fact("sent", "X-Fal-Store-IO: 1"),
        fact("breaches", "1 of 11", "ran on another runner", "bad"),
    )


def _cost() -> tuple[LabelledValue, ...]:
    return (
        fact("estimate", "$5.46", "$5.11 to $6.02"),
        fact("metered", "$4.12", "10 of 11 known"),
        fact("held", "$0.56", "worst case of what is not known", "person"),
        fact("cap", "$12.50"),
    )
