"""Opening a file that only this program writes: never through a link, never what is no file.

A batch may come from somebody else: a link in it could lead a read or a write, or the rest of a
torn line, to a file that has nothing to do with it; a pipe or a device would never end.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

_NEVER_ELSEWHERE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_AS_BYTES = getattr(os, "O_BINARY", 0)


class NoPlainFile(OSError):
    """What stands there is a link, a folder, a pipe or a device."""


def size_of_plain(path: Path) -> int | None:
    """Return the size of a file, None where there is nothing. Raises: NoPlainFile."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    _refuse_others(path, found.st_mode)
    return found.st_size


def read_plain(path: Path) -> bytes:
    """Return what is in a file. Raises: NoPlainFile, OSError."""
    with _open(path, os.O_RDONLY, "rb") as file:
        return file.read()


def open_to_add(path: Path) -> BinaryIO:
    """Open a file to read it and to write at its end; make it. Raises: NoPlainFile, OSError."""
    return _open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, "a+b")


def _open(path: Path, how: int, mode: str) -> BinaryIO:
    size_of_plain(path)  # says what is wrong in words; the flags hold where it changes meanwhile
    handle = os.open(path, how | _NEVER_ELSEWHERE | _AS_BYTES, 0o666)
    try:
        _refuse_others(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, mode)  # type: ignore[return-value]  # the mode is binary
    except OSError:
        os.close(handle)
        raise


def _refuse_others(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "no plain file"
        raise NoPlainFile(f"{path}: this is {what}")
