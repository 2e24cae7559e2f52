"""`fal-exp presets check`: every preset against its snapshot, and with `--live` against fal."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.catalogue import Catalogue, NotKnown, open_catalogue
from fal_experiments.app.copies import Seen
from fal_experiments.app.models import QUESTIONS_AT_ONCE, Place
from fal_experiments.catalogue.pricing import UnitPrice
from fal_experiments.core.drift import Difference, schema_drift
from fal_experiments.core.labels import plural
from fal_experiments.core.preset import Preset
from fal_experiments.core.preset_check import Finding, age_findings, check_preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput, FalExpError
from fal_experiments.storage.project_files import PresetShelf

HARMLESS = {"field_added", "became_optional", "values_added", "range_changed", "limits_changed"}
"""Drift that breaks no request that was valid before."""
STATUS_OF = {"current": "active", "retired": "deprecated"}


class Checked(NamedTuple):
    """What was found, problems first, and how much was looked at."""

    findings: tuple[Finding, ...]
    looked_at: str
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that are no mere advice."""
        return tuple(finding for finding in self.findings if not finding.is_advice)


class _Read(NamedTuple):
    presets: list[tuple[Preset, EndpointSchema | None]]
    damaged: list[Finding]


def check(place: Place, names: Sequence[str]) -> Checked:
    """Return what is wrong with presets; all of them where none is named.

    `place.offline`: nobody is asked. Otherwise schema, status and unit price of each endpoint are
    compared with what fal says now; what can not be fetched is told, and the snapshot stays.

    Raises: BadInput for a name that is no preset.
    """
    shelf = PresetShelf(place.project)
    today = wiring.system_clock().now().date()
    read = _read(shelf, names)
    findings = [*read.damaged]
    for preset, schema in read.presets:
        findings += [*check_preset(preset, schema), *age_findings(preset, schema, today)]
        findings += _successor_faults(shelf, preset)
    if not names:
        findings += [*_alias_faults(shelf), *_claim_faults(read.presets)]
    said = plural(len(read.presets), "preset")
    notes: tuple[str, ...] = ()
    if not names:
        said += f" and {plural(len(shelf.aliases), 'wrong id')}"
    if not place.offline:
        drifted, notes = asyncio.run(_drift(place, read.presets))
        findings += drifted
    ordered = sorted(findings, key=lambda finding: finding.is_advice)
    return Checked(tuple(ordered), said, notes)


def _read(shelf: PresetShelf, names: Sequence[str]) -> _Read:
    """Return presets with their snapshots; one that can not be read is a finding."""
    for name in names:
        shelf.source(name)
    found = _Read([], [])
    for preset_id in names or shelf.ids():
        try:
            preset = shelf.read(preset_id)
            found.presets.append((preset, shelf.schema(preset.endpoint)))
        except FalExpError as exc:
            found.damaged.append(Finding(preset_id, exc.message))
    return found


def _successor_faults(shelf: PresetShelf, preset: Preset) -> Iterator[Finding]:
    if preset.successor is not None and not shelf.has(preset.successor):
        yield Finding(preset.id, f"successor: there is no preset {preset.successor}")
    if preset.status == "retired" and preset.successor is None:
        yield Finding(preset.id, "retired, and no successor is named", is_advice=True)


def _alias_faults(shelf: PresetShelf) -> Iterator[Finding]:
    for alias in shelf.aliases:
        for name in alias.use:
            if not shelf.has(name):
                yield Finding(alias.id, f"use: there is no preset {name}")
        if shelf.of_endpoint(alias.id):
            yield Finding(alias.id, "is told to be no endpoint, and a preset has it")


def _claim_faults(presets: Sequence[tuple[Preset, EndpointSchema | None]]) -> Iterator[Finding]:
    claims: dict[str, list[str]] = {}
    for preset, _ in presets:
        if preset.status == "current":
            claims.setdefault(preset.endpoint, []).append(preset.id)
    for endpoint, ids in claims.items():
        if len(ids) > 1:
            said = f"{' and '.join(ids)} claim this endpoint: give axes to one of them instead"
            yield Finding(endpoint, said, is_advice=True)


async def _drift(
    place: Place, presets: Sequence[tuple[Preset, EndpointSchema | None]]
) -> tuple[list[Finding], tuple[str, ...]]:
    gate = asyncio.Semaphore(QUESTIONS_AT_ONCE)
    async with open_catalogue(
        place.project, place.settings, offline=False, prices=True
    ) as catalogue:

        async def one(preset: Preset, schema: EndpointSchema | None) -> list[Finding]:
            async with gate:
                return [found async for found in _compared(catalogue, preset, schema)]

        of_fal = [(p, s) for p, s in presets if p.provider == "fal"]
        found = await asyncio.gather(*(one(preset, schema) for preset, schema in of_fal))
        return [finding for part in found for finding in part], catalogue.copies.notes


async def _compared(
    catalogue: Catalogue, preset: Preset, schema: EndpointSchema | None
) -> AsyncIterator[Finding]:
    """Yield what fal says otherwise than the preset and its snapshot."""
    try:
        now = await catalogue.schema(preset.endpoint)
        model = await catalogue.model(preset.endpoint)
        price = await _price(catalogue, preset.endpoint)
    except NotKnown:
        is_gone = preset.status == "current"
        what = "fal does not know the endpoint" + (": set status: retired" if is_gone else "")
        yield Finding(preset.id, what, is_advice=not is_gone)
        return
    if schema is not None and (now is None or now.origin.kind != "live"):
        yield Finding(
            preset.id,
            f"its schema could not be fetched; the snapshot of {schema.as_of} stays",
            is_advice=True,
        )
    elif schema is not None and now is not None:
        for difference in schema_drift(schema, now.schema):
            yield _told(preset, difference)
    if model is not None and model.origin.kind == "live":
        expected = STATUS_OF[preset.status]
        if model.value.status not in {expected, ""}:
            yield Finding(preset.id, f"fal says {model.value.status}, expected {expected}")
    stated = preset.price.unit_price_usd if preset.price else None
    if stated is not None and price is not None and price.value.amount not in {stated, None}:
        was, is_now = f"{stated.normalize():f}", f"{price.value.amount:f}"
        yield Finding(preset.id, f"price: the unit price was {was} USD, it is {is_now}")


async def _price(catalogue: Catalogue, endpoint: str) -> Seen[UnitPrice] | None:
    """Return the unit price of an endpoint; a refused key is noted, and keeps nothing else back."""
    try:
        return await catalogue.price(endpoint)
    except NotKnown:
        raise
    except BadInput as exc:
        catalogue.copies.note(f"{exc.message}: unit prices were not compared")
        return None


def _told(preset: Preset, difference: Difference) -> Finding:
    return Finding(preset.id, difference.label(), is_advice=difference.kind in HARMLESS)
