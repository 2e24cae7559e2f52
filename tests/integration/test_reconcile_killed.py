"""`fal-exp reconcile` killed at any moment: the next one ends with the same books and ledger."""

import signal
from pathlib import Path

import pytest

from tests.integration import dying
from tests.integration.kit import QUIET, Bench, troubled

DYING = (str(Path(dying.__file__)),)
ADMIN = "sandbox:admin"
CENT = 10_000_000
ORPHANS = "experiments/sandbox/orphans.jsonl"


def _rows(made: Bench) -> list[str]:
    rows = made.call("ledger", "show", "--json", "--sandbox").json
    return sorted(f"{row['row_id']} {row['billed_nano_usd']} {row['reconciled']}" for row in rows)


@pytest.mark.parametrize(
    ("moment", "number"),
    [("before", 1), ("torn", 1), ("after", 1), ("torn", 2), ("after", 2), ("ledger", 1)]
    + [("rename", number) for number in (1, 2)],
)
def test_killed_in_the_middle_the_next_one_completes_it(
    tmp_path: Path, moment: str, number: int
) -> None:
    with troubled(tmp_path, {"do": "orphan", "times": 1}) as made:
        made.call("run", "m.yaml", *QUIET)
        arguments = ("reconcile", "latest", "--json")

        died = made.call(moment, str(number), *arguments, key=ADMIN, program=DYING)
        again = made.call(*arguments, key=ADMIN)
        last = made.call(*arguments, key=ADMIN)

        assert died.code == -signal.SIGKILL, died.err
        assert again.json["total"]["billed_nano_usd"] == 3 * CENT  # two cells and an orphan
        assert (last.out, last.code) == (again.out, again.code)
        assert [line.split()[1:] for line in _rows(made)] == [[str(CENT), "True"]] * 2
        assert made.call("ledger", "verify", "--sandbox").code == 0
        assert (made.root / ORPHANS).read_text().count("orphan_seen") == 1
