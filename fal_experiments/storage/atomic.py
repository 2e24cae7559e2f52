"""Writing a file whole or not at all, and turning what the disk says into words."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import to_json

from fal_experiments.errors import StorageFailed

PART = ".part"
"""Suffix of a file that is still being written. A reader ignores it; a later writer replaces it."""


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write `data` so that after a crash the file is either the old one or the new one.

    `durable`: wait until it would survive a power cut. What the event log can replace need not.
    Raises: StorageFailed naming the file and what to do.
    """
    with disk_errors(path):
        part = path.with_name(path.name + PART)
        try:
            with _new_file(part) as file:
                file.write(data)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)


def _new_file(path: Path) -> BinaryIO:
    """Open a file for writing, making its folder only where there is none yet."""
    try:
        return path.open("wb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write text as UTF-8 with `\\n` line ends, whole or not at all. Raises: StorageFailed."""
    write_bytes(path, text.encode(), durable=durable)


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read. Raises: StorageFailed; also if it is there."""
    with disk_errors(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)


def write_json(path: Path, data: Any, *, durable: bool = True) -> None:
    """Write data as indented JSON, whole or not at all. Raises: StorageFailed."""
    write_bytes(path, to_json(data, indent=1) + b"\n", durable=durable)


def check_writable(folder: Path) -> None:
    """Make a folder and a file in it, and remove the file. Raises: StorageFailed.

    The file has a name that no other process has, which may be checking at the same time.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".fal-exp-") as probe:
            probe.write(b"\n")


def sync_folder(folder: Path) -> None:
    """Make a new or renamed entry of a folder survive a power cut, where the system can."""
    if os.name == "nt":  # Windows has no fsync for folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a StorageFailed that names the file and how to mend it."""
    try:
        yield
    except OSError as exc:
        raise storage_failed(path, exc) from exc


def storage_failed(path: Path, exc: OSError) -> StorageFailed:
    """Return the error for a person: what the disk refused, and what to do."""
    fixes = {
        errno.ENOSPC: "free some space, then `fal-exp resume` goes on where it stopped",
        errno.EDQUOT: "the quota is used up; free some space, then `fal-exp resume`",
        errno.EROFS: "the file system is read-only; make it writable, then `fal-exp resume`",
        errno.EACCES: "make the folder writable for you (chmod u+w), then `fal-exp resume`",
        errno.EPERM: "make the folder writable for you (chmod u+w), then `fal-exp resume`",
    }
    reason = os.strerror(exc.errno) if exc.errno else str(exc)
    return StorageFailed(
        f"{path}: cannot be written: {reason}",
        fix=fixes.get(exc.errno or 0, "check the disk, then `fal-exp resume`"),
    )
