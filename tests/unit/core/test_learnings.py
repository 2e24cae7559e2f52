"""Each number of a learnings file names its rows, and is worked out again from them."""

from decimal import Decimal

import pytest

from fal_experiments.core.citations import cited, flaws
from fal_experiments.core.fold import BatchState
from fal_experiments.core.learnings import learnings_markdown
from fal_experiments.core.rows import LedgerRow, ledger_row
from fal_experiments.core.summary import summarise
from tests.unit.core.histories import done
from tests.unit.core.materials import plan_of, spec

PLAN = plan_of(spec(presets=["seeded"], seeds=1))


def _rows(count: int) -> list[LedgerRow]:
    state = BatchState()
    state.apply_all(done(56).events)
    attempt = state.latest("c1")
    assert attempt is not None
    made = ledger_row(PLAN.cells[0], attempt, batch="b", sandbox=False, strict=True)
    return [
        made.model_copy(
            update={"row_id": f"b/{n:x}/1", "metered_nano_usd": 10**8 * n, "total_s": float(n)}
        )
        for n in range(1, count + 1)
    ]


def _text(rows: list[LedgerRow], stars: dict[str, Decimal] | None = None) -> str:
    state = BatchState()
    state.apply_all(done(56).events)
    summary = summarise(PLAN, state, "b")
    return learnings_markdown(PLAN, summary, rows, head=[], stars=stars)


@pytest.mark.parametrize("count", [1, 3, 40], ids=["one", "few", "many"])
def test_a_draft_holds_against_the_rows_it_was_drafted_from(count: int) -> None:
    rows = _rows(count)

    numbers, found = flaws(_text(rows), {row.row_id: row for row in rows}, {})

    assert found == []
    assert numbers > count


@pytest.mark.parametrize("count", [3, 40], ids=["few", "many"])
def test_a_number_that_the_ledger_has_otherwise_is_named_with_its_line(count: int) -> None:
    rows = _rows(count)
    text = _text(rows)
    changed = [rows[0].model_copy(update={"metered_nano_usd": 7 * 10**9}), *rows[1:]]

    _, found = flaws(text, {row.row_id: row for row in changed}, {})

    total = cited("sum", "metered", changed, {})
    assert any(f"the ledger {total}" in flaw.says for flaw in found)
    assert any("b/1/1: the file says $0.10, the ledger $7.00" in flaw.says for flaw in found)
    assert all(text.splitlines()[flaw.line - 1].startswith(("[^", "|")) for flaw in found)


def test_a_row_that_is_gone_is_named() -> None:
    rows = _rows(3)

    _, found = flaws(_text(rows), {row.row_id: row for row in rows[1:]}, {})

    assert any("the ledger has no row b/1/1" in flaw.says for flaw in found)


def test_attempts_that_came_after_a_draft_are_told() -> None:
    rows = _rows(3)

    _, found = flaws(_text(rows[:2]), {row.row_id: row for row in rows}, {})

    assert [flaw.says for flaw in found] == ["b: the table has 2 attempts, the ledger 3"]


def test_a_sentence_that_a_person_changed_no_longer_says_what_its_footnote_does() -> None:
    rows = _rows(3)
    text = _text(rows).replace("cost $0.20[", "cost $0.02[")

    _, found = flaws(text, {row.row_id: row for row in rows}, {})

    assert [flaw.says.partition(",")[0] for flaw in found] == ["the text does not say $0.20"]


def test_the_best_rated_clips_are_told_with_their_stars() -> None:
    rows = _rows(3)
    stars = {"b/2/1": Decimal("4.5")}
    text = _text(rows, stars)

    assert "## Rated best" in text
    assert flaws(text, {row.row_id: row for row in rows}, stars)[1] == []
    later = {"b/2/1": Decimal(2)}
    assert flaws(text, {row.row_id: row for row in rows}, later)[1] != []


def test_a_sum_of_what_is_partly_unknown_is_not_told_as_one() -> None:
    rows = _rows(2)
    partly = [rows[0], rows[1].model_copy(update={"metered_nano_usd": None})]

    assert cited("sum", "metered", partly, {}) is None
    assert "metered $0.10[^3] for 1 of 2 attempts, the rest unknown" in _text(partly)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$0.15[^5]", "$0.1512[^5]"),
        ("$0.15[^5]", "-$0.15[^5]"),
        ("$0.15[^5]", "a bit[^5]"),
        ("made 2[^4]", "made 12[^4]"),
        ("made 2[^4]", "made 9[^4]"),
        ("[^4]", ""),
        ("`b/1/1`, `b/2/1`", "`b/1/1`, `b/2/1`, `made/up`"),
    ],
)
def test_a_number_that_was_changed_is_found(before: str, after: str) -> None:
    rows = _rows(2)
    text = _text(rows)
    ledger = {row.row_id: row for row in rows}
    assert before in text, text

    count, found = flaws(text.replace(before, after, 1), ledger, {})

    assert flaws(text, ledger, {}) == (count, [])
    assert found
