"""Before a run the account is asked what is left, where the key may ask; a poor one stops it."""

from pathlib import Path

from tests.integration.kit import QUIET, troubled
from tests.integration.test_reconcile import ADMIN


def test_a_run_is_refused_when_less_is_left_than_it_is_expected_to_cost(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "balance", "usd": 0.019}) as made:
        called = made.call("run", "m.yaml", *QUIET, key=ADMIN)

        assert called.code == 2
        assert "has $0.019 left, and $0.02 are expected" in called.out
        assert made.posts() == 0


def test_a_key_that_may_not_ask_is_no_obstacle(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "balance", "usd": 0}) as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0


def test_enough_is_enough(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "balance", "usd": 0.02}) as made:
        assert made.call("run", "m.yaml", *QUIET, key=ADMIN).code == 0
