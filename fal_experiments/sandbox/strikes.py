"""Which faults strike: the script's draws, its limits, and the record of every strike.

Counts and strikes stand in the database, so that a server which opens the state again goes on
where the last one ended, and what was struck for good stays struck.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime

from fal_experiments.sandbox.fault_kinds import AimedFault, ClockSkew, Hook
from fal_experiments.sandbox.faults import FaultScript, Occasion, is_drawn
from fal_experiments.sandbox.wire import stamp


class Strikes:
    """The memory of one fault script. Used by one thread."""

    def __init__(
        self, script: FaultScript, database: sqlite3.Connection, now: Callable[[], datetime]
    ) -> None:
        self._script = script
        self._hooks = script.hooks
        self._db = database
        self._now = now
        for index, fault in enumerate(script.faults):
            if isinstance(fault, ClockSkew):
                self._record(index, Occasion("job", "", "the clock", 0))

    def can_strike(self, *hooks: Hook) -> bool:
        """Tell whether the script has anything for these hooks; if not, nothing is counted."""
        return not self._hooks.isdisjoint(hooks)

    def next_number(self, hook: Hook, identity: str) -> int:
        """Count one more occasion, and return how many came before it."""
        with self._db:
            row = self._db.execute(
                "INSERT INTO occasions VALUES (?, ?, 1)"
                " ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
                (hook, identity),
            ).fetchone()
        return int(row[0]) - 1

    def first_on(self, *occasions: Occasion) -> AimedFault | None:
        """Return the first fault of the script that strikes on one of these occasions.

        Asked again about the same occasion it says the same, and records nothing new.
        """
        for index, fault in enumerate(self._script.faults):
            if isinstance(fault, ClockSkew):
                continue
            if any(self._strikes(index, fault, occasion) for occasion in occasions):
                return fault
        return None

    def all_on(self, occasion: Occasion) -> list[AimedFault]:
        """Return every fault that strikes on an occasion, for faults that can come together."""
        return [
            fault
            for index, fault in enumerate(self._script.faults)
            if not isinstance(fault, ClockSkew) and self._strikes(index, fault, occasion)
        ]

    def has_struck(self, kind: str, request_id: str) -> bool:
        """Tell whether a kind of fault has struck a request."""
        row = self._db.execute(
            "SELECT 1 FROM struck WHERE kind = ? AND request_id = ?", (kind, request_id)
        ).fetchone()
        return row is not None

    def _strikes(self, index: int, fault: AimedFault, occasion: Occasion) -> bool:
        if not is_drawn(self._script, index, occasion):
            return False
        if self._has_struck(index, occasion):
            return True
        if fault.times is not None and self._count(index, fault.do) >= fault.times:
            return False
        self._record(index, occasion)
        return True

    def _has_struck(self, index: int, occasion: Occasion) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM struck WHERE fault = ? AND identity = ? AND number = ?",
            (index, occasion.identity, occasion.number),
        ).fetchone()
        return row is not None

    def _count(self, index: int, kind: str) -> int:
        row = self._db.execute(
            "SELECT COUNT(*) FROM struck WHERE fault = ? AND kind = ?", (index, kind)
        ).fetchone()
        return int(row[0])

    def _record(self, index: int, occasion: Occasion) -> None:
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO struck"
                " (at, kind, endpoint, request_id, fault, identity, number)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (stamp(self._now()), self._script.faults[index].do, occasion.endpoint,
                 occasion.request_id, index, occasion.identity, occasion.number),
            )  # fmt: skip
