"""Who speaks which idiom, and which words of a prompt a preset gets."""

import pytest

from fal_experiments.core.idioms import (
    HAILUO_COMMANDS,
    IDIOMS,
    Idiom,
    hailuo_command,
    idiom_of,
    idiom_of_dialect,
    nearest_command,
)
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_lint import lint_alone
from tests.unit.core.materials import preset


@pytest.mark.parametrize(
    ("family", "idiom"),
    [
        ("seedance", "seedance"),
        ("kling", "kling"),
        ("veo", "veo"),
        ("hailuo", "hailuo"),
        ("minimax", "hailuo"),
        ("wan", "plain"),
        ("ltx", "plain"),
        ("happy-horse", "plain"),
        ("grok", "plain"),
    ],
)
def test_a_family_has_its_idiom(family: str, idiom: str) -> None:
    assert idiom_of(preset("p", family=family)).id == idiom
    assert idiom_of_dialect(family).id == idiom


def test_a_preset_may_speak_another_idiom_than_its_family() -> None:
    assert idiom_of(preset("h3", family="minimax", dialect="plain")).id == "plain"


def test_a_preset_without_bracket_commands_is_not_told_those_of_its_family() -> None:
    prompt = Prompt(id="p", text="Plain.", dialects={"minimax": "[Shake]", "hailuo": "[Shake]"})

    assert _words(prompt, preset("h3", family="minimax", dialect="plain")) == "Plain."


def test_words_for_an_idiom_reach_every_family_that_speaks_it() -> None:
    prompt = Prompt(id="p", text="Plain.", dialects={"hailuo": "[Shake]"})

    assert _words(prompt, preset("video-01", family="minimax")) == "[Shake]"


def test_words_for_a_preset_go_before_those_for_its_family() -> None:
    prompt = Prompt(id="p", text="Plain.", dialects={"kling": "family", "kling-v3": "own"})

    assert _words(prompt, preset("kling-v3", family="kling")) == "own"


@pytest.mark.parametrize("command", HAILUO_COMMANDS)
def test_a_command_is_known_however_it_is_capitalised(command: str) -> None:
    assert hailuo_command(command.upper()) == command


def test_what_is_nearly_a_command_names_the_command() -> None:
    assert hailuo_command("Pan lft") is None
    assert nearest_command("Pan lft") == "; did you mean Pan left?"


@pytest.mark.parametrize("idiom", IDIOMS.values(), ids=lambda idiom: idiom.id)
def test_the_example_of_an_idiom_passes_its_own_lint(idiom: Idiom) -> None:
    prompt = Prompt(id="example", text="A hill.", dialects={idiom.id: idiom.example})

    assert lint_alone(prompt) == ()


def _words(prompt: Prompt, reader: Preset) -> str | None:
    worded = prompt.for_preset(reader)
    return worded.text if worded else None
