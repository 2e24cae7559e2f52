"""fal's catalogue as it can be seen from here: asked live, else what is known without asking.

Models and schemas are asked without the key, which such questions do not need; prices with it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import NamedTuple

from fal_experiments.app import wiring
from fal_experiments.app.copies import Copies, Origin, Seen, SeenSchema, read_document
from fal_experiments.app.settings import Settings
from fal_experiments.catalogue.asking import Ask
from fal_experiments.catalogue.models import Model, Query, find_model, fits, search_models
from fal_experiments.catalogue.openapi import document_url, fetch_document
from fal_experiments.catalogue.pricing import UnitPrice, ask_price, price_url
from fal_experiments.errors import BadInput, ServiceUnreachable
from fal_experiments.storage.layout import Project


class Found(NamedTuple):
    """Models that fit a query, each with its own origin."""

    models: tuple[Seen[Model], ...]
    has_more: bool
    is_live: bool


class NotKnown(BadInput):
    """fal says that there is no such endpoint."""


@dataclass(frozen=True)
class Asks:
    """The ways to ask: an open one, and one with the key where there is a key."""

    openly: Ask
    with_key: Ask | None


class Catalogue:
    """Answers about models. What could not be had as wished is told in `copies.notes`."""

    def __init__(self, copies: Copies, asks: Asks | None) -> None:
        self.copies = copies
        self._asks = asks

    async def search(self, query: Query) -> Found:
        """Return models that fit. Raises: ServiceUnreachable when nothing else can be shown."""
        if self._asks is None:
            return self._search_here(query)
        api = self.copies.addresses.api
        try:
            listing = await search_models(self._asks.openly, api, query)
        except ServiceUnreachable as exc:
            here = self._search_here(query)
            if not here.models:
                raise
            self.copies.note(exc.message)
            return here
        origin = _live(f"{api}/models")
        for model in listing.models:
            self.copies.keep("models", model.endpoint, origin, model.as_row())
        seen = tuple(Seen(model, origin) for model in listing.models)
        return Found(seen, listing.has_more, is_live=True)

    async def model(self, endpoint: str) -> Seen[Model] | None:
        """Return what is said of one endpoint; None when nothing is known of it here.

        Raises: NotKnown when fal answers that there is none.
        """
        if self._asks is None:
            return self.copies.model(endpoint)
        api = self.copies.addresses.api
        try:
            model = await find_model(self._asks.openly, api, endpoint)
        except ServiceUnreachable as exc:
            self.copies.note(exc.message)
            return self.copies.model(endpoint)
        if model is None:
            raise NotKnown(f"{endpoint} is not known to fal")
        origin = _live(f"{api}/models")
        self.copies.keep("models", endpoint, origin, model.as_row())
        return Seen(model, origin)

    async def schema(self, endpoint: str) -> SeenSchema | None:
        """Return what an endpoint takes and gives; None when nothing is known of it here.

        Raises: NotKnown when fal answers that there is no such endpoint.
        """
        if self._asks is None:
            return self.copies.schema(endpoint)
        address = self.copies.addresses.schema
        origin = _live(document_url(address, endpoint))
        try:
            document = await fetch_document(self._asks.openly, address, endpoint)
            seen = read_document(endpoint, document, origin) if document else None
        except (ServiceUnreachable, BadInput) as exc:
            self.copies.note(exc.message)
            return self.copies.schema(endpoint)
        if seen is None:
            raise NotKnown(f"{endpoint} is not known to fal")
        self.copies.keep("schemas", endpoint, origin, document)
        return seen

    async def price(self, endpoint: str) -> Seen[UnitPrice] | None:
        """Return the unit price of an endpoint, unknown where fal has none for it.

        None when fal could not be asked and no copy is here. Raises: BadInput for a refused key.
        """
        if self._asks is None:
            return self.copies.price(endpoint)
        if self._asks.with_key is None:
            self.copies.note("no fal key was found (FAL_KEY), and fal tells prices only to a key")
            return self.copies.price(endpoint)
        api = self.copies.addresses.api
        try:
            priced = await ask_price(self._asks.with_key, api, endpoint)
        except ServiceUnreachable as exc:
            self.copies.note(exc.message)
            return self.copies.price(endpoint)
        origin = _live(price_url(api, endpoint))
        if priced.row is not None:
            self.copies.keep("prices", endpoint, origin, priced.row)
        return Seen(priced.price, origin)

    async def similar_ids(self, endpoint: str) -> set[str]:
        """Return ids among which a mistyped one may be meant: all known here, and a live search."""
        here = {seen.value.endpoint for seen in self.copies.models()}
        name = endpoint.split("/")[1] if "/" in endpoint else endpoint
        if self._asks is None:
            return here
        query = Query(words=name, limit=100)
        try:
            listing = await search_models(self._asks.openly, self.copies.addresses.api, query)
        except (ServiceUnreachable, BadInput):  # the error at hand is told, not this one
            return here
        return here | {model.endpoint for model in listing.models}

    def _search_here(self, query: Query) -> Found:
        fitting = [seen for seen in self.copies.models() if fits(seen.value, query)]
        shown = tuple(fitting[: query.limit])
        return Found(shown, has_more=len(fitting) > len(shown), is_live=False)


@asynccontextmanager
async def open_catalogue(
    project: Project, settings: Settings, *, offline: bool, prices: bool = False
) -> AsyncIterator[Catalogue]:
    """Yield the catalogue. `offline`: nobody is asked. `prices`: questions with the key, too."""
    copies = Copies(project, settings)
    async with AsyncExitStack() as stack:
        asks = None
        if not offline:
            openly = await stack.enter_async_context(wiring.questions_to(copies.addresses))
            with_key = None
            if prices and settings.key is not None:
                wire = wiring.questions_to([copies.addresses.api], settings.key.value)
                with_key = await stack.enter_async_context(wire)
            asks = Asks(openly, with_key)
        yield Catalogue(copies, asks)


def _live(url: str) -> Origin:
    now = wiring.system_clock().now().astimezone(UTC)
    return Origin("live", now.isoformat(timespec="seconds"), url)
