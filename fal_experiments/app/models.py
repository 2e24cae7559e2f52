"""`fal-exp models`: search, one model in full, its schema, unit prices; each with its origin."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

from fal_experiments.app.catalogue import Catalogue, Found, NotKnown, open_catalogue
from fal_experiments.app.copies import Seen, SeenSchema
from fal_experiments.app.settings import Settings
from fal_experiments.catalogue.models import Model, Query, is_endpoint
from fal_experiments.catalogue.pricing import UnitPrice
from fal_experiments.core.preset import Preset
from fal_experiments.errors import BadInput, ServiceUnreachable
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

T = TypeVar("T")

PAGE_PREFIX = "https://fal.ai/models/"
QUESTIONS_AT_ONCE = 4
UNIT_PRICE_WARNING = (
    "a unit price is what one billable unit costs this account, not the price on the model's page: "
    "several families (Kling v3 and o3 among them) count more units than seconds; "
    "a preset's rate is the page's"
)


class Flags(NamedTuple):
    """How the command at hand is told to ask fal, and to ask nobody."""

    to_ask: str
    to_ask_nobody: str


class Place(NamedTuple):
    """Where the question is put: a project, its surroundings, and whether anybody may be asked."""

    project: Project
    settings: Settings
    offline: bool
    flags: Flags = Flags("without --offline", "--offline")


@dataclass(frozen=True)
class Searched:
    """Models that fit, with the presets of each, and what is to be told beside them."""

    found: Found
    preset_ids: dict[str, list[str]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """All that is known of one endpoint; what is None is not known here."""

    endpoint: str
    model: Seen[Model] | None
    schema: SeenSchema | None
    price: Seen[UnitPrice] | None
    presets: tuple[Preset, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ShownSchema:
    """A schema, and what is to be told beside it."""

    seen: SeenSchema
    notes: tuple[str, ...]


class PriceLine(NamedTuple):
    """The unit price of one endpoint, None where nothing was ever told, and its presets."""

    endpoint: str
    price: Seen[UnitPrice] | None
    presets: tuple[Preset, ...]


@dataclass(frozen=True)
class PriceTable:
    """One line for each endpoint, in the order of the question."""

    lines: tuple[PriceLine, ...]
    notes: tuple[str, ...]


def search(place: Place, query: Query) -> Searched:
    """Return models that fit. Raises: ServiceUnreachable when nothing can be shown instead."""

    async def ask() -> Searched:
        async with open_catalogue(
            place.project, place.settings, offline=place.offline
        ) as catalogue:
            found = await catalogue.search(query)
            shown = [seen.value.endpoint for seen in found.models]
            ids = {endpoint: catalogue.copies.preset_ids(endpoint) for endpoint in shown}
            return Searched(found, ids, catalogue.copies.notes)

    return asyncio.run(ask())


def show(place: Place, endpoint: str) -> Card:
    """Return all that is known of an endpoint.

    Raises: BadInput for an id that fal does not know, ServiceUnreachable when nothing is known.
    """
    name = _checked_id(place, endpoint)

    async def ask() -> Card:
        async with open_catalogue(
            place.project, place.settings, offline=place.offline, prices=True
        ) as catalogue:
            return await _card(catalogue, place, name)

    return asyncio.run(ask())


def read_schema(place: Place, endpoint: str) -> ShownSchema:
    """Return what an endpoint takes and gives: live, else a copy, else a preset's snapshot.

    Raises: BadInput for an id that fal does not know, ServiceUnreachable when nothing is here.
    """
    name = _checked_id(place, endpoint)

    async def ask() -> ShownSchema:
        async with open_catalogue(
            place.project, place.settings, offline=place.offline
        ) as catalogue:
            try:
                seen = await catalogue.schema(name)
            except NotKnown as exc:
                raise await _explained(catalogue, place, name, exc) from None
            if seen is None:
                raise await _nothing_here(catalogue, place, name)
            return ShownSchema(seen, catalogue.copies.notes)

    return asyncio.run(ask())


def pricing(place: Place, endpoints: Sequence[str]) -> PriceTable:
    """Return the unit price of each endpoint; what is not told is unknown, never zero.

    Raises: BadInput for a refused key; ServiceUnreachable or BadInput when not one line has
    anything to show.
    """
    names = list(dict.fromkeys(_checked_id(place, endpoint) for endpoint in endpoints))

    async def ask() -> PriceTable:
        async with open_catalogue(
            place.project, place.settings, offline=place.offline, prices=True
        ) as catalogue:
            prices = await _together([catalogue.price(name) for name in names])
            for price in prices:
                if isinstance(price, BadInput):
                    raise price
            lines = tuple(
                PriceLine(name, price, tuple(catalogue.copies.presets.get(name, [])))
                for name, price in zip(names, prices, strict=True)
                if not isinstance(price, BadInput)
            )
            if all(line.price is None and not line.presets for line in lines):
                raise await _nothing_here(catalogue, place, names[0])
            return PriceTable(lines, (*catalogue.copies.notes, UNIT_PRICE_WARNING))

    return asyncio.run(ask())


async def _card(catalogue: Catalogue, place: Place, name: str) -> Card:
    """Ask for model, schema and price at once; each may be missing without the others."""
    model, schema, price = await asyncio.gather(
        _or_refusal(catalogue.model(name)),
        _or_refusal(catalogue.schema(name)),
        _or_refusal(catalogue.price(name)),
    )
    for found in (model, schema, price):
        if isinstance(found, BadInput) and not isinstance(found, NotKnown):
            catalogue.copies.note(found.message)
    if isinstance(model, NotKnown):
        catalogue.copies.note("fal does not list this endpoint")
    if isinstance(schema, NotKnown):
        catalogue.copies.note("fal has no schema for this endpoint")
    card = Card(
        endpoint=name,
        model=None if isinstance(model, BadInput) else model,
        schema=None if isinstance(schema, BadInput) else schema,
        price=None if isinstance(price, BadInput) else price,
        presets=tuple(catalogue.copies.presets.get(name, [])),
        notes=catalogue.copies.notes,
    )
    if card.model is None and card.schema is None:
        if isinstance(model, NotKnown):
            raise await _explained(catalogue, place, name, model)
        raise await _nothing_here(catalogue, place, name)
    return card


async def _together(questions: Sequence[Awaitable[T]]) -> list[T | BadInput]:
    """Return the answers in order, a few questions at a time."""
    gate = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    async def one(question: Awaitable[T]) -> T | BadInput:
        async with gate:
            return await _or_refusal(question)

    return list(await asyncio.gather(*map(one, questions)))


async def _or_refusal(question: Awaitable[T]) -> T | BadInput:
    """Return the answer, or the refusal: other questions must not be cut off by it."""
    try:
        return await question
    except BadInput as exc:
        return exc


def _checked_id(place: Place, text: str) -> str:
    """Return an endpoint's id; the address of its page, or a preset of it, will do.

    Raises: BadInput.
    """
    name = text.strip().removeprefix(PAGE_PREFIX).strip("/")
    shelf = PresetShelf(place.project)
    if shelf.has(name):
        return shelf.read(name).endpoint
    if not is_endpoint(name) or "/" not in name:
        raise BadInput(
            f"{text!r} is not an endpoint's id",
            fix="expected something like fal-ai/kling-video/v3/pro/image-to-video; "
            "`fal-exp models search` finds them",
        )
    return name


async def _explained(catalogue: Catalogue, place: Place, name: str, exc: NotKnown) -> BadInput:
    """Return the error for an id that fal does not know: the nearest ids, and what is kept here."""
    near = get_close_matches(name, sorted(await catalogue.similar_ids(name)), n=3, cutoff=0.75)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    kept = catalogue.copies.schema(name)
    words = name.split("/")[1]
    fix = f"`fal-exp models search {words}` lists what there is"
    retired = [p for p in catalogue.copies.presets.get(name, []) if p.status == "retired"]
    if retired:
        successor = f", successor {retired[0].successor}" if retired[0].successor else ""
        fix += f"; preset {retired[0].id} is retired{successor}"
    if kept is not None:
        kind, day = kept.origin.kind, kept.origin.as_of[:10]
        fix += f"; {place.flags.to_ask_nobody} takes the {kind} of {day}"
    return BadInput(f"{exc.message}{meant}", fix=fix)


async def _nothing_here(
    catalogue: Catalogue, place: Place, name: str
) -> BadInput | ServiceUnreachable:
    """Return the error for an endpoint of which there is nothing to show."""
    why = "; ".join(catalogue.copies.notes)
    alias = PresetShelf(place.project).alias(name)
    if alias is not None:
        return BadInput(f"{name}: {alias.truth}", fix=alias.advice)
    if place.offline or not why:
        near = get_close_matches(name, sorted(await catalogue.similar_ids(name)), n=3, cutoff=0.75)
        meant = f"; known are {' and '.join(near)}" if near else ""
        return BadInput(
            f"nothing is kept here of {name}{meant}",
            fix=f"ask fal for it once, {place.flags.to_ask}",
        )
    return ServiceUnreachable(
        f"{why}; and no copy of {name} is kept here",
        kind="unreachable",
        billed="no",
        retry_can_help=True,
        fix="check network and address: `fal-exp doctor`",
    )
