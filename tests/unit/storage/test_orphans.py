"""`orphans.jsonl` only grows, keeps a line once, and loses no more than a crash cut off."""

from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from fal_experiments.core.usage import UsageLine
from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.storage.layout import Project, Tree
from fal_experiments.storage.orphans import OrphanDecided, OrphanFile

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


def _tree(root: Path) -> Tree:
    return Project(root).tree(sandbox=True)


def _path(root: Path) -> Path:
    return _tree(root).batches / "orphans.jsonl"


def _line(request_id: str, nano_usd: int = 5) -> UsageLine:
    return UsageLine(
        request_id=request_id,
        endpoint="lab/tiny",
        at=AT,
        at_text="2026-12-01T09:00:00.123456789Z",
        nano_usd=nano_usd,
        source="billing-events",
    )


def _said(request_id: str, reason: str) -> OrphanDecided:
    return OrphanDecided(at=AT, request_id=request_id, decision="ignored", reason=reason)


def test_a_line_is_kept_once_however_often_and_from_wherever_it_is_read(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))
    from_file = _line("a").model_copy(update={"source": "bill.csv, line 2"})

    assert orphans.add([_line("a"), _line("b")]) == 2
    before = _path(tmp_path).read_bytes()

    assert orphans.add([_line("b"), from_file]) == 0
    assert _path(tmp_path).read_bytes() == before
    assert {line.request_id for line in orphans.read()[0].values()} == {"a", "b"}


def test_equal_lines_in_one_answer_are_kept_once(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))

    assert orphans.add([_line("a"), _line("a")]) == 1
    assert len(_path(tmp_path).read_bytes().splitlines()) == 1


def test_nothing_seen_leaves_no_file(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))

    assert orphans.add([]) == 0
    assert orphans.read() == ({}, {})
    assert not _path(tmp_path).exists()


def test_the_later_decision_holds_and_the_earlier_one_stays(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))
    orphans.add([_line("a")])

    orphans.decide(_said("a", "Anna"))
    orphans.decide(_said("a", "no, Bela"))

    assert orphans.read()[1]["a"].reason == "no, Bela"
    assert b"Anna" in _path(tmp_path).read_bytes()


def test_a_line_that_a_crash_cut_off_is_set_aside_and_seen_again(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))
    orphans.add([_line("a"), _line("b")])
    path = _path(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])

    assert [line.request_id for line in orphans.read()[0].values()] == ["a"]
    assert orphans.add([_line("a"), _line("b")]) == 1

    assert {line.request_id for line in orphans.read()[0].values()} == {"a", "b"}
    assert path.with_suffix(".torn").exists()


@pytest.mark.parametrize("damage", [b"nonsense\n", b"{}\n", b"\xff\xfe\n"])
def test_other_damage_is_named_by_file_and_line(tmp_path: Path, damage: bytes) -> None:
    orphans = OrphanFile(_tree(tmp_path))
    orphans.add([_line("a")])
    path = _path(tmp_path)
    path.write_bytes(path.read_bytes() + damage)

    with pytest.raises(BadInput, match=r"orphans\.jsonl: line 2"):
        orphans.read()


def _add_many(root: Path, worker: int) -> None:
    for number in range(20):
        OrphanFile(_tree(root)).add([_line(f"{worker}-{number}"), _line("both")])


def test_several_processes_add_at_once_and_every_line_is_whole(tmp_path: Path) -> None:
    context = get_context("spawn")
    workers = [context.Process(target=_add_many, args=(tmp_path, n)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(OrphanFile(_tree(tmp_path)).read()[0]) == 61
    assert len(_path(tmp_path).read_bytes().splitlines()) == 61


def test_no_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.txt"
    target.write_text("")
    _path(tmp_path).parent.mkdir(parents=True)
    _path(tmp_path).symlink_to(target)

    with pytest.raises(StorageFailed, match=r"orphans\.jsonl"):
        OrphanFile(_tree(tmp_path)).add([_line("a")])
    with pytest.raises(StorageFailed, match=r"orphans\.jsonl"):
        OrphanFile(_tree(tmp_path)).read()

    assert target.read_text() == ""


def test_a_charge_that_an_answer_and_a_file_write_in_two_ways_is_one(tmp_path: Path) -> None:
    orphans = OrphanFile(_tree(tmp_path))
    fine = AT.replace(second=7, microsecond=512_345)
    answer = _line("a").model_copy(update={"at": fine, "at_text": fine.isoformat()})
    again = _line("a").model_copy(
        update={"at": fine.replace(second=9), "at_text": fine.replace(second=9).isoformat()}
    )
    cut = fine.replace(microsecond=0)
    file = _line("a").model_copy(update={"at": cut, "at_text": cut.isoformat(), "source": "f.csv"})

    orphans.add([answer, again])
    orphans.add([file])

    known, _ = orphans.read()
    assert [line.source for line in known.values()] == ["billing-events", "f.csv"]
    assert sum(line.nano_usd for line in known.values()) == 10
