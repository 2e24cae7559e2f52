"""`fal-exp doctor`: is everything here that a run needs, and how to mend what is not."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fal_experiments.app import wiring
from fal_experiments.app.settings import ADMIN_KEY, Settings
from fal_experiments.core.ports import QueueWishes
from fal_experiments.errors import FalExpError, StorageFailed
from fal_experiments.storage.atomic import write_bytes
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

ENOUGH_BYTES = 2_000_000_000
PROBED_ENDPOINT = "fal-ai/kling-video/v3/pro/image-to-video"
"""Any endpoint serves to ask whether a key is accepted; nothing is submitted to it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def examine(project: Project, settings: Settings) -> Iterator[Finding]:
    """Look at key, service, decoder, disk, folders and presets, one after the other."""
    yield _key(settings)
    yield _admin_key(settings)
    yield _service(settings)
    for report in wiring.decoder_report():
        yield Finding(report.name, report.ok, report.detail, report.fix)
    yield _disk(project)
    yield from _folders(project)
    yield _presets(project)


def _key(settings: Settings) -> Finding:
    if settings.key is None:
        return Finding(
            "key",
            ok=False,
            detail="none found",
            fix="export FAL_KEY=…, or put it in .env of the project or in ~/.env "
            "(--sandbox needs none)",
        )
    return Finding("key", ok=True, detail=f"found: {settings.key.source}")


def _admin_key(settings: Settings) -> Finding:
    """Tell which key bills are asked with; nothing but `reconcile` and the balance wants one."""
    if settings.admin_key is not None:
        return Finding("admin key", ok=True, detail=f"found: {settings.admin_key.source}")
    detail = f"no {ADMIN_KEY}: bills can be read only if the key above has ADMIN scope"
    return Finding("admin key", ok=True, detail=detail)


def _service(settings: Settings) -> Finding:
    where = settings.urls.get("queue", "https://queue.fal.run")
    if settings.key is None:
        return Finding(
            "fal", ok=False, detail=f"{where} was not asked: no key", fix="see key, above"
        )
    try:
        check = asyncio.run(_ask(settings))
    except FalExpError as exc:
        return Finding("fal", ok=False, detail=exc.message, fix=exc.fix)
    note = " (a sandbox: no money moves)" if check else ""
    return Finding("fal", ok=True, detail=f"{where} answers and takes the key{note}")


async def _ask(settings: Settings) -> bool:
    address = wiring.Address(settings.urls, settings.require_key().value)
    service = wiring.connect("fal", address, wiring.system_clock(), QueueWishes())
    try:
        return (await service.check_key(PROBED_ENDPOINT)).sandbox
    finally:
        await service.provider.aclose()


def _disk(project: Project) -> Finding:
    free = shutil.disk_usage(project.root).free
    detail = f"{free / 1e9:.1f} GB free in {project.root}"
    if free >= ENOUGH_BYTES:
        return Finding("disk", ok=True, detail=detail)
    return Finding("disk", ok=False, detail=detail, fix="free some space: a clip is 1 to 20 MB")


def _folders(project: Project) -> Iterator[Finding]:
    real, sandbox = project.tree(sandbox=False), project.tree(sandbox=True)
    for folder in (real.batches, sandbox.batches, real.prompts, real.learnings):
        name = f"folder {folder.relative_to(project.root)}"
        try:
            _try_to_write(folder)
        except (StorageFailed, OSError) as exc:
            yield Finding(name, ok=False, detail=str(exc), fix=f"chmod u+w {folder}")
        else:
            yield Finding(name, ok=True, detail="writable")


def _try_to_write(folder: Path) -> None:
    """Write and remove a file, in the nearest folder that exists: looking must not make folders."""
    while not folder.exists():
        folder = folder.parent
    probe = folder / ".fal-exp-can-write"
    write_bytes(probe, b"")
    probe.unlink()


def _presets(project: Project) -> Finding:
    shelf = PresetShelf(project)
    ids = shelf.ids()
    try:
        for preset_id in ids:
            shelf.read_checked(preset_id)
    except FalExpError as exc:
        return Finding("presets", ok=False, detail=exc.message, fix=exc.fix)
    return Finding("presets", ok=True, detail=f"{len(ids)} read, arguments pass their schemas")
