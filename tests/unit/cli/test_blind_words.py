"""What the words after `fal-exp blind` mean."""

from typing import Any

import pytest
from click.testing import CliRunner

from fal_experiments.app.blind import BlindRequest
from fal_experiments.cli import blind
from fal_experiments.errors import BadInput


@pytest.mark.parametrize(
    ("words", "batch", "prompts"),
    [
        (["knight"], "knight", ()),
        (["make", "knight"], "knight", ()),
        (["--prompt", "walk"], "latest", ("walk",)),
        (["--prompt", "walk", "knight"], "knight", ("walk",)),
        (["knight", "--prompt", "walk"], "knight", ("walk",)),
    ],
    ids=" ".join,
)
def test_a_test_is_made_of_a_batch_or_the_latest_with_options_before_or_after_it(
    monkeypatch: pytest.MonkeyPatch, words: list[str], batch: str, prompts: tuple[str, ...]
) -> None:
    asked: list[BlindRequest] = []

    def make(request: BlindRequest, *_: Any) -> None:
        asked.append(request)
        raise BadInput("asked enough")

    monkeypatch.setattr(blind, "make_blind", make)

    said = CliRunner().invoke(blind.command, words)

    assert isinstance(said.exception, BadInput), said.output
    assert [(each.batch, tuple(each.filters.prompts)) for each in asked] == [(batch, prompts)]


def test_help_of_the_group_names_its_commands() -> None:
    said = CliRunner().invoke(blind.command, ["--help"])

    assert said.exit_code == 0
    assert "import" in said.output
