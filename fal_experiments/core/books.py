"""The books of some batches: estimated, metered, billed, and why they differ, to the nano-USD."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from fal_experiments.core.amounts import NOTHING_ACCEPTED, Amounts, amounts_of, is_missing
from fal_experiments.core.attempt import IN_FLIGHT
from fal_experiments.core.bill_rows import (
    Accepted,
    BillRow,
    Correction,
    Elsewhere,
    Lost,
    agreed,
    bill_rows,
    corrections,
    elsewhere,
    lost_ones,
)
from fal_experiments.core.cross_check import CrossCheck
from fal_experiments.core.model import Record
from fal_experiments.core.reconcile import Entry
from fal_experiments.core.usage import UsageLine

Decision = Literal["open", "ignored", "adopted"]


class Orphan(Record):
    """A line of the bill that no attempt here explains, and what a person said of it."""

    line: UsageLine
    decision: Decision = "open"
    reason: str = ""


class Books(Record):
    """What `fal-exp reconcile` shows. The same state of the logs gives the same books."""

    batches: tuple[str, ...]
    presets: tuple[Amounts, ...]
    orphaned: Amounts | None = None
    """Lines without an attempt of which nobody has said yet that they are somebody else's."""
    total: Amounts
    """The presets and `orphaned`."""
    further_attempts: int = 0
    further_nano_usd: int = 0
    """What the estimate has for second attempts and later ones: no plan had them."""
    under_way: int = 0
    """Attempts whose job has an id and no end here: a resume collects them."""
    missing_open: tuple[str, ...] = ()
    """Requests (where an id is not known: rows) that never came into the bill, and of which nobody
    has said that this is right."""
    orphans: tuple[Orphan, ...] = ()
    rows: tuple[BillRow, ...] = ()
    corrections: tuple[Correction, ...] = ()
    billed_elsewhere: tuple[Elsewhere, ...] = ()
    lost: tuple[Lost, ...] = ()
    """Submissions of which neither an answer nor a decision is known."""
    given_up: tuple[Lost, ...] = ()
    """Those that it was decided to search no more: a bill may still have them."""
    cross_checks: tuple[CrossCheck, ...] = ()
    source: str
    """What was asked: the provider's billing events, a file, or nothing but result headers."""
    has_read: bool = False
    """True when a bill could be read just now."""
    has_totals: bool = False
    """True when usage totals were held against it."""

    @property
    def open_orphans(self) -> tuple[Orphan, ...]:
        """Lines that nobody has said anything of."""
        return tuple(orphan for orphan in self.orphans if orphan.decision == "open")

    @property
    def unexplained_nano_usd(self) -> int:
        """What no reason is known for, and what lines without an attempt charge."""
        return self.total.unexplained_nano_usd

    @property
    def needs_person(self) -> bool:
        """True when something is unexplained, or only a person can say what it is.

        A bill that is still awaited needs time, and nobody; so do totals that have it already.
        """
        is_unknown = bool(self.lost or self.open_orphans or self.missing_open)
        return bool(self.unexplained_nano_usd or is_unknown or self.totals_are_off)

    @property
    def totals_are_off(self) -> bool:
        """True when usage totals differ by more than what is awaited in the lines may cost."""
        off = [c.usage_nano_usd - c.lines_nano_usd for c in self.cross_checks if not c.accepted]
        held = self.total.held_nano_usd if self.total.awaited and self.has_read else 0
        return any(one < 0 for one in off) or sum(off) > held

    @property
    def is_closed(self) -> bool:
        """True when every attempt has its bill, or a person has said that there is none."""
        return self.total.awaited == 0 and not self.lost and not self.missing_open


class Read(NamedTuple):
    """What books rest on: where their lines and totals were read just now."""

    source: str
    has_lines: bool = False
    has_totals: bool = False


class Tolerance(NamedTuple):
    """How far billed may be from the estimate: a share of it, or an amount."""

    share: Decimal | None = None
    nano_usd: int | None = None

    def is_exceeded_by(self, total: Amounts) -> bool:
        """Tell whether attempts with an estimate and a bill differ by more than is allowed.

        An amount that is unknown on one side is no difference: it is counted apart.
        """
        expected = total.compared.estimate_nano_usd
        off = abs(total.compared.billed_nano_usd - expected)
        if self.share is not None and off > self.share * expected:
            return True
        return self.nano_usd is not None and off > self.nano_usd


def books(
    entries: Sequence[Entry],
    *,
    orphans: Iterable[Orphan] = (),
    cross_checks: Iterable[CrossCheck] = (),
    accepted: Mapping[str, Accepted] = NOTHING_ACCEPTED,
    read: Read,
) -> Books:
    """Return the books of all entries, by preset and in all.

    Args:
        accepted: requests and rows whose bill, or lack of one, a person said is right, and why.
        read: what the books rest on.

    Raises: ValueError when reasons do not add up to their difference, which no input may cause.
    """
    presets = dict.fromkeys(sorted(entry.cell.at.preset for entry in entries))
    orphans = tuple(orphans)
    lost = list(lost_ones(entries))
    further = [entry for entry in entries if entry.attempt.number > 1]
    open_ones = [orphan.line for orphan in orphans if orphan.decision == "open"]
    return Books(
        batches=tuple(sorted({entry.batch for entry in entries})),
        presets=tuple(
            amounts_of(name, [e for e in entries if e.cell.at.preset == name], (), accepted)
            for name in presets
        ),
        orphaned=amounts_of("no attempt", (), open_ones) if open_ones else None,
        total=amounts_of("total", entries, open_ones, accepted),
        further_attempts=len(further),
        further_nano_usd=sum(e.cell.estimate.expected for e in further if e.cell.estimate),
        under_way=sum(map(_is_under_way, entries)),
        missing_open=tuple(
            entry.name
            for entry in entries
            if is_missing(entry) and not agreed(entry, "missing_event", 0, accepted)
        ),
        orphans=orphans,
        rows=tuple(sorted(bill_rows(entries, accepted), key=lambda r: -abs(r.nano_usd))),
        corrections=tuple(corrections(entries)),
        billed_elsewhere=tuple(elsewhere(entries)),
        lost=tuple(one for one in lost if not one.is_given_up),
        given_up=tuple(one for one in lost if one.is_given_up),
        cross_checks=tuple(cross_checks),
        source=read.source,
        has_read=read.has_lines,
        has_totals=read.has_totals,
    )


def _is_under_way(entry: Entry) -> bool:
    open_states = IN_FLIGHT | {"timed_out"}
    return entry.request_id is not None and entry.attempt.state in open_states
