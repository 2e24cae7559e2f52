"""What all tests share: a project in an empty folder, and no key of the person who runs them."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from fal_experiments.app.init import init

SECRET_VARIABLES = (
    "FAL_KEY", "FAL_API_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "FAL_ADMIN_KEY",
    "FAL_EXP_JUDGE_KEY",
)  # fmt: skip
URL_VARIABLES = ("QUEUE", "RUN", "REST", "CDN", "API", "SCHEMA", "JUDGE")

# how long an example takes says something of the machine, not of the program
settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")


@pytest.fixture(autouse=True)
def _no_keys_and_no_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Tests never see the keys, addresses or .env files of this machine."""
    for name in SECRET_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in URL_VARIABLES:
        monkeypatch.delenv(f"FAL_EXP_{name}_URL", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh project with the quickstart in it."""
    folder = tmp_path / "project"
    init(folder)
    return folder
