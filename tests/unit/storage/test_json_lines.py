"""A file of records survives a torn line, and says which line was damaged otherwise."""

import os
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


@pytest.mark.parametrize("target", ["secret.env", "nowhere"])
def test_a_link_is_refused_and_what_it_leads_to_stays(tmp_path: Path, target: str) -> None:
    secret = tmp_path / "secret.env"
    secret.write_text("FAL_KEY=not-yours")
    path = tmp_path / "batch" / "notes.jsonl"
    path.parent.mkdir()
    path.symlink_to(tmp_path / target)

    for act in (JsonLines(path, Note).read, lambda: JsonLines(path, Note).append(Note(n=1))):
        with pytest.raises(BadInput, match="this is a link"):
            act()

    assert secret.read_text() == "FAL_KEY=not-yours"
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "batch" / "notes.torn").exists()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    os.mkfifo(tmp_path / "pipe.jsonl")

    for name in ("folder.jsonl", "pipe.jsonl"):
        with pytest.raises(BadInput, match="no plain file"):
            JsonLines(tmp_path / name, Note).read()


def test_the_rest_of_a_torn_line_goes_through_no_link(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "notes.jsonl", tmp_path / "elsewhere"
    path.write_text('{"n":1}\n{"n"')
    (tmp_path / "notes.torn").symlink_to(elsewhere)

    with pytest.raises(BadInput, match=r"notes\.torn: this is a link"):
        JsonLines(path, Note).append(Note(n=2))

    assert path.read_text() == '{"n":1}\n{"n"'
    assert not elsewhere.exists()


def test_a_file_over_its_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text('{"n":1}\n' * 4)

    assert len(JsonLines(path, Note, most_bytes=32).read()) == 4
    with pytest.raises(BadInput, match="more than 31 bytes"):
        JsonLines(path, Note, most_bytes=31).read()
