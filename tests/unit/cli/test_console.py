"""Tables fit the terminal and hide nothing."""

import io
import os
import sys

import click
import pytest

from fal_experiments.cli.console import print_table


class Terminal(io.StringIO):
    """A terminal of 40 columns."""

    def isatty(self) -> bool:
        return True


def shown(
    head: list[str],
    row: list[str],
    monkeypatch: pytest.MonkeyPatch,
    right: str = "",
    whole: str = "",
) -> str:
    """Return what a terminal shows of a table of one row."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 24)))
    print_table(head, [row], right=right, whole=whole)
    return click.unstyle(terminal.getvalue())


def test_a_long_cell_takes_several_lines_and_loses_no_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = "duration 5 → 6; resolution 720p → not known before the run"

    text = shown(["cell", "deviations", "cost"], ["a1", long, "$0.27"], monkeypatch, "cost")

    assert all(len(line) <= 40 for line in text.splitlines())
    assert set(long.split()) <= set(text.split())


def test_a_word_that_is_wider_than_its_column_is_broken_and_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = "fal-ai/kling-video/v3/pro/image-to-video-with-a-very-long-name"

    text = shown(["endpoint"], [address], monkeypatch)

    assert text.replace("\n", "") == f"endpoint{address}"


def test_wide_signs_count_for_two_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(["prompt"], ["骑士在原地行走" * 6], monkeypatch).splitlines()

    assert "".join(lines[1:]) == "骑士在原地行走" * 6
    assert all(len(line) <= 20 for line in lines[1:])


def test_without_a_terminal_nothing_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["text"], [["word " * 60]])

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_a_person_copies_is_never_broken_and_the_rest_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = shown(
        ["preset", "note", "successor"],
        ["kling-v3-4k-i2v", "a note that is longer than what is left", "kling-o3-4k"],
        monkeypatch,
        whole="successor",
    )

    assert all(len(line) <= 40 for line in text.splitlines())
    assert "kling-v3-4k-i2v" in text
    assert "kling-o3-4k" in text


def test_a_whole_column_stays_whole_where_the_table_is_then_too_wide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = "fal-ai/kling-video/v3/pro/image-to-video"

    text = shown(["endpoint", "preset"], [endpoint, "kling-v3-pro-i2v"], monkeypatch)

    assert endpoint in text


def test_words_are_kept_as_long_as_the_table_fits_without_breaking_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = shown(
        ["preset", "sound", "price"],
        ["hailuo-fast-i2v", "not stated anywhere", "$0.102 (512p, 6 s)"],
        monkeypatch,
    )

    assert {"stated", "anywhere", "$0.102", "(512p,"} <= set(text.split())


def test_a_broken_word_is_broken_behind_its_own_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(
        ["preset", "task"], ["a-preset-with-a-long-id-i2v", "reference-to-video"], monkeypatch
    )

    assert [line.split()[-1] for line in text.splitlines()[1:]] == ["reference-", "to-video"]
