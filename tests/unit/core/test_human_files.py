"""The files for people cite rows, never claim more than the rows say, and stay plain text."""

from fal_experiments.core.fold import BatchState
from fal_experiments.core.human_files import learnings_head, prompts_markdown
from fal_experiments.core.learnings import learnings_markdown
from fal_experiments.core.rows import LedgerRow, ledger_row
from fal_experiments.core.summary import BatchSummary, summarise
from tests.unit.core.histories import History, done
from tests.unit.core.materials import plan_of, spec

HOSTILE = "<script>alert(1)</script> | `x` [a](javascript:b)"
PLAN = plan_of(
    spec(
        presets=["seeded"],
        seeds=1,
        prompts=[{"id": "walk", "text": HOSTILE, "dialects": {"seeded": "He walks.\n# No head"}}],
    )
)


def _summary(state: BatchState, *, sandbox: bool = False) -> BatchSummary:
    return summarise(PLAN, state, "b").model_copy(update={"sandbox": sandbox})


def _state(history: History) -> BatchState:
    state = BatchState()
    state.apply_all(history.events)
    return state


def _learnings(summary: BatchSummary, rows: list[LedgerRow]) -> str:
    return learnings_markdown(PLAN, summary, rows, head=learnings_head(summary))


def test_every_attempt_is_cited_by_its_row() -> None:
    history = done(56)
    attempt = _state(history).latest("c1")
    assert attempt is not None
    row = ledger_row(PLAN.cells[0], attempt, batch="b", sandbox=False, strict=True)

    text = _learnings(_summary(_state(history)), [row])

    assert f"| `{row.row_id}` | seeded | walk · plate | seed 1 | done |" in text
    assert "## What I conclude" in text


def test_an_unknown_cost_is_called_unknown() -> None:
    attempt = _state(done(None)).latest("c1")
    assert attempt is not None
    row = ledger_row(PLAN.cells[0], attempt, batch="b", sandbox=False, strict=True)

    text = _learnings(_summary(_state(done(None))), [row])

    assert "| done | unknown |" in text


def test_a_sandbox_batch_says_first_that_it_says_nothing_about_a_model() -> None:
    text = _learnings(_summary(_state(done()), sandbox=True), [])

    assert text.splitlines()[2].startswith("> **Sandbox batch.**")


def test_hostile_prompts_stay_text() -> None:
    text = prompts_markdown(PLAN, _summary(_state(done())))

    assert "<script>" not in text
    assert "\\<script\\>" in text
    assert "](javascript" not in text.replace("\\]", "")
    assert "> \\# No head" in text


def test_each_dialect_names_the_presets_that_used_it() -> None:
    text = prompts_markdown(PLAN, _summary(_state(done())))

    assert "For seeded (used by seeded):" in text
