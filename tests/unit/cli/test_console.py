"""Tables fit the terminal and hide nothing."""

import os
import sys

import click
import pytest

from fal_experiments.cli.console import print_table


@pytest.fixture
def narrow(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 24)))


@pytest.mark.usefixtures("narrow")
def test_a_long_cell_takes_several_lines_and_loses_no_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "duration 5 → 6; resolution 720p → not known before the run"

    print_table(["cell", "deviations", "cost"], [["a1", long, "$0.27"]], right="cost")

    shown = click.unstyle(capsys.readouterr().out)
    assert all(len(line) <= 40 for line in shown.splitlines())
    assert set(long.split()) <= set(shown.split())


@pytest.mark.usefixtures("narrow")
def test_a_word_that_is_wider_than_its_column_is_broken_and_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = "fal-ai/kling-video/v3/pro/image-to-video-with-a-very-long-name"

    print_table(["endpoint"], [[address]])

    assert click.unstyle(capsys.readouterr().out).replace("\n", "") == f"endpoint{address}"


@pytest.mark.usefixtures("narrow")
def test_wide_signs_count_for_two_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["prompt"], [["骑士在原地行走" * 6]])

    lines = click.unstyle(capsys.readouterr().out).splitlines()
    assert "".join(lines[1:]) == "骑士在原地行走" * 6
    assert all(len(line) <= 20 for line in lines[1:])


def test_without_a_terminal_nothing_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["text"], [["word " * 60]])

    assert len(click.unstyle(capsys.readouterr().out).splitlines()) == 2
