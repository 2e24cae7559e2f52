"""Where the judge is and its key: found as fal's is, refused where it is not safe."""

from pathlib import Path

import pytest

from fal_experiments.app.settings import JudgeAddress, read_judge_address
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project


def read(tmp_path: Path, **environ: str) -> JudgeAddress:
    return read_judge_address(Project(tmp_path), environ=environ, home=tmp_path / "home")


def test_the_key_comes_from_the_environment_or_a_file_and_shows_itself_nowhere(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").write_text("FAL_EXP_JUDGE_KEY=from-file\n")
    url = "https://judge.example/v1/"

    in_file = read(tmp_path, FAL_EXP_JUDGE_URL=url)
    given = read(tmp_path, FAL_EXP_JUDGE_URL=url, FAL_EXP_JUDGE_KEY="from-environment")

    assert in_file.key is not None
    assert given.key is not None
    assert (in_file.key.value, given.key.value) == ("from-file", "from-environment")
    assert given.url == "https://judge.example/v1"
    assert "from-environment" not in repr(given)


def test_the_whole_address_of_the_verb_is_understood_too(tmp_path: Path) -> None:
    url = "http://127.0.0.1:9/v1/chat/completions"

    assert read(tmp_path, FAL_EXP_JUDGE_URL=url) == JudgeAddress("http://127.0.0.1:9/v1", None)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "no judge is set"),
        ({"FAL_EXP_JUDGE_URL": "https://judge.example/v1"}, "no key for the judge"),
        ({"FAL_EXP_JUDGE_URL": "http://judge.example/v1"}, "not an address to send a key to"),
        ({"FAL_EXP_JUDGE_URL": "https://me:pw@judge.example"}, "a password in it"),
        ({"FAL_EXP_JUDGE_URL": "http://[::1]/v1", "FAL_EXP_JUDGE_KEY": "a b"}, "no key has"),
    ],
)
def test_what_is_missing_or_not_safe_is_told(
    environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=said):
        read(tmp_path, **environ)


def test_fals_key_is_never_sent_to_a_judge(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no key for the judge"):
        read(tmp_path, FAL_EXP_JUDGE_URL="https://judge.example/v1", FAL_KEY="fal")
