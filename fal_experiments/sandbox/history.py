"""What happened, read back from the database: requests, charges, and counts for tests."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

from fal_experiments.sandbox.jobs import Charge, Job
from fal_experiments.sandbox.store import DATABASE_NAME, charge_from_row, job_from_row
from fal_experiments.sandbox.wire import stamp

_STATUS_RANGES = {"success": (200, 299), "user_error": (400, 499), "error": (500, 599)}
_IDENTITY = (
    "SELECT jobs.body_sha256 || ' ' || jobs.take || ' ' || jobs.endpoint FROM jobs"
    " WHERE jobs.request_id = booked.request_id"
)
_ORDERS = {
    "ended_at": "ended_at IS NULL DESC, ended_at DESC",
    "duration": "julianday(ended_at) - julianday(sent_at) DESC",
    "": "seq DESC",
}


@dataclass(frozen=True)
class SandboxStats:
    """The sandbox's own books, for tests and for a person."""

    posts: Mapping[str, int]
    """POSTs received per endpoint on queue and run hosts, refused ones included."""
    accepted: int
    """Requests that became jobs."""
    duplicates: int
    """Accepted requests whose endpoint and body equal those of an earlier one."""
    jobs: Mapping[str, int]
    """Jobs by state: queued, running, completed."""
    billed_nano_usd: int
    billed_by_request: Mapping[str, int]
    """Nano-dollars by request id; refused requests stand there with 0."""
    accepted_by_body: Mapping[tuple[str, str], int]
    """Requests that became jobs, by endpoint and SHA-256 of the body."""
    timeline: Sequence[tuple[str, int]]
    """What had been billed in all, in nano-dollars, after each charge: (ISO time, sum)."""
    faults: Mapping[str, int]
    """Strikes of the fault script, by kind."""


@dataclass(frozen=True)
class Booking:
    """A charge with its request."""

    request_id: str
    endpoint: str
    at: str
    charge: Charge
    number: int = 0
    """Where it stands in the books."""
    identity: str = ""
    """What the job is called in every run of the same work; empty for a request of nobody here."""

    @property
    def fine_digits(self) -> str:
        """The last three of nine digits of the second: nanoseconds, which no clock here has."""
        return f"{(self.number * 137 + 41) % 1000:03d}"


@dataclass(frozen=True)
class Span:
    """A window of time; the end is not part of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Page:
    """Which rows of a long answer are wanted."""

    limit: int
    offset: int


class History:
    """Read-only questions to the database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def requests(
        self,
        endpoints: Sequence[str],
        span: Span,
        page: Page,
        *,
        status: str = "",
        request_id: str = "",
        order: str = "",
    ) -> list[Job]:
        """Return the requests that were sent in a span, one more than the page holds."""
        where = [_is_in("endpoint", endpoints), "sent_at >= ? AND sent_at < ?"]
        values: list[Any] = [*endpoints, stamp(span.start), stamp(span.end)]
        if status:
            where.append("http_status BETWEEN ? AND ?")
            values += _STATUS_RANGES[status]
        if request_id:
            where.append("request_id = ?")
            values.append(request_id)
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE {' AND '.join(where)}"  # noqa: S608  only our own words
            f" ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
            (*values, page.limit + 1, page.offset),
        )
        return [job_from_row(row) for row in rows]

    def bookings(
        self,
        span: Span,
        page: Page,
        *,
        endpoints: Sequence[str] = (),
        request_ids: Sequence[str] = (),
        of_jobs: bool = False,
    ) -> list[Booking]:
        """Return the charges of a span in order of time, one more than the page holds.

        `of_jobs`: only those of requests that came here, which all came with the one key.
        """
        where, values = ["at >= ? AND at < ?"], [stamp(span.start), stamp(span.end)]
        for column, wanted in (("endpoint", endpoints), ("request_id", request_ids)):
            if wanted:
                where.append(_is_in(column, wanted))
                values += wanted
        if of_jobs:
            where.append("request_id IN (SELECT request_id FROM jobs)")
        rows = self._db.execute(
            f"SELECT *, ({_IDENTITY}) AS identity FROM booked WHERE {' AND '.join(where)}"  # noqa: S608  only our own words
            " ORDER BY at, id LIMIT ? OFFSET ?",
            (*values, page.limit + 1, page.offset),
        )
        return [
            Booking(
                row["request_id"],
                row["endpoint"],
                row["at"],
                charge_from_row(row),
                row["id"],
                row["identity"] or "",
            )
            for row in rows
        ]

    def average_cost_usd(self, endpoint: str) -> Decimal | None:
        """Return what a paid request of an endpoint has cost so far, None without any."""
        row = self._db.execute(
            "SELECT SUM(cost_nano_usd) AS total, COUNT(*) AS count FROM booked"
            " WHERE endpoint = ? AND cost_nano_usd > 0",
            (endpoint,),
        ).fetchone()
        return Decimal(row["total"]) / row["count"] / 10**9 if row["count"] else None

    def billed_nano_usd(self) -> int:
        """Return the sum of the books."""
        row = self._db.execute("SELECT COALESCE(SUM(cost_nano_usd), 0) FROM booked").fetchone()
        return int(row[0])

    def stats(self) -> SandboxStats:
        """Return counts over everything that this state has seen."""
        posts = self._db.execute("SELECT endpoint, COUNT(*) FROM posts GROUP BY endpoint")
        jobs = self._db.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state")
        charges = self._db.execute(
            "SELECT request_id, SUM(cost_nano_usd) FROM booked GROUP BY request_id"
        )
        struck = self._db.execute("SELECT kind, COUNT(*) FROM struck GROUP BY kind")
        bodies = self._db.execute(
            "SELECT endpoint, body_sha256, COUNT(*) FROM jobs GROUP BY endpoint, body_sha256"
        )
        accepted, first_takes = self._db.execute(
            "SELECT COUNT(*), COALESCE(SUM(take = 0), 0) FROM jobs"
        ).fetchone()
        return SandboxStats(
            posts=dict(tuple(row) for row in posts),
            accepted=accepted,
            duplicates=accepted - first_takes,
            jobs=dict(tuple(row) for row in jobs),
            billed_nano_usd=self.billed_nano_usd(),
            billed_by_request=dict(tuple(row) for row in charges),
            accepted_by_body={(row[0], row[1]): row[2] for row in bodies},
            timeline=self._timeline(),
            faults=dict(tuple(row) for row in struck),
        )

    def _timeline(self) -> list[tuple[str, int]]:
        rows = self._db.execute("SELECT at, cost_nano_usd FROM booked ORDER BY id").fetchall()
        sums = accumulate(row["cost_nano_usd"] for row in rows)
        return [(row["at"], billed) for row, billed in zip(rows, sums, strict=True)]


def read_stats(state_dir: Path) -> SandboxStats:
    """Return the books of a state folder, whether a server is using it or not."""
    database = sqlite3.connect(
        f"{(state_dir.resolve() / DATABASE_NAME).as_uri()}?mode=ro", uri=True
    )
    try:
        database.row_factory = sqlite3.Row
        return History(database).stats()
    finally:
        database.close()


def _is_in(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})"
