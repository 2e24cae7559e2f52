"""What a person said of a bill: a line is somebody else's, a bill or a total is rightly off."""

from collections.abc import Iterable
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.core.amounts import is_missing
from fal_experiments.core.cross_check import CrossCheck
from fal_experiments.core.reconcile import Entry
from fal_experiments.core.usage import UsageLine
from fal_experiments.errors import BadInput
from fal_experiments.storage.orphans import OrphanDecided, OrphanFile


class Candidates(NamedTuple):
    """What needs a person just now."""

    orphans: Iterable[UsageLine]
    entries: Iterable[Entry]
    checks: Iterable[CrossCheck]


def decisions_of(batch: Batch) -> dict[str, str]:
    """Return the reason of everything that a person has set aside, by its name."""
    _, decisions = OrphanFile(batch.tree).read()
    return {name: one.reason for name, one in decisions.items() if one.decision == "ignored"}


def ignore(batch: Batch, said: tuple[str, str], candidates: Candidates) -> None:
    """Keep why something needs nobody; said again, nothing is added.

    Args:
        said: the name of a line without an attempt, of a request that is missing in the bill, or
            `usage:ENDPOINT`; and the reason.

    Raises: BadInput for what needs nobody, StorageFailed.
    """
    name, reason = said
    orphans = OrphanFile(batch.tree)
    known, decisions = orphans.read()
    lines = {line.digest: line for line in (*known.values(), *candidates.orphans)}.values()
    told = [line for line in candidates.orphans if line.name == name]
    amount = sum(line.nano_usd for line in told or lines if line.name == name)
    keys = {line.name: line.name for line in lines}
    keys |= {entry.name: entry.name for entry in candidates.entries if is_missing(entry)}
    keys |= {check.name: check.key for check in candidates.checks}
    if name not in keys:
        raise BadInput(
            f"nothing that needs a person is called {name}",
            fix="`fal-exp reconcile` lists lines without an attempt, requests without a bill, and "
            "totals (usage:ENDPOINT)",
        )
    said_now = OrphanDecided(
        at=wiring.system_clock().now(),
        request_id=keys[name],
        decision="ignored",
        reason=reason,
        nano_usd=amount if name in {line.name for line in lines} else None,
    )
    before = decisions.get(keys[name])
    if before is None or before.model_copy(update={"at": said_now.at}) != said_now:
        orphans.decide(said_now)
