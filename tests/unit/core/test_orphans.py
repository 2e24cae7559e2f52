"""Lines of a bill that no attempt explains are always told, whatever they name or leave out."""

from datetime import UTC, datetime

from fal_experiments.core.attempt import Attempt
from fal_experiments.core.reconcile import Entry, match
from fal_experiments.core.usage import UsageLine
from tests.unit.core.materials import SEEDED, plan_of, spec

AT = datetime(2026, 12, 1, tzinfo=UTC)
CELL = plan_of(spec(presets=["seeded"], seeds="1")).cells[0]


def _line(request_id: str | None) -> UsageLine:
    return UsageLine(
        request_id=request_id,
        endpoint="vendor/seeded",
        at=AT,
        at_text=AT.isoformat(),
        nano_usd=5,
        source="billing-events",
    )


def test_a_line_without_a_request_is_an_orphan_even_beside_a_lost_submission() -> None:
    lost = Attempt(CELL.cell_id, 1, CELL.endpoint, "x", 600_000_000, AT)
    lost.state = "submission_unknown"

    found = match([Entry("b", CELL, lost, SEEDED)], [_line(None)], complete_until=AT)

    assert found.orphans == (_line(None),)
    assert found.observations == ()


def test_a_line_is_called_by_its_request_or_by_what_it_says() -> None:
    assert _line("r1").name == "r1"
    assert _line(None).name == f"line-{_line(None).digest[:12]}"
