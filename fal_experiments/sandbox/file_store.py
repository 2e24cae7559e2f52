"""Files of the CDN: bytes in a folder under names of our own, addresses in the database."""

import hashlib
import re
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fal_experiments.sandbox.wire import Refusal, detail, stamp

_ID_CHARS = 21
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_CONTENT_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}(; ?charset=[\w-]{1,40})?", re.ASCII)


@dataclass(frozen=True)
class StoredFile:
    """A file that can be fetched."""

    path: Path
    content_type: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Target:
    """Where a file that is still to come will be found."""

    file_id: str
    url_path: str
    """Below the CDN's address: `/files/b/0aac27e0/<id>_<name>`."""
    content_type: str
    expires_at: datetime | None = None


class FileStore:
    """Uploaded and generated files. Nothing of a caller's text becomes a path on the disk."""

    def __init__(self, database: sqlite3.Connection, state_dir: Path) -> None:
        self._db = database
        self._files_dir = state_dir / "files"
        self._parts_dir = state_dir / "uploads"
        for folder in (self._files_dir, self._parts_dir):
            folder.mkdir(exist_ok=True)

    def upload_target(self, name: str, content_type: str, expires_at: datetime | None) -> Target:
        """Return an address for an upload, unlike any other."""
        return _target(secrets.token_hex(16), name, content_type, expires_at)

    def output_target(
        self, request_id: str, name: str, content_type: str, expires_at: datetime | None
    ) -> Target:
        """Return the address of a job's output: the same one when the job has to be run again."""
        return _target(request_id, name, content_type, expires_at)

    def path_of(self, target: Target) -> Path:
        """Return where the bytes of a target belong."""
        return self._files_dir / target.file_id

    async def receive(self, target: Target, chunks: AsyncIterator[bytes]) -> StoredFile:
        """Store the bytes that come, whole or not at all. Raises: Refusal of `chunks`, OSError."""
        path = self.path_of(target)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    file.write(chunk)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return self.publish(target)

    def publish(self, target: Target) -> StoredFile:
        """Make the bytes at a target's place available at its address."""
        path = self.path_of(target)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = path.stat().st_size
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                (target.url_path, target.file_id, target.content_type, size_bytes, digest,
                 stamp(target.expires_at) if target.expires_at else None),
            )  # fmt: skip
        return StoredFile(path, target.content_type, digest, size_bytes)

    def publish_output(self, target: Target, request_id: str) -> StoredFile:
        """Publish the file that a job has made, and remember whose it is."""
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO makers VALUES (?, ?)", (target.url_path, request_id)
            )
        return self.publish(target)

    def find(self, url_path: str, now: datetime) -> StoredFile | None:
        """Return the file at an address; None when there is none, or it has expired."""
        row = self._db.execute(
            "SELECT * FROM files WHERE url_path = ? AND (expires_at IS NULL OR expires_at > ?)",
            (url_path, stamp(now)),
        ).fetchone()
        if row is None:
            return None
        path = self._files_dir / row["file_id"]
        return StoredFile(path, row["content_type"], row["sha256"], row["size_bytes"])

    def begin_upload(self, target: Target) -> str:
        """Open an upload in parts, or one that is announced first; returns its id."""
        upload_id = secrets.token_urlsafe(24)
        with self._db:
            self._db.execute(
                "INSERT INTO uploads VALUES (?, ?, ?, ?, ?)",
                (upload_id, target.url_path, target.file_id, target.content_type,
                 stamp(target.expires_at) if target.expires_at else None),
            )  # fmt: skip
        return upload_id

    def target_of(self, upload_id: str) -> Target:
        """Return where an announced upload goes. Raises: Refusal (404)."""
        row = self._db.execute("SELECT * FROM uploads WHERE upload_id = ?", (upload_id,)).fetchone()
        if row is None:
            raise detail(404, "Upload not found")
        expires_at = datetime.fromisoformat(row["expires_at"]) if row["expires_at"] else None
        return Target(row["file_id"], row["url_path"], row["content_type"], expires_at)

    async def receive_part(self, upload_id: str, number: int, chunks: AsyncIterator[bytes]) -> str:
        """Store one part; returns its etag, without quotes. Raises: Refusal (404)."""
        folder = self._folder_of(upload_id)
        part, digest = (
            folder / f"{number}.{secrets.token_hex(4)}",
            hashlib.md5(usedforsecurity=False),
        )
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            part.replace(folder / f"{number}-{digest.hexdigest()}")
        finally:
            part.unlink(missing_ok=True)
        return digest.hexdigest()

    def complete_upload(self, upload_id: str, etags: dict[int, str], max_bytes: int) -> StoredFile:
        """Join the named parts by number. Raises: Refusal (400 a part is missing, 404, 413)."""
        target, folder = self.target_of(upload_id), self._folder_of(upload_id)
        parts = [folder / f"{number}-{etag}" for number, etag in sorted(etags.items())]
        missing = [part.name.partition("-")[0] for part in parts if not part.is_file()]
        if missing or not parts:
            raise detail(400, f"Parts are missing or have another etag: {', '.join(missing)}")
        if sum(part.stat().st_size for part in parts) > max_bytes:
            raise detail(413, f"File too large: at most {max_bytes} bytes are taken")
        path = self.path_of(target)
        joined = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        with joined.open("wb") as file:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, file)
        joined.replace(path)
        shutil.rmtree(folder)
        return self.publish(target)

    def _folder_of(self, upload_id: str) -> Path:
        self.target_of(upload_id)
        folder = self._parts_dir / hashlib.sha256(upload_id.encode()).hexdigest()[:32]
        folder.mkdir(exist_ok=True)
        return folder


def safe_name(name: str) -> str:
    """Return a file name that is nothing but a name."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return _UNSAFE.sub("_", last).lstrip(".")[-80:] or "file"


def safe_content_type(stated: str | None) -> str:
    """Return a content type that can be sent in a header, octet-stream for anything odd."""
    is_type = stated is not None and _CONTENT_TYPE.fullmatch(stated)
    return stated if is_type and stated else "application/octet-stream"


def part_number(text: str) -> int:
    """Return a part's number. Raises: Refusal (400)."""
    if not (text.isdecimal() and 1 <= int(text[:6]) <= 10_000 and len(text) <= 5):
        raise Refusal(400, {"detail": "A part number is 1 to 10000"})
    return int(text)


def _target(seed: str, name: str, content_type: str, expires_at: datetime | None) -> Target:
    digest = hashlib.sha256(seed.encode()).hexdigest()
    file_id = digest[:_ID_CHARS]
    url_path = f"/files/b/{digest[-8:]}/{file_id}_{safe_name(name)}"
    return Target(file_id, url_path, safe_content_type(content_type), expires_at)
