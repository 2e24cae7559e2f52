"""A file of records survives a torn line, and says which line was damaged otherwise."""

from pathlib import Path

import pytest

from fal_experiments.core.model import Record
from fal_experiments.errors import BadInput
from fal_experiments.storage.json_lines import JsonLines, alone


class Note(Record):
    """A record for the test."""

    n: int


def test_records_come_back_in_their_order(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "new" / "notes.jsonl", Note)

    assert lines.read() == []
    for n in (3, 1, 2):
        lines.append(Note(n=n))

    assert [note.n for note in lines.read()] == [3, 1, 2]


def test_a_line_that_a_crash_cut_off_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"n":1}\n{"n"')
    lines = JsonLines(path, Note)

    assert [note.n for note in lines.read()] == [1]
    lines.append(Note(n=2))

    assert [note.n for note in lines.read()] == [1, 2]
    assert (tmp_path / "notes.torn").read_text() == '{"n"\n'


def test_other_damage_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"n":1}\n{"n":"x"}\n{"n":3}\n')

    with pytest.raises(BadInput, match=r"notes\.jsonl: line 2"):
        JsonLines(path, Note).read()


def test_a_second_process_is_sent_away(tmp_path: Path) -> None:
    with (
        alone(tmp_path / ".lock", "judging"),
        pytest.raises(BadInput, match="another process is judging now"),
        alone(tmp_path / ".lock", "judging"),
    ):
        raise AssertionError("both are in")
    with alone(tmp_path / ".lock", "judging"):
        pass
