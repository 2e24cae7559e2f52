"""What a person said of a bill: a line is somebody else's, a bill or a total is rightly off."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.core.amounts import is_missing
from fal_experiments.core.bill_reasons import explain
from fal_experiments.core.bill_rows import Accepted
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


def decisions_of(batch: Batch) -> dict[str, Accepted]:
    """Return why a person has set something aside, by its name."""
    _, decisions = OrphanFile(batch.tree).read()
    return {
        name: Accepted(one.reason, one.nano_usd)
        for name, one in decisions.items()
        if one.decision == "ignored"
    }


def accepted_checks(checks: Iterable[CrossCheck], said: Mapping[str, Accepted]) -> list[CrossCheck]:
    """Return usage totals that are off, with why a person has said that this is right."""
    none = Accepted("")
    return [
        check.model_copy(update={"accepted": said.get(check.key, none).reason}) for check in checks
    ]


def ignore(batch: Batch, said: tuple[str, str], candidates: Candidates) -> None:
    """Keep why something needs nobody; said again, nothing is added.

    Args:
        said: the name of a line without an attempt, of a request that is missing in the bill or
            whose bill nothing explains, or `usage:ENDPOINT`; and the reason.

    Raises: BadInput for what needs nobody, StorageFailed.
    """
    name, reason = said
    orphans = OrphanFile(batch.tree)
    known, decisions = orphans.read()
    lines = {line.digest: line for line in (*known.values(), *candidates.orphans)}.values()
    told = [line for line in candidates.orphans if line.name == name]
    amounts: dict[str, int | None] = {}
    for line in told or lines:
        amounts[line.name] = (amounts.get(line.name) or 0) + line.nano_usd
    keys = dict.fromkeys(amounts, "") | {check.name: check.key for check in candidates.checks}
    for entry in candidates.entries:
        unknown = explain(entry.cell, entry.attempt, entry.preset).get("unknown")
        if unknown or is_missing(entry):
            keys[entry.name], amounts[entry.name] = "", unknown
    if name not in keys:
        raise BadInput(
            f"nothing that needs a person is called {name}",
            fix="`fal-exp reconcile` lists lines without an attempt, requests without a bill or "
            "with one that nothing explains, and totals (usage:ENDPOINT)",
        )
    key = keys[name] or name
    said_now = OrphanDecided(
        at=wiring.system_clock().now(),
        request_id=key,
        decision="ignored",
        reason=reason,
        nano_usd=amounts.get(name),
    )
    before = decisions.get(key)
    if before is None or before.model_copy(update={"at": said_now.at}) != said_now:
        orphans.decide(said_now)
