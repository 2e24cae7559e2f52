"""`make chaos`: storms over the tool and over the official SDK's loop, side by side."""

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from tests.chaos.contest import Round, both_rounds
from tests.chaos.storm import CELLS

ROWS = (
    ("jobs accepted", "jobs"),
    ("cells that the provider failed", "failed"),
    ("cancelled by a person", "cancelled"),
    ("caps raised by a person", "raised"),
    ("sent again by a person", "by_person"),
    ("paid twice", "paid_twice"),
    ("jobs unknown to the client", "not_on_ledger"),
    ("paid results lost", "lost"),
    ("cells without an end", "unfinished"),
    ("cost off, nano-USD", "cost_off_nano_usd"),
    ("above the cap, nano-USD", "above_cap_nano_usd"),
    ("processes hung", "hung"),
)


def main() -> None:
    """Print one line a storm, then the sums of both columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="storms at once")
    given = parser.parse_args()
    tool: list[Round] = []
    sdk: list[Round] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.at_once, mp_context=spawn) as pool:
        seeds = range(given.first, given.first + given.seeds)
        for seed, (ours, theirs) in zip(seeds, pool.map(both_rounds, seeds), strict=True):
            tool.append(ours)
            sdk.append(theirs)
            print(f"storm {seed:3}: fal-exp  {_line(ours)}")  # noqa: T201
            print(f"           SDK loop {_line(theirs)}", flush=True)  # noqa: T201
    print(f"\n{given.seeds} storms of {CELLS} cells each; sums")  # noqa: T201
    print(f"{'':32}{'fal-exp':>10}{'SDK subscribe':>15}")  # noqa: T201
    for label, name in ROWS:
        print(f"{label:32}{_sum(tool, name):>10}{_sum(sdk, name):>15}")  # noqa: T201


def _line(one: Round) -> str:
    return ", ".join(f"{name} {getattr(one, name)}" for _, name in ROWS)


def _sum(rounds: list[Round], name: str) -> str:
    values = [getattr(one, name) for one in rounds]
    if not values or None in values:
        return "not told" if values else "–"
    return f"{sum(values):,}"


if __name__ == "__main__":
    main()
