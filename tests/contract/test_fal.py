"""fal's adapter against fal's protocol."""

from collections.abc import Iterator

import pytest

from fal_experiments.core.ports import Context, QueueWishes
from fal_experiments.providers.registry import connect as connect_provider
from fal_experiments.sandbox.server import SandboxServer
from tests.contract.provider_contract import Connect, ProviderContract, closing
from tests.contract.scripted import InstantClock
from tests.sandbox.lab import TELLER, config


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with SandboxServer(config(tmp_path_factory.mktemp("fal"))) as server:
        yield server


class TestFal(ProviderContract):
    endpoint = TELLER
    arguments = {"prompt": "a castle", "duration": "1", "resolution": "72p"}

    @pytest.fixture
    def connect(self, sandbox: SandboxServer) -> Connect:
        urls = sandbox.urls
        addresses = {"queue": urls.queue, "rest": urls.rest, "cdn": urls.cdn, "api": urls.api}

        def connect(key: str = sandbox.key) -> object:
            context = Context(key, addresses, InstantClock(), QueueWishes())
            return closing(connect_provider("fal", context))

        return connect  # type: ignore[return-value]
