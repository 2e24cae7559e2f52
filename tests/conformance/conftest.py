"""The official SDK, pointed at a sandbox by the only means that it leaves: its module globals."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import fal_client
import fal_client.client
import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import config

KEY = "sandbox:local"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """A sandbox that works as fast as it can."""
    with SandboxServer(config(tmp_path_factory.mktemp("sandbox"))) as server:
        yield server


@pytest.fixture
def stalled(tmp_path: Path) -> Iterator[SandboxServer]:
    """A sandbox in which every queued job waits for hours."""
    with SandboxServer(config(tmp_path, time_scale=10_000)) as server:
        yield server


@pytest.fixture
def point_sdk(monkeypatch: pytest.MonkeyPatch) -> "PointSdk":
    """Return what sends the SDK to a sandbox for the length of a test."""
    return PointSdk(monkeypatch)


class PointSdk:
    """Sets fal_client's addresses (references/fal-platform.md 1.4)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, server: SandboxServer) -> None:
        """Send every later call to this server."""
        urls = server.urls
        for name, value in (
            ("QUEUE_URL_FORMAT", f"{urls.queue}/"),
            ("RUN_URL_FORMAT", f"{urls.run}/"),
            ("REST_URL", urls.rest),
            ("CDN_URL", urls.cdn),
        ):
            self._monkeypatch.setattr(fal_client.client, name, value)


@asynccontextmanager
async def async_client(key: str = KEY) -> AsyncIterator[fal_client.AsyncClient]:
    """Yield a client, and close the connections that the SDK itself would leave open."""
    client = fal_client.AsyncClient(key=key)
    try:
        yield client
    finally:
        http = await client._client
        await http.aclose()


@contextmanager
def sync_client(key: str = KEY) -> Iterator[fal_client.SyncClient]:
    """Yield a client, and close the connections that the SDK itself would leave open."""
    with ExitStack() as connections:

        class Client(fal_client.SyncClient):
            def _get_cdn_client(self) -> httpx.Client:
                return connections.enter_context(super()._get_cdn_client())

        client = Client(key=key)
        yield client
        client._client.close()
