"""What is known of fal's models without asking: dated copies, and the presets' snapshots."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from fal_experiments.app.settings import Settings
from fal_experiments.catalogue.asking import Addresses
from fal_experiments.catalogue.models import Model, read_model
from fal_experiments.catalogue.pricing import UnitPrice, read_price
from fal_experiments.core.labels import time_label
from fal_experiments.core.openapi import schema_from_openapi
from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema
from fal_experiments.errors import BadInput, FalExpError, StorageFailed
from fal_experiments.storage.catalogue_cache import CatalogueCache, DatedCopy, Kind
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

T = TypeVar("T")


class Origin(NamedTuple):
    """Where something was seen, and when."""

    kind: Literal["live", "copy", "snapshot"]
    as_of: str
    """A day, or a moment in ISO 8601."""
    source: str

    def label(self) -> str:
        """Return `live, 2026-11-20 09:30:00 UTC, https://…`."""
        moment = datetime.fromisoformat(self.as_of) if "T" in self.as_of else None
        return f"{self.kind}, {time_label(moment) if moment else self.as_of}, {self.source}"


class Seen(NamedTuple, Generic[T]):
    """A value and its origin."""

    value: T
    origin: Origin


class SeenSchema(NamedTuple):
    """What an endpoint takes and gives. A snapshot holds no whole document."""

    schema: EndpointSchema
    document: dict[str, Any] | None
    origin: Origin


class Copies:
    """Answers that were kept, and presets. What could not be read or kept stands in `notes`."""

    def __init__(self, project: Project, settings: Settings) -> None:
        self.addresses = Addresses.of(settings.urls)
        self._shelf = PresetShelf(project)
        self._cache = CatalogueCache(settings.cache_dir)
        self._notes: dict[str, None] = {}
        self._presets: dict[str, list[Preset]] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Why something shown is not live, was not kept, or could not be read."""
        return tuple(self._notes)

    def note(self, text: str) -> None:
        """Tell something, and tell it once."""
        self._notes[text] = None

    @property
    def presets(self) -> dict[str, list[Preset]]:
        """The presets of each of fal's endpoints; one that can not be read is noted."""
        if self._presets is None:
            self._presets = {}
            for preset in self._read_presets():
                self._presets.setdefault(preset.endpoint, []).append(preset)
        return self._presets

    def preset_ids(self, endpoint: str) -> list[str]:
        """Return the ids of the presets that use an endpoint."""
        return [preset.id for preset in self.presets.get(endpoint, [])]

    def models(self) -> list[Seen[Model]]:
        """Return every model that was ever seen from here, in the order of their ids."""
        seen = {endpoint: self._model_of_preset(endpoint) for endpoint in self.presets}
        for copy in self._cache.read_all("models", self.addresses.api):
            model = read_model(copy.body)
            if model is not None and model.endpoint == copy.endpoint:
                seen[copy.endpoint] = Seen(model, _origin(copy))
        return [seen[endpoint] for endpoint in sorted(seen)]

    def model(self, endpoint: str) -> Seen[Model] | None:
        """Return what was said of one model, else what its preset says, else None."""
        copy = self._cache.read("models", self.addresses.api, endpoint)
        model = read_model(copy.body) if copy else None
        if copy is not None and model is not None and model.endpoint == endpoint:
            return Seen(model, _origin(copy))
        return self._model_of_preset(endpoint) if endpoint in self.presets else None

    def schema(self, endpoint: str) -> SeenSchema | None:
        """Return the kept document, else the snapshot, else None. Raises: BadInput (damaged)."""
        copy = self._cache.read("schemas", self.addresses.schema, endpoint)
        if copy is not None:
            try:
                return read_document(endpoint, copy.body, _origin(copy))
            except BadInput as exc:
                self.note(f"a kept copy is damaged: {exc.message}")
        schema = self._shelf.schema(endpoint)
        if schema is None:
            return None
        return SeenSchema(schema, None, Origin("snapshot", schema.as_of, schema.source))

    def price(self, endpoint: str) -> Seen[UnitPrice] | None:
        """Return the kept unit price, or None."""
        copy = self._cache.read("prices", self.addresses.api, endpoint)
        return Seen(read_price(endpoint, copy.body), _origin(copy)) if copy else None

    def keep(self, kind: Kind, endpoint: str, origin: Origin, body: Any) -> None:
        """Keep an answer for later; that it can not be kept takes nothing from it now."""
        at = datetime.fromisoformat(origin.as_of)
        try:
            self._cache.write(kind, DatedCopy(endpoint, at, origin.source, body))
        except StorageFailed as exc:
            self.note(f"answers are not kept for later: {exc.message}")

    def _read_presets(self) -> Iterator[Preset]:
        for preset_id in self._shelf.ids():
            try:
                preset = self._shelf.read(preset_id)
            except FalExpError as exc:
                self.note(f"a preset is left out: {exc.message}")
                continue
            if preset.provider == "fal":
                yield preset

    def _model_of_preset(self, endpoint: str) -> Seen[Model]:
        """Return what a preset says of its endpoint, dated by the snapshot of its schema."""
        preset = self.presets[endpoint][0]
        model = Model(
            endpoint=endpoint,
            title=preset.title,
            category=preset.task,
            status="deprecated" if preset.status == "retired" else "active",
        )
        try:
            schema = self._shelf.schema(endpoint)
        except BadInput as exc:
            self.note(exc.message)
            schema = None
        as_of = schema.as_of if schema else "no date"
        return Seen(model, Origin("snapshot", as_of, f"preset {preset.id}"))


def read_document(endpoint: str, document: dict[str, Any], origin: Origin) -> SeenSchema:
    """Return the schema in a document. Raises: BadInput when it is not one of this endpoint."""
    day = origin.as_of[:10]
    schema = schema_from_openapi(document, endpoint=endpoint, as_of=day, source=origin.source)
    return SeenSchema(schema, document, origin)


def _origin(copy: DatedCopy) -> Origin:
    return Origin("copy", copy.fetched_at.isoformat(timespec="seconds"), copy.address)
