"""The sandbox's memory in SQLite: requests, results and books, on disk before they are announced.

Written from one thread. WAL without a sync on each commit: what was committed outlives a killed
process (not a power cut), and accepting a job costs well below a millisecond.
"""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from fal_experiments.core.ids import sha256_hex
from fal_experiments.errors import StorageFailed
from fal_experiments.sandbox.jobs import Also, Charge, Job, Outcome, Submission, Via
from fal_experiments.sandbox.wire import stamp

DATABASE_NAME = "sandbox.sqlite3"

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, via TEXT NOT NULL, endpoint TEXT NOT NULL,
    body_sha256 TEXT, http_status INTEGER NOT NULL, request_id TEXT);
CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL UNIQUE, app TEXT NOT NULL,
    endpoint TEXT NOT NULL, body BLOB NOT NULL, body_sha256 TEXT NOT NULL, headers TEXT NOT NULL,
    take INTEGER NOT NULL, via TEXT NOT NULL, state TEXT NOT NULL,
    sent_at TEXT NOT NULL, started_at TEXT, ended_at TEXT,
    http_status INTEGER, result_body TEXT, result_headers TEXT, error TEXT, error_type TEXT);
CREATE INDEX IF NOT EXISTS jobs_equal ON jobs (endpoint, body_sha256);
CREATE INDEX IF NOT EXISTS jobs_sent ON jobs (endpoint, sent_at);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (state) WHERE state != 'completed';
CREATE TABLE IF NOT EXISTS booked (
    id INTEGER PRIMARY KEY, request_id TEXT NOT NULL, endpoint TEXT NOT NULL, at TEXT NOT NULL,
    unit TEXT NOT NULL, units TEXT NOT NULL, unit_price_usd TEXT NOT NULL,
    cost_nano_usd INTEGER NOT NULL, percent_discount TEXT);
CREATE INDEX IF NOT EXISTS booked_at ON booked (at);
CREATE INDEX IF NOT EXISTS booked_request ON booked (request_id);
CREATE TABLE IF NOT EXISTS files (
    url_path TEXT PRIMARY KEY, file_id TEXT NOT NULL, content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, expires_at TEXT);
CREATE TABLE IF NOT EXISTS uploads (
    upload_id TEXT PRIMARY KEY, url_path TEXT NOT NULL, file_id TEXT NOT NULL,
    content_type TEXT NOT NULL, expires_at TEXT);
CREATE TABLE IF NOT EXISTS makers (url_path TEXT PRIMARY KEY, request_id TEXT NOT NULL UNIQUE);
CREATE INDEX IF NOT EXISTS posts_equal ON posts (endpoint, body_sha256);
CREATE TABLE IF NOT EXISTS struck (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, endpoint TEXT NOT NULL,
    request_id TEXT, fault INTEGER NOT NULL, identity TEXT NOT NULL, number INTEGER NOT NULL,
    UNIQUE (fault, identity, number));
CREATE TABLE IF NOT EXISTS occasions (
    hook TEXT NOT NULL, identity TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (hook, identity)) WITHOUT ROWID;
"""

Row = sqlite3.Row


def open_database(state_dir: Path) -> sqlite3.Connection:
    """Return the connection of a state folder, made with its tables when it is new.

    Raises: StorageFailed when the folder cannot be written or the file is no such database.
    """
    path = state_dir / DATABASE_NAME
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise _cannot_open(path, error) from error
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_TABLES)
        _take_over_old_books(database)
    except sqlite3.Error as error:
        database.close()
        raise _cannot_open(path, error) from error
    return database


def _take_over_old_books(database: sqlite3.Connection) -> None:
    """Bring the charges of a state folder along that knew one for each request."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'charges'"
    if database.execute(known).fetchone() is not None:
        with database:
            database.execute(
                "INSERT INTO booked (request_id, endpoint, at, unit, units, unit_price_usd,"
                " cost_nano_usd) SELECT * FROM charges ORDER BY rowid"
            )
            database.execute("DROP TABLE charges")


