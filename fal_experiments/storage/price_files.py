"""What is known of prices beside the presets: dated snapshots, discounts, the ledger's last rows.

presets/prices/<timestamp>.json           what the provider's pricing API said, one file a time
presets/account/discounts.yaml            what the account pays less
experiments/sandbox/prices/               the snapshots of a sandbox, never read for real plans
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fal_experiments.core.discount import Discount, read_discounts
from fal_experiments.core.price_seen import PriceSnapshot
from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_json
from fal_experiments.storage.layout import TIMESTAMP, Project
from fal_experiments.storage.project_files import read_user_text

MOST_LEDGER_BYTES = 16 * 2**20
"""The end of a ledger that is looked at, some thousands of attempts: the youngest count, and a plan
must not take longer because a project is old."""
_DONE = b'"state":"done"'
_WANTED = {
    name: f'"{name}":'.encode()
    for name in (
        "strict_breach",
        "submitted_at",
        "metered_nano_usd",
        "billed_nano_usd",
        "price_key",
    )
}


def read_snapshots(project: Project, *, sandbox: bool) -> list[PriceSnapshot]:
    """Return every snapshot, oldest first. Raises: BadInput naming a damaged file."""
    folder = project.price_snapshots(sandbox=sandbox)
    return [_read_snapshot(path) for path in sorted(folder.glob("*.json"))]


def write_snapshot(project: Project, snapshot: PriceSnapshot) -> Path:
    """Write a snapshot beside the earlier ones, none of which changes. Raises: StorageFailed."""
    folder = project.price_snapshots(sandbox=snapshot.sandbox)
    names = (snapshot.at, *(f"{snapshot.at}_{number}" for number in range(2, 100)))
    paths = (folder / f"{name}.json" for name in names)
    path = next(path for path in paths if not path.exists())
    write_json(path, {"v": snapshot.v} | snapshot.model_dump(mode="json", exclude_defaults=True))
    return path


def snapshot_name(at: datetime) -> str:
    """Return how the snapshot of a moment is named."""
    return at.strftime(TIMESTAMP)


def read_account_discounts(project: Project) -> tuple[Discount, ...]:
    """Return the account's discounts, none without a file. Raises: BadInput with file and line."""
    path = project.discounts
    if not path.is_file():
        return ()
    shown = project.relative(path)
    return read_discounts(load(read_user_text(path, shown), shown))


def read_last_rows(project: Project, *, sandbox: bool) -> Iterator[dict[str, Any]]:
    """Yield what the last finished rows of the ledger say of prices, oldest first.

    A line that is damaged or cut off is left out: whoever works with the ledger is told of it.
    """
    path = project.tree(sandbox=sandbox).ledger
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - MOST_LEDGER_BYTES))
        if size > MOST_LEDGER_BYTES:
            file.readline()
        world = b'"sandbox":true' if sandbox else b'"sandbox":false'
        for line in file:
            if _DONE in line and line.endswith(b"}\n"):
                row = _paid_row(line, world)
                if row is not None:
                    yield row


def _paid_row(line: bytes, world: bytes) -> dict[str, Any] | None:
    """Return what a finished row of a world says of its price, None for any other row.

    Several times as fast as reading it whole. Inside a text each quote has a backslash, so no
    text is taken for a field; and fields that people name (axes, variables) stand behind the first
    ones of a row and before those of its money.
    """
    starts = line.startswith(world, line.find(b'"sandbox":'))
    if not starts or not line.startswith(_DONE, line.find(b'"state":')):
        return None
    row: dict[str, Any] = {"state": "done", "row_id": _value(line, line.find(b'"row_id":'))}
    for name, field in _WANTED.items():
        at = line.rfind(field)
        if at < 0:
            return None
        row[name] = _value(line, at)
    return row


def _value(line: bytes, at: int) -> int | str | None:
    """Return the value of the field that begins at a place: a number, a text, or None for null."""
    start = line.index(b":", at) + 1
    end = line.find(b",", start)
    value = line[start:end] if end > 0 else line[start:].rstrip(b"}\n")
    if value == b"null":
        return None
    return int(value) if value.isdigit() else value.strip(b'"').decode()


def _read_snapshot(path: Path) -> PriceSnapshot:
    try:
        return PriceSnapshot.model_validate_json(read_user_text(path, path.name))
    except ValidationError as exc:
        raise BadInput(
            f"{path}: not a snapshot of prices: {exc.errors()[0]['msg']}",
            fix="delete it; `fal-exp prices refresh` writes a new one",
        ) from exc
