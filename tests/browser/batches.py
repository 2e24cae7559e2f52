"""Batches for the report: two cells, fourteen of many kinds, hundreds, and hostile ones."""

from collections.abc import Iterator, Sequence

from fal_experiments.core.fairness import FairnessSheet
from fal_experiments.core.report_model import CellView, LabelledValue, Link, ReportModel, RowView
from tests.browser import cells as made
from tests.browser.cells import Place, fact
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


def pair(clips: Sequence[Clip]) -> ReportModel:
    """Return two cells: one prompt, one seed, two presets."""
    rows = (made.row("walk", WALK, 1),)
    return _model("knight walk", rows, [Place(0, 0), Place(0, 1)], clips, columns=2)


def quickstart(clips: Sequence[Clip]) -> ReportModel:
    """Return 3 presets × 2 prompts × 2 seeds and a cell of text to video, with troubles in it."""
    texts = {"walk": WALK, "idle": IDLE}
    rows = (
        *(made.row(prompt, text, seed) for prompt, text in texts.items() for seed in (1, 2)),
        made.row("castle", CASTLE, 1, task="text-to-video"),
    )
    troubles = {(1, 1): made.FAILED, (2, 2): made.UNSUPPORTED, (3, 0): made.UNKNOWN}
    places = [
        Place(row, column, troubles.get((row, column), made.DONE))
        for row in range(4)
        for column in range(3)
    ]
    return _model("quickstart", rows, [*places, Place(4, 3)], clips)


def all_states(clips: Sequence[Clip]) -> ReportModel:
    """Return one cell of each state that has no clip, two that have one, one place without."""
    fates = [made.FAILED, made.UNSUPPORTED, made.UNKNOWN]
    fates += [made.OVER_BUDGET, made.EXCLUDED, made.PENDING]
    places = [Place(*divmod(index, 3), fate) for index, fate in enumerate(fates)]
    rows = tuple(made.row("walk", WALK, seed) for seed in (1, 2, 3))
    return _model("all states", rows, [*places, Place(2, 0), Place(2, 1)], clips, columns=3)


def large(clips: Sequence[Clip], prompts: int) -> ReportModel:
    """Return 4 presets × 2 seeds for each of `prompts` prompts, one cell in eleven failed."""
    rows = tuple(
        made.row(f"shot-{number:03}", f"{CASTLE} Take {number}.", seed)
        for number in range(1, prompts + 1)
        for seed in (1, 2)
    )
    places = [
        Place(row, column, made.FAILED if (row * 4 + column) % 11 == 5 else made.DONE)
        for row in range(len(rows))
        for column in range(4)
    ]
    return _model("storyboard, first pass", rows, places, clips)


def hostile(clips: Sequence[Clip]) -> ReportModel:
    """Return cells whose every text tries to be more than text, and links that lead away."""
    rows = tuple(made.row(f"p{n}", text, 1) for n, text in enumerate((*HOSTILE, *LONG)))
    places = [Place(n, n % 2) for n in range(len(rows))]
    model = _model(HOSTILE[0], rows, places, clips, columns=2)
    texts = {
        "state_label": HOSTILE[2],
        "run_label": HOSTILE[1],
        "deviations": (HOSTILE[0],),
        "breach": HOSTILE[2],
    }
    cells = tuple(
        cell.model_copy(update=texts | ({"video_href": AWAY[n]} if n < len(AWAY) else {}))
        for n, cell in enumerate(model.cells)
    )
    links = tuple(Link(label=href, href=href) for href in (*AWAY, "../events.jsonl"))
    worse = {"links": links, "failure": HOSTILE[0], "arguments": {"prompt": HOSTILE[3]}}
    details = tuple(detail.model_copy(update=worse) for detail in model.details)
    update = {"cells": cells, "details": details, "description": HOSTILE[0], "files": links}
    return model.model_copy(update=update)


def _model(
    title: str,
    rows: tuple[RowView, ...],
    places: Sequence[Place],
    clips: Sequence[Clip],
    *,
    columns: int = 4,
) -> ReportModel:
    cells = tuple(made.cells(places, clips))
    done = sum(cell.state == "done" for cell in cells)
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
        varied=_varied(rows, columns),
        strict=_strict(),
        cost=_cost(),
        columns=tuple(made.column(index) for index in range(columns)),
        rows=rows,
        cells=cells,
        details=tuple(made.detail(cell, rows[cell.row].prompt_text) for cell in cells),
        presets=tuple(made.summary(index, cells) for index in range(columns)),
        fairness=FairnessSheet(
            routing="x-app-fal-disable-fallback: true, X-Fal-No-Retry: 1",
            lines=tuple(made.fairness_line(index) for index in range(columns)),
        ),
        files=tuple(
            Link(label=name, href=f"../{name}")
            for name in ("matrix.yaml", "plan.json", "events.jsonl")
        ),
        made_with="fal-exp 0.1.0",
    )


def _totals(cells: Sequence[CellView]) -> Iterator[LabelledValue]:
    for state, label, tone in dict.fromkeys((c.state, c.state_label, c.tone) for c in cells):
        count = sum(cell.state == state for cell in cells)
        yield fact(label, f"{count} of {len(cells)}", "", tone)


def _held() -> tuple[LabelledValue, ...]:
    held = {"duration": "5 s", "aspect ratio": "16:9", "resolution": "720p", "audio": "off"}
    return tuple(fact(label, value) for label, value in held.items())


def _varied(rows: Sequence[RowView], columns: int) -> tuple[LabelledValue, ...]:
    prompts = list(dict.fromkeys(row.prompt for row in rows))
    named = ", ".join(prompts) if len(prompts) < 9 else str(len(prompts))
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
