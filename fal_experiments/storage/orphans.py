"""Lines of bills that no attempt explains, and what a person said of them: `orphans.jsonl`.

The file only grows. A line is kept once, however often the bill is read.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from filelock import FileLock
from pydantic import Field, TypeAdapter, ValidationError

from fal_experiments.core.model import Record
from fal_experiments.core.usage import UsageLine, may_be_one_moment
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import disk_errors
from fal_experiments.storage.layout import Tree
from fal_experiments.storage.ledger import set_torn_line_aside
from fal_experiments.storage.plain_file import open_to_add, read_plain, size_of_plain


class OrphanSeen(Record):
    """A line without an attempt was in the bill."""

    type: Literal["orphan_seen"] = "orphan_seen"
    v: Literal[1] = 1
    line: UsageLine


class OrphanDecided(Record):
    """A person said what a request is that no attempt here has made."""

    type: Literal["orphan_decided"] = "orphan_decided"
    v: Literal[1] = 1
    at: datetime
    request_id: str
    decision: Literal["ignored", "open"]
    reason: str
    nano_usd: int | None = None
    """What its lines charged then: another amount is another question. None in older files."""


_Kept = Annotated[OrphanSeen | OrphanDecided, Field(discriminator="type")]
_adapter: TypeAdapter[OrphanSeen | OrphanDecided] = TypeAdapter(_Kept)


class OrphanFile:
    """The orphans of one tree. Several processes may append; each line is whole."""

    def __init__(self, tree: Tree) -> None:
        self._path = tree.batches / "orphans.jsonl"
        self._lock = FileLock(tree.batches / ".orphans.lock", fallback_to_soft=False)

    def read(self) -> tuple[dict[str, UsageLine], dict[str, OrphanDecided]]:
        """Return lines by digest, each charge once, and the latest decision by request id.

        A last line that a crash cut off is left out. Raises: BadInput naming file and line of any
        other damage; StorageFailed.
        """
        lines: dict[str, UsageLine] = {}
        decisions: dict[str, OrphanDecided] = {}
        by_charge: dict[tuple[str, int], list[UsageLine]] = {}
        with disk_errors(self._path):
            if size_of_plain(self._path) is None:
                return lines, decisions
            data = read_plain(self._path).split(b"\n")
        for number, text in enumerate(data[:-1], start=1):
            try:
                kept = _adapter.validate_json(text)
            except ValidationError as exc:
                raise BadInput(
                    f"{self._path}: line {number}: {exc.errors()[0]['msg']}",
                    fix="mend or delete the line; a reconcile reads the bill again",
                ) from exc
            if isinstance(kept, OrphanSeen):
                twins = by_charge.setdefault((kept.line.name, kept.line.nano_usd), [])
                same = [one for one in twins if may_be_one_moment(one.at, kept.line.at)]
                for twin in same[:1]:  # the same charge, as an answer and a file write it
                    twins.remove(twin)
                    lines.pop(twin.digest, None)
                twins.append(kept.line)
                lines[kept.line.digest] = kept.line
            else:
                decisions[kept.request_id] = kept
        return lines, decisions

    def add(self, lines: Iterable[UsageLine]) -> int:
        """Keep the lines that are not kept yet; return how many. Raises: StorageFailed."""
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                known, _ = self.read()
                seen = {line.digest: line for line in lines if line.digest not in known}
                new = [OrphanSeen(line=line) for line in seen.values()]
                self._append(new)
        return len(new)

    def decide(self, decision: OrphanDecided) -> None:
        """Keep what a person said. Raises: StorageFailed."""
        with disk_errors(self._path), self._lock:
            self._append([decision])

    def _append(self, kept: Iterable[OrphanSeen | OrphanDecided]) -> None:
        data = b"".join(one.model_dump_json().encode() + b"\n" for one in kept)
        if data:
            with open_to_add(self._path) as file:
                set_torn_line_aside(self._path, file)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # nothing else knows what a person said
