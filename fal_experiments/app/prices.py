"""`fal-exp prices`: what the pricing API says, kept by date beside the presets' rules."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.connection import real_address
from fal_experiments.app.settings import Settings
from fal_experiments.core.ports import Clock, QueueWishes, Service
from fal_experiments.core.preset import Preset
from fal_experiments.core.price_seen import Compared, PriceSeen, PriceSnapshot, compare, latest
from fal_experiments.errors import BadInput, ServiceUnreachable
from fal_experiments.storage.layout import Project
from fal_experiments.storage.price_files import read_snapshots, snapshot_name, write_snapshot
from fal_experiments.storage.project_files import PresetShelf

PROVIDER = "fal"
"""The one service here that tells prices."""


@dataclass(frozen=True)
class RefreshWishes:
    """Choices of one refresh."""

    sandbox: bool = False
    historical: bool = False


class PriceLine(NamedTuple):
    """A preset, what the pricing API last said of its endpoint, and whether the two agree."""

    preset: Preset
    seen: PriceSeen | None
    compared: Compared


@dataclass(frozen=True)
class PriceTable:
    """One line a preset; `file` is the snapshot that was just written."""

    lines: tuple[PriceLine, ...]
    sandbox: bool
    file: Path | None = None
    notes: tuple[str, ...] = ()


def show(project: Project, names: Sequence[str], *, sandbox: bool) -> PriceTable:
    """Return what the snapshots say of presets; of all current ones without a name.

    Nobody is asked. Raises: BadInput.
    """
    seen = latest(read_snapshots(project, sandbox=sandbox))
    return PriceTable(_lines(_presets(project, names), seen), sandbox)


def refresh(
    project: Project, settings: Settings, names: Sequence[str], wishes: RefreshWishes
) -> PriceTable:
    """Ask for the prices of presets and keep the answers as a new snapshot. No rule changes.

    Raises: BadInput for an unknown preset, without a key, and for one that is refused;
    ServiceUnreachable when nobody answers; StorageFailed.
    """
    presets = _presets(project, names)
    if not presets:
        raise BadInput("no preset of fal is left to ask about", fix="`fal-exp presets list`")
    with _address(project, settings, sandbox=wishes.sandbox) as address:
        return asyncio.run(_refresh(project, presets, address, wishes))


async def _refresh(
    project: Project, presets: Sequence[Preset], address: wiring.Address, wishes: RefreshWishes
) -> PriceTable:
    clock = wiring.system_clock()
    service = wiring.connect(PROVIDER, address, clock, QueueWishes())
    try:
        sandbox = (await service.check_key(presets[0].endpoint)).sandbox
        before = latest(read_snapshots(project, sandbox=sandbox))
        prices, notes = await _ask(service, presets, before, clock, wishes)
    finally:
        await service.provider.aclose()
        if service.usage is not None:
            await service.usage.aclose()
    if not prices:
        raise ServiceUnreachable(
            "no answer of the pricing API can be used", kind="odd_answer", billed="no"
        )
    snapshot = PriceSnapshot(
        at=snapshot_name(clock.now()),
        api=prices[0].source.partition("/models/")[0],
        sandbox=sandbox,
        prices=tuple(prices),
    )
    file = write_snapshot(project, snapshot)
    seen = latest(read_snapshots(project, sandbox=sandbox))
    return PriceTable(_lines(presets, seen), sandbox, file, tuple(notes))


async def _ask(
    service: Service,
    presets: Sequence[Preset],
    before: dict[str, PriceSeen],
    clock: Clock,
    wishes: RefreshWishes,
) -> tuple[list[PriceSeen], list[str]]:
    """Return what was told of each endpoint, in order, and which ones could not be asked."""
    assert service.prices is not None  # noqa: S101 - PROVIDER is one that tells prices
    endpoints = sorted({preset.endpoint for preset in presets})
    told = await service.prices.seen(endpoints)
    lost = sorted(set(endpoints) - {seen.endpoint for seen in told})
    notes = [f"{endpoint}: no answer; what was known of it stays" for endpoint in lost]
    if not wishes.historical:
        return told, notes
    today = clock.now().date().isoformat()
    with_past = []
    for seen in told:
        known = before.get(seen.endpoint)
        if known is not None and known.past_day == today and known.past_usd is not None:
            with_past.append(seen)  # the answer of today stays: such questions are throttled
            continue
        past = await service.prices.past_usd(seen.endpoint)
        if past is None:
            notes.append(f"{seen.endpoint}: fal tells no average of past calls")
            with_past.append(seen)
            continue
        with_past.append(seen.model_copy(update={"past_usd": past, "past_day": today}))
    return with_past, notes


def _lines(presets: Sequence[Preset], seen: dict[str, PriceSeen]) -> tuple[PriceLine, ...]:
    found = ((preset, seen.get(preset.endpoint)) for preset in presets)
    return tuple(PriceLine(preset, one, compare(preset, one)) for preset, one in found)


def _presets(project: Project, names: Sequence[str]) -> list[Preset]:
    """Return the presets with these ids, all of fal's that are not retired without any."""
    shelf = PresetShelf(project)
    presets = [shelf.read(name) for name in (dict.fromkeys(names) or shelf.ids())]
    if names:
        others = [preset.id for preset in presets if preset.provider != PROVIDER]
        if others:
            raise BadInput(f"{others[0]} is not a preset of fal, which alone tells its prices")
        return presets
    return [p for p in presets if p.provider == PROVIDER and p.status != "retired"]


@contextmanager
def _address(project: Project, settings: Settings, *, sandbox: bool) -> Iterator[wiring.Address]:
    if not sandbox:
        yield real_address(settings)
        return
    with (
        tempfile.TemporaryDirectory(prefix="fal-exp-") as folder,
        wiring.embedded_sandbox(project, Path(folder)) as address,
    ):
        yield address
