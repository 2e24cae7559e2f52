"""The files of one attempt: request, answers, logs, and the clip itself, whole or not at all.

Only the clip waits for the disk: what else matters here stands in the event log too.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from fal_experiments.core.ports import MediaCheck, StoredFile
from fal_experiments.core.request import LogLine, ProviderRequest
from fal_experiments.errors import Answer, DownloadFailed
from fal_experiments.storage.atomic import (
    PART,
    disk_errors,
    sync_folder,
    write_json,
    write_text,
)
from fal_experiments.storage.layout import Project

SUFFIXES = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "video/x-matroska": ".mkv",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
}


class AttemptFolder:
    """`cells/<cell_id>/<attempt>/`. `media_stem` is where the clip goes, without its suffix."""

    def __init__(self, project: Project, folder: Path, media_stem: Path) -> None:
        self._project = project
        self._folder = folder
        self._media_stem = media_stem
        self._headers: dict[str, dict[str, str]] = {}

    def write_request(self, request: ProviderRequest) -> None:
        """Keep what is about to be POSTed; the key is not part of it. Raises: StorageFailed."""
        write_json(self._folder / "request.json", request.model_dump(mode="json"), durable=False)

    def write_answer(self, name: str, answer: Answer) -> None:
        """Keep an answer's body as `<name>.json` and its headers. Raises: StorageFailed."""
        write_text(self._folder / f"{name}.json", answer.text, durable=False)
        self._headers[name] = {":status": str(answer.http_status), **answer.headers}
        write_json(self._folder / "headers.json", self._headers, durable=False)

    def write_logs(self, lines: Sequence[LogLine]) -> None:
        """Keep the model's log, one line each. Raises: StorageFailed."""
        if lines:
            text = "".join(f"{line.at} {line.level} {line.message}\n" for line in lines)
            write_text(self._folder / "logs.txt", text, durable=False)

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Keep the normalised summary of the attempt. Raises: StorageFailed."""
        write_json(self._folder / "manifest.json", manifest, durable=False)

    async def store_media(
        self, chunks: AsyncIterator[bytes], media_type: str | None, check: MediaCheck
    ) -> StoredFile:
        """Write a file, have it checked, and only then give it its name.

        Raises: DownloadFailed when it does not play (its bytes are kept as `clip.damaged`);
        StorageFailed.
        """
        part = self._media_stem.with_name(self._media_stem.name + PART)
        with disk_errors(part):
            part.parent.mkdir(parents=True, exist_ok=True)
            digest, size_bytes = await _write_stream(part, chunks)
        try:
            checked = await check(part)
        except DownloadFailed:
            part.replace(self._folder / "clip.damaged")
            raise
        suffix = SUFFIXES.get(checked.media_type, SUFFIXES.get(media_type or "", ".bin"))
        target = self._media_stem.with_name(self._media_stem.name + suffix)
        with disk_errors(target):
            await asyncio.to_thread(_give_name, part, target)
        return StoredFile(self._project.relative(target), digest, size_bytes, *checked)


def _give_name(part: Path, target: Path) -> None:
    part.replace(target)
    sync_folder(target.parent)


async def _write_stream(path: Path, chunks: AsyncIterator[bytes]) -> tuple[str, int]:
    digest = hashlib.sha256()
    size_bytes = 0
    with path.open("wb") as file:
        async for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size_bytes += len(chunk)
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
    return digest.hexdigest(), size_bytes
