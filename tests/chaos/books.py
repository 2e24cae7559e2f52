"""The sandbox's own books, beside what a client says of the same jobs."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fal_experiments.sandbox.store import DATABASE_NAME


@dataclass(frozen=True)
class BookedJob:
    """One job as the provider knows it."""

    request_id: str
    body_sha256: str
    cell: str
    """By its tags; empty for a client that sends none."""
    succeeded: bool
    cost_nano_usd: int


@dataclass(frozen=True)
class Books:
    """Everything that was accepted, and what it cost."""

    jobs: tuple[BookedJob, ...]
    most_billed_nano_usd: int
    """The largest sum of the books at any moment."""

    @property
    def billed_nano_usd(self) -> int:
        """The sum of all charges."""
        return sum(job.cost_nano_usd for job in self.jobs)

    def paid_twice(self, wanted: Mapping[str, int]) -> int:
        """Return how many billed jobs there are above what was wanted of each body."""
        paid = Counter(job.body_sha256 for job in self.jobs if job.cost_nano_usd > 0)
        return sum(max(0, count - wanted.get(body, 1)) for body, count in paid.items())


def read_books(state_dir: Path) -> Books:
    """Return the books of a sandbox that has come to rest."""
    database = sqlite3.connect(f"{(state_dir / DATABASE_NAME).as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        rows = database.execute(
            "SELECT j.request_id, j.body_sha256, j.headers, j.http_status,"
            " COALESCE(c.cost_nano_usd, 0) AS cost FROM jobs j"
            " LEFT JOIN (SELECT request_id, SUM(cost_nano_usd) AS cost_nano_usd FROM booked"
            " GROUP BY request_id) c ON c.request_id = j.request_id ORDER BY j.seq"
        ).fetchall()
        charges = database.execute("SELECT cost_nano_usd FROM booked ORDER BY at").fetchall()
    finally:
        database.close()
    running = most = 0
    for charge in charges:
        running += charge["cost_nano_usd"]
        most = max(most, running)
    return Books(tuple(_job(row) for row in rows), most)


def _job(row: sqlite3.Row) -> BookedJob:
    tags = dict(
        pair.split("=", 1)
        for pair in json.loads(row["headers"]).get("x-fal-tags", "").split(",")
        if "=" in pair
    )
    return BookedJob(
        request_id=row["request_id"],
        body_sha256=row["body_sha256"],
        cell=tags.get("fal-exp.cell", ""),
        succeeded=row["http_status"] == 200,
        cost_nano_usd=row["cost"],
    )
