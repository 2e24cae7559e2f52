"""Keys are found in a fixed order and never shown; addresses are safe or refused."""

from pathlib import Path

import pytest

from fal_experiments.app.settings import Settings, read_settings
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project


def _read(tmp_path: Path, environ: dict[str, str] | None = None) -> Settings:
    project = Project(tmp_path / "project")
    project.root.mkdir(exist_ok=True)
    return read_settings(project, environ=environ or {}, home=tmp_path / "home")


def _env_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_environment_wins_over_project_home_and_aivp(tmp_path: Path) -> None:
    _env_file(tmp_path / "home" / ".aivp" / ".env", "FAL_KEY=aivp\n")
    assert _read(tmp_path).require_key().value == "aivp"
    _env_file(tmp_path / "home" / ".env", "FAL_KEY=home\n")
    assert _read(tmp_path).require_key().value == "home"
    _env_file(tmp_path / "project" / ".env", "FAL_KEY='pro$ject'\n")
    assert _read(tmp_path).require_key().value == "pro$ject"
    assert _read(tmp_path, {"FAL_KEY": "env"}).require_key().value == "env"


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        ({"FAL_API_KEY": "a"}, "a"),
        ({"FAL_KEY_ID": "i", "FAL_KEY_SECRET": "s"}, "i:s"),
        ({"FAL_KEY": "k", "FAL_API_KEY": "a"}, "k"),
        ({"FAL_KEY": " k "}, "k"),
    ],
)
def test_every_name_of_a_key_is_known(tmp_path: Path, environ: dict[str, str], value: str) -> None:
    assert _read(tmp_path, environ).require_key().value == value


def test_no_key_says_where_one_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _read(tmp_path, {"FAL_KEY_ID": "only half"}).require_key()

    assert "FAL_KEY" in caught.value.message
    assert "--sandbox" in caught.value.fix


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    assert "s3cret" not in repr(_read(tmp_path, {"FAL_KEY": "s3cret"}))


def test_a_key_with_a_line_break_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _read(tmp_path, {"FAL_KEY": "s3cret\nX: y"})

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://proxy.example/q/", "http://127.0.0.1:8080", "http://localhost:1/x"]
)
def test_https_and_loopback_addresses_are_taken_without_a_final_slash(
    tmp_path: Path, url: str
) -> None:
    assert _read(tmp_path, {"FAL_EXP_QUEUE_URL": url}).urls == {"queue": url.rstrip("/")}


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://x", "queue.fal.run", "https://user:pw@x.com", "http://10.0.0.1"]
)  # fmt: skip
def test_an_address_that_would_show_the_key_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput, match="FAL_EXP_API_URL"):
        _read(tmp_path, {"FAL_EXP_API_URL": url})
