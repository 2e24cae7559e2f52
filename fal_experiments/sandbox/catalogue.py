"""Which endpoints the sandbox knows, and how a model id is read from a path."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fal_experiments.core.preset import Preset
from fal_experiments.core.schema import EndpointSchema

_REROUTED = re.compile(r"\bre-?routed\b", re.IGNORECASE)
_THREE_SEGMENTS = frozenset({"workflows", "comfy"})
"""Namespaces whose app id has three segments (references/fal-platform.md 2.1)."""


@dataclass(frozen=True)
class CataloguedEndpoint:
    """What the sandbox is told of an endpoint. Without a schema every body is taken as valid."""

    preset: Preset
    schema: EndpointSchema | None


class QueuePath(NamedTuple):
    """A path below the queue's host: a model id, or a request of an app."""

    app: str
    """`owner/app`, or `workflows/owner/name`."""
    sub_path: str
    """What follows the app: `v3/pro/image-to-video`, or nothing."""
    request_id: str | None = None
    action: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """The model id."""
        return f"{self.app}/{self.sub_path}" if self.sub_path else self.app


def read_path(path: str) -> QueuePath | None:
    """Return what a path asks for, None when it is no model id. A trailing slash is ignored."""
    parts = path.strip("/").split("/")
    size = 3 if parts[0] in _THREE_SEGMENTS else 2
    if len(parts) < size or not all(parts) or ".." in parts:
        return None
    app, rest = "/".join(parts[:size]), parts[size:]
    if "requests" not in rest:
        return QueuePath(app, "/".join(rest))
    at = rest.index("requests")
    if at + 1 >= len(rest):
        return None
    return QueuePath(app, "/".join(rest[:at]), rest[at + 1], tuple(rest[at + 2 :]))


class Catalogue:
    """The endpoints, by id, and the apps that they belong to."""

    def __init__(self, endpoints: Mapping[str, CataloguedEndpoint]) -> None:
        self._endpoints = dict(sorted(endpoints.items()))
        self._apps = {path.app for path in map(read_path, endpoints) if path}

    def __iter__(self) -> Iterator[tuple[str, CataloguedEndpoint]]:
        return iter(self._endpoints.items())

    def get(self, endpoint: str) -> CataloguedEndpoint | None:
        """Return an endpoint by its exact id."""
        return self._endpoints.get(endpoint)

    def serving(self, endpoint: str) -> CataloguedEndpoint | None:
        """Return what answers the requests for an id, None where its path is dead.

        A retired endpoint is dead unless its preset says that it is re-routed: then its successor
        serves it, with the successor's own fields (references/presets-notes.md 1, 2). A request
        stays on the queue of its app, so a successor of another app is advice, not a route.
        """
        named = self._endpoints.get(endpoint)
        if named is None or named.preset.status == "current":
            return named
        preset = named.preset
        if preset.successor is None or not _REROUTED.search(preset.status_note):
            return None
        by_id = (e for e in self._endpoints.values() if e.preset.id == preset.successor)
        successor = next(by_id, None)
        if successor is None or successor.preset.status != "current":
            return None
        routes = [read_path(name) for name in (endpoint, successor.preset.endpoint)]
        return successor if len({route.app for route in routes if route}) == 1 else None

    def knows_app(self, app: str) -> bool:
        """Tell whether the queue takes requests for this app, whatever the sub-path."""
        return app in self._apps