class JobStore:
    """Accepts requests, follows them, and keeps their results and charges."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._db = database

    def meta(self, name: str) -> str | None:
        """Return a remembered setting."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def remember(self, name: str, value: str) -> None:
        """Keep a setting for the next process that opens this state."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def refuse(
        self, *, via: Via, endpoint: str, body: bytes | None, status: int, at: datetime
    ) -> None:
        """Record a POST that was not accepted."""
        digest = sha256_hex(body) if body is not None else None
        with self._db:
            self._record_post(at, via, endpoint, digest, status, None)

    def accept(self, submission: Submission, at: datetime) -> Job:
        """Record a POST and the job that it makes, in one step."""
        sent = submission
        digest = sha256_hex(sent.body)
        equal = (sent.endpoint, digest)
        with self._db:
            self._record_post(at, sent.via, *equal, 200, sent.request_id)
            take = self._db.execute(
                "SELECT COUNT(*) FROM jobs WHERE endpoint = ? AND body_sha256 = ?", equal
            ).fetchone()[0]
            cursor = self._db.execute(
                "INSERT INTO jobs (request_id, app, endpoint, body, body_sha256, headers, take,"
                " via, state, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)",
                (sent.request_id, sent.app, sent.endpoint, sent.body, digest,
                 json.dumps(sent.headers), take, sent.via, stamp(at)),
            )  # fmt: skip
        return Job(
            **vars(sent),
            seq=cursor.lastrowid or 0,
            body_sha256=digest,
            take=take,
            state="queued",
            sent_at=at,
        )

    def start(self, job: Job, at: datetime) -> None:
        """Record that a runner has taken the job."""
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = 'running', started_at = ? WHERE request_id = ?",
                (stamp(at), job.request_id),
            )

    def complete(self, job: Job, outcome: Outcome, at: datetime) -> None:
        """Record the result and its charge, in one step."""
        headers = json.dumps(outcome.headers)
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = 'completed', ended_at = ?, http_status = ?,"
                " result_body = ?, result_headers = ?, error = ?, error_type = ?"
                " WHERE request_id = ?",
                (stamp(at), outcome.http_status, outcome.body, headers, outcome.error,
                 outcome.error_type, job.request_id),
            )  # fmt: skip
            if outcome.charge is not None:
                self._book(
                    Also(job.request_id, outcome.billed_as(job.endpoint), outcome.charge), at
                )
            for also in outcome.also:
                self._book(also, at)

    def _book(self, also: Also, at: datetime) -> None:
        charge, when = also.charge, at + timedelta(seconds=also.after_s)
        off = None if charge.percent_discount is None else f"{charge.percent_discount:f}"
        self._db.execute(
            "INSERT INTO booked (request_id, endpoint, at, unit, units, unit_price_usd,"
            " cost_nano_usd, percent_discount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (also.request_id, also.endpoint, stamp(when), charge.unit, f"{charge.units:f}",
             f"{charge.unit_price_usd:f}", charge.cost_nano_usd, off),
        )  # fmt: skip

    def job(self, request_id: str) -> Job | None:
        """Return one job, or None."""
        row = self._db.execute("SELECT * FROM jobs WHERE request_id = ?", (request_id,)).fetchone()
        return job_from_row(row) if row else None

    def posts_of(self, endpoint: str, body_sha256: str) -> int:
        """Return how many equal POSTs have come, accepted or not."""
        row = self._db.execute(
            "SELECT COUNT(*) FROM posts WHERE endpoint = ? AND body_sha256 = ?",
            (endpoint, body_sha256),
        ).fetchone()
        return int(row[0])

    def maker_of(self, url_path: str) -> Job | None:
        """Return the job that a file came of; None for an upload."""
        row = self._db.execute(
            "SELECT jobs.* FROM jobs JOIN makers USING (request_id) WHERE url_path = ?",
            (url_path,),
        ).fetchone()
        return job_from_row(row) if row else None

    def file_of(self, request_id: str) -> str | None:
        """Return the path of the file that a job made, None when it made none."""
        row = self._db.execute(
            "SELECT url_path FROM makers WHERE request_id = ?", (request_id,)
        ).fetchone()
        return row["url_path"] if row else None

    def reopen_unfinished(self) -> list[Job]:
        """Put jobs that a lost process was running back on the queue; return all that wait."""
        with self._db:
            self._db.execute(
                "UPDATE jobs SET state = 'queued', started_at = NULL WHERE state = 'running'"
            )
        rows = self._db.execute("SELECT * FROM jobs WHERE state = 'queued' ORDER BY seq")
        return [job_from_row(row) for row in rows]

    def _record_post(self, at: datetime, via: Via, endpoint: str, *rest: Any) -> None:
        self._db.execute(
            "INSERT INTO posts (received_at, via, endpoint, body_sha256, http_status, request_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (stamp(at), via, endpoint, *rest),
        )


def job_from_row(row: Row) -> Job:
    """Return a job from its row."""
    outcome = None
    if row["state"] == "completed":
        outcome = Outcome(
            http_status=row["http_status"],
            body=row["result_body"],
            headers=json.loads(row["result_headers"]),
            error=row["error"],
            error_type=row["error_type"],
        )
    return Job(
        request_id=row["request_id"],
        app=row["app"],
        endpoint=row["endpoint"],
        body=row["body"],
        headers=json.loads(row["headers"]),
        via=row["via"],
        seq=row["seq"],
        body_sha256=row["body_sha256"],
        take=row["take"],
        state=row["state"],
        sent_at=_moment(row["sent_at"]),
        started_at=_moment(row["started_at"]) if row["started_at"] else None,
        ended_at=_moment(row["ended_at"]) if row["ended_at"] else None,
        outcome=outcome,
    )


def charge_from_row(row: Row) -> Charge:
    """Return a line of the books from its row."""
    off = row["percent_discount"]
    return Charge(
        row["unit"],
        Decimal(row["units"]),
        Decimal(row["unit_price_usd"]),
        row["cost_nano_usd"],
        None if off is None else Decimal(off),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _cannot_open(path: Path, error: Exception) -> StorageFailed:
    return StorageFailed(
        f"the sandbox's state cannot be opened at {path}: {error}",
        fix="choose a folder that can be written to, or remove a damaged state folder",
    )
