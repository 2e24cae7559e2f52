"""Dated copies of what a platform API said, in the user's cache folder, one JSON file each.

<cache>/<host>/models|schemas|prices/<endpoint with __ for />.json
A file says when it was fetched and from where, and holds no key: whatever is asked with one is
asked at an address without it. Files of another host, or of a stranger's format, are not read.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from fal_experiments.core.schema import schema_file_name
from fal_experiments.storage.atomic import write_json

Kind = Literal["models", "schemas", "prices"]
MAX_COPY_BYTES = 16 * 2**20


class DatedCopy(NamedTuple):
    """What a service said of one endpoint."""

    endpoint: str
    fetched_at: datetime
    address: str
    body: Any


class CatalogueCache:
    """The copies below one folder. A cache that can not be read is an empty one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: Kind, copy: DatedCopy) -> None:
        """Keep a copy in place of an older one. Raises: StorageFailed."""
        data = {
            "endpoint": copy.endpoint,
            "fetched_at": copy.fetched_at.astimezone(UTC).isoformat(timespec="seconds"),
            "address": copy.address,
            "body": copy.body,
        }
        path = self._place(kind, copy.address) / schema_file_name(copy.endpoint)
        write_json(path, data, durable=False)

    def read(self, kind: Kind, service: str, endpoint: str) -> DatedCopy | None:
        """Return the copy of what the service at this address said, None without one."""
        copy = _read(self._place(kind, service) / schema_file_name(endpoint), service)
        return copy if copy is not None and copy.endpoint == endpoint else None

    def read_all(self, kind: Kind, service: str) -> list[DatedCopy]:
        """Return every copy from the service at this address, in the order of endpoints."""
        paths = sorted(self._place(kind, service).glob("*.json"))
        return [copy for path in paths if (copy := _read(path, service)) is not None]

    def _place(self, kind: Kind, address: str) -> Path:
        host = re.sub(r"[^a-z0-9.-]", "_", urlsplit(address).netloc.lower())
        return self._folder / host / kind


def _read(path: Path, service: str) -> DatedCopy | None:
    try:
        if path.stat().st_size > MAX_COPY_BYTES:
            return None
        data = json.loads(path.read_bytes())
        copy = DatedCopy(
            endpoint=data["endpoint"],
            fetched_at=datetime.fromisoformat(data["fetched_at"]).astimezone(UTC),
            address=data["address"],
            body=data["body"],
        )
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    is_of_service = isinstance(copy.address, str) and copy.address.startswith(service)
    return copy if is_of_service and isinstance(copy.endpoint, str) else None
