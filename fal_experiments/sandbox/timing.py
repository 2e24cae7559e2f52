"""How long a job would have taken at fal, and what its runner would have printed meanwhile.

Seconds follow from endpoint and arguments alone: a family's usual time, up to 20 % off by a hash.
The families' figures are rough public experience, only meant to tell the models apart.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fal_experiments.sandbox.wire import stamp

_FAMILY_S = {
    "hailuo": 90.0,
    "kling": 120.0,
    "ltx": 15.0,
    "seedance": 60.0,
    "sora": 150.0,
    "veo": 70.0,
    "wan": 45.0,
}
_USUAL_S = 60.0
_LOG_WINDOW = 12
_SAMPLING_STEPS = 50


@dataclass(frozen=True)
class Times:
    """Simulated seconds, before the sandbox's time scale."""

    queue_s: float
    service_s: float
    others_ahead: int
    """How many strangers' requests stand before this one when it joins the queue."""


def times_of(family: str, *identity: object) -> Times:
    """Return the simulated times of a request; `identity` tells requests apart."""
    text = "\x1f".join(str(part) for part in (family, *identity))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    first, second = (int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in (0, 4))
    queue_s = 1 + 7 * first
    service_s = _FAMILY_S.get(family, _USUAL_S) * (0.8 + 0.4 * second)
    return Times(round(queue_s, 3), round(service_s, 3), others_ahead=1 + digest[8] % 4)


def log_lines(
    started_at: datetime, planned_s: float, now: datetime, ended_at: datetime | None
) -> list[dict[str, Any]]:
    """Return the newest lines of a runner's log: a moving window, as on fal.

    A line keeps its time once it is out, whether the job runs longer than planned or not.
    """
    out = []
    for share, message in _script():
        at = started_at + timedelta(seconds=planned_s * share)
        if at <= (ended_at or now):
            out.append((at, message))
    if ended_at is not None:
        out.append((ended_at, "encoding video"))
        out.append((ended_at, "uploading the result"))
    return [
        {"message": message, "level": "INFO", "source": "USER", "timestamp": stamp(at)}
        for at, message in out[-_LOG_WINDOW:]
    ]


def _script() -> list[tuple[float, str]]:
    sampling = [
        (0.12 + 0.80 * step / _SAMPLING_STEPS, f"sampling step {step}/{_SAMPLING_STEPS}")
        for step in range(4, _SAMPLING_STEPS + 1, 4)
    ]
    return [
        (0.0, "request received"),
        (0.02, "loading weights"),
        (0.10, "encoding prompt"),
        *sampling,
    ]
