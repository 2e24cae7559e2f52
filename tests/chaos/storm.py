"""One seed → one storm: which faults strike how often, and when the processes are killed."""

import json
import random
from dataclasses import dataclass
from typing import Any

from fal_experiments.sandbox.faults import FaultScript, read_faults

CELLS = 60
LIST_LAG_S = 0.5
SETTLE_S = 3
"""How long the tool waits for the list: longer than it lags."""


@dataclass(frozen=True)
class Storm:
    """What happens in one round."""

    seed: int
    faults: FaultScript
    kill_after_s: tuple[float, ...]
    """One process after the other is killed after so many seconds; the last one is left alone."""
    cancels_after_kill: int
    """After this kill a person cancels a job that is under way; the cancellation may be ignored."""
    resubmits_by_itself: bool
    """Whether the matrix says `on_unknown: resubmit-when-absent`; a person decides otherwise."""


def storm(seed: int) -> Storm:
    """Return the storm of a seed: every fault, in other shares each time."""
    chance = random.Random(seed)  # noqa: S311 - a storm must come back the same

    def share(most: float) -> float:
        return round(chance.uniform(most / 3, most), 3)

    faults: list[dict[str, Any]] = [
        {"do": "answer_lost", "share": share(0.12)},
        {"do": "garbled", "share": share(0.06)},
        {"do": "dropped", "share": share(0.06)},
        {"do": "rate_limited", "share": share(0.15)},
        {"do": "rate_limited", "at": "read", "share": share(0.05)},
        {"do": "ingress_503", "share": share(0.05)},
        {"do": "ingress_503", "accepted": True, "share": share(0.05)},
        {"do": "ingress_503", "at": "read", "share": share(0.05)},
        {"do": "slow_headers", "delay_s": 0.3, "share": share(0.05)},
        {"do": "slow_headers", "at": "read", "delay_s": 0.2, "share": share(0.05)},
        {"do": "status_5xx", "status": chance.choice([500, 502, 503, 504]), "share": share(0.05)},
        {"do": "completed_with_error", "share": share(0.06)},
        {"do": "result_422", "share": share(0.05)},
        {"do": "result_422", "billed": True, "share": share(0.05)},
        {"do": "result_500", "share": share(0.06)},
        {"do": "units_late", "share": share(0.2)},
        {"do": "media_truncated", "first": 2, "share": share(0.2)},
        {"do": "media_html", "first": 1, "share": share(0.1)},
        {"do": "media_expired", "share": share(0.1)},
        {"do": "stuck", "for_s": 2, "share": share(0.05)},
        {"do": "duplicate_delivery", "share": share(0.15)},
        {"do": "cancel_ignored", "share": 0.5},
        {"do": "list_lag", "for_s": LIST_LAG_S},
    ]
    if chance.random() < 0.5:
        faults.append({"do": "list_tags"})
    if chance.random() < 0.5:
        faults.append({"do": "clock_skew", "by_s": chance.choice([-3600, -90, 90, 3600])})
    kills = tuple(round(chance.uniform(0.6, 3.0), 2) for _ in range(chance.randint(3, 6)))
    return Storm(
        seed=seed,
        faults=read_faults(json.dumps({"seed": seed, "faults": faults}), f"storm-{seed}.yaml"),
        kill_after_s=kills,
        cancels_after_kill=chance.randrange(len(kills)),
        resubmits_by_itself=chance.random() < 0.5,
    )
