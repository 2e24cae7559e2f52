"""The script itself: what it may say, what a seed decides, and what outlives a process."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from fal_experiments.core.strict_yaml import load
from fal_experiments.errors import BadInput
from fal_experiments.sandbox.faults import KINDS, NO_FAULTS, fault_json_schema, read_faults
from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import TELLER, Lab, config, script, troubled

BODY = {"prompt": "a lamp"}
COIN = {"do": "rate_limited", "share": 0.5}


def submitted(lab: Lab, count: int, **more: Any) -> list[int]:
    """Return the HTTP statuses of some submits, each of another body."""
    return [lab.post(TELLER, {"prompt": f"{n}"} | more).status_code for n in range(count)]


def test_every_kind_can_be_named_without_parameters() -> None:
    read = script(*({"do": kind} for kind in KINDS))

    assert [fault.do for fault in read.faults] == list(KINDS)
    assert len(KINDS) == 37


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("faults:\n  - do: answer_lots\n", 2, "did you mean answer_lost"),
        ("faults:\n  - share: 1\n", 2, "expected a kind of fault"),
        ("faults:\n  - do: dropped\n    for_s: 3\n", 3, "no such field"),
        ("faults:\n  - do: dropped\n    share: 1.5\n", 3, "less than or equal to 1"),
        ("faults:\n  - do: dropped\n    share: half\n", 3, "expected a number"),
        ("faults:\n  - do: dropped\n    times: 0\n", 3, "greater than or equal to 1"),
        ("faults:\n  - do: status_5xx\n    status: 404\n", 3, "500, 502, 503 or 504"),
        ("faults:\n  - do: ingress_503\n    at: read\n    accepted: true\n", 2, "accepted"),
        ("faults:\n  - do: clock_skew\n    times: 2\n", 3, "no such field"),
        ("seed: -1\nfaults: []\n", 1, "greater than or equal to 0"),
        ("fault: []\n", 1, "did you mean faults"),
        ("faults:\n  - do: stuck\n    for_s: no\n", 3, "no"),
    ],
)
def test_a_bad_script_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_faults(text, "bad.yaml")

    assert f"bad.yaml:{line}" in refusal.value.message
    assert words in refusal.value.message


def test_the_schema_for_editors_knows_every_kind() -> None:
    text = str(fault_json_schema())

    assert all(f"'{kind}'" in text for kind in KINDS)


def test_a_seed_decides_what_is_struck_and_another_seed_decides_otherwise(tmp_path: Path) -> None:
    statuses = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        with SandboxServer(config(tmp_path / name, faults=script(COIN, seed=seed))) as server:
            lab = Lab(server)
            statuses[name] = submitted(lab, 24, num_frames=2)
            lab.close()

    assert statuses["a"] == statuses["b"]
    assert statuses["a"] != statuses["c"]
    assert set(statuses["a"]) == {200, 429}


def test_a_file_is_struck_alike_in_every_run_of_the_same_work(tmp_path: Path) -> None:
    """Its address is another one each time, since request ids are."""
    kinds = {}
    for name in ("a", "b"):
        with troubled(tmp_path / name, {"do": "media_html", "share": 0.5}) as lab:
            urls = [lab.make(TELLER, prompt=f"{n}").json()["video"]["url"] for n in range(6)]
            kinds[name] = [httpx.get(url).headers["content-type"] for url in urls]

    assert kinds["a"] == kinds["b"]


def test_the_first_fault_of_the_list_wins(tmp_path: Path) -> None:
    faults = [{"do": "rate_limited", "times": 1}, {"do": "ingress_503", "times": 1}]
    with troubled(tmp_path, *faults) as lab:
        statuses = [lab.post(TELLER, BODY).status_code for _ in range(3)]

    assert statuses == [429, 503, 200]


def test_a_restarted_server_goes_on_with_the_script_and_its_counts(tmp_path: Path) -> None:
    faults: list[dict[str, Any]] = [
        {"do": "rate_limited", "times": 2},
        {"do": "ingress_503", "first": 3},
    ]
    with troubled(tmp_path, *faults) as lab:
        before = [lab.post(TELLER, BODY).status_code]
    with troubled(tmp_path) as lab:
        kinds = lab.server.faults
        after = [lab.post(TELLER, BODY).status_code for _ in range(2)]
        after.append(lab.make(TELLER, **BODY).status_code)
        stats = lab.server.stats()

    assert kinds == ("rate_limited", "ingress_503")
    assert (before, after) == ([429], [429, 503, 200])
    assert stats.faults == {"rate_limited": 2, "ingress_503": 1}
    assert lab.server.stats() == stats


def test_reads_and_addresses_are_counted_across_a_restart(tmp_path: Path) -> None:
    faults: list[dict[str, Any]] = [{"do": "units_late", "first": 1}, {"do": "media_expired"}]
    with troubled(tmp_path, *faults) as lab:
        ticket = lab.submit(TELLER, BODY)
        first = lab.result(ticket)
    with troubled(tmp_path) as lab:
        second = lab.get(ticket["response_url"])
        dead, live = (answer.json()["video"]["url"] for answer in (first, second))
        statuses = [httpx.get(url).status_code for url in (dead, live)]

    assert "x-fal-billable-units" not in first.headers
    assert second.headers["x-fal-billable-units"] == "1"
    assert statuses == [404, 200]


def test_a_stuck_job_is_stuck_after_a_restart_too(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "stuck", "times": 1}, concurrency=1) as lab:
        ticket, done = lab.submit(TELLER, BODY), lab.make(TELLER, prompt="another")
    with troubled(tmp_path, concurrency=1) as lab:
        lab.make(TELLER, prompt="a third")
        status = lab.get(ticket["status_url"]).json()["status"]

    assert done.status_code == 200
    assert status == "IN_PROGRESS"
    assert lab.server.stats().faults == {"stuck": 1}


def test_a_new_script_takes_the_place_of_the_kept_one(tmp_path: Path) -> None:
    with troubled(tmp_path, {"do": "dropped"}):
        pass
    with SandboxServer(config(tmp_path, faults=NO_FAULTS)) as server:
        assert server.faults == ()
    with troubled(tmp_path) as lab:
        assert lab.make(TELLER, **BODY).status_code == 200

    assert load((tmp_path / "faults.yaml").read_text(), "faults.yaml").data == {"faults": []}


def test_a_kept_script_that_was_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("faults:\n  - do: nothing_of_the_kind\n")

    with pytest.raises(BadInput, match=r"faults\.yaml:2"):
        SandboxServer(config(tmp_path)).start()
