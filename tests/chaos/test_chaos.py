"""Whatever fails and whatever dies: nothing is bought twice, lost, or counted wrong.

The long run is `make chaos`: 50 storms, and the official SDK's loop beside the tool.
"""

from pathlib import Path

import pytest

from tests.chaos.contest import tool_round
from tests.chaos.storm import storm


@pytest.mark.parametrize("seed", [1, 4], ids=["a clock that is off", "sent again by itself"])
def test_after_every_fault_and_kill_the_ledger_is_what_the_provider_booked(
    seed: int, tmp_path: Path
) -> None:
    made = tool_round(storm(seed), tmp_path)

    assert made.paid_twice == 0
    assert made.not_on_ledger == 0
    assert made.lost == 0
    assert made.unfinished == 0
    assert made.cost_off_nano_usd == 0
    assert made.above_cap_nano_usd == 0
    assert made.hung == 0
