"""Sandboxes that many tests share, since starting one costs more than asking it."""

from collections.abc import Iterator

import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import Lab, config
from tests.sandbox.studio import STUDIO


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A sandbox that works as fast as it can."""
    with SandboxServer(config(tmp_path_factory.mktemp("lab"))) as server:
        lab = Lab(server)
        yield lab
        lab.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A sandbox of endpoints that take files of every kind."""
    folder = tmp_path_factory.mktemp("studio")
    with SandboxServer(config(folder, catalogue=STUDIO)) as server:
        lab = Lab(server)
        yield lab
        lab.close()


@pytest.fixture
def stalled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A sandbox in which every queued job waits for hours; `run` still starts at once."""
    with SandboxServer(config(tmp_path_factory.mktemp("stalled"), time_scale=10_000)) as server:
        lab = Lab(server)
        yield lab
        lab.close()
