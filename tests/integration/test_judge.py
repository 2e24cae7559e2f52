"""`fal-exp judge` against a judge on loopback: both orders, its own money, and bad manners."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from fal_experiments.app.batch import open_batch, read_state
from fal_experiments.app.judge_panel import judged_of
from fal_experiments.core.judge_cost import JudgeRow, fold_judge_rows
from fal_experiments.core.report_cell_judge import verdict_lines
from tests import warm
from tests.integration.judge_server import JudgeServer, Manner, Seen, answers, fair, says
from tests.integration.kit import PRESET, Called, bench

KEY = "judge-key-0815-never-on-disk"
MODEL = "toy/judge-1"
LARGER = PRESET | {"id": "tiny-large-i2v", "arguments": {"duration": "1", "resolution": "144p"}}
PRESETS = ["tiny-i2v", "tiny-large-i2v"]
SPEND = ("--usd-per-call", "0.01", "--yes")
CALLS = 8
"""Two prompts, two seeds, one pair of presets, two orders."""


@dataclass(frozen=True)
class Court:
    """A batch with pictures, and a judge."""

    root: Path
    server: JudgeServer

    def call(self, *arguments: str, key: str | None = KEY) -> Called:
        """Run `fal-exp judge`."""
        judge = {"FAL_EXP_JUDGE_URL": self.server.url}
        given = judge | ({"FAL_EXP_JUDGE_KEY": key} if key else {})
        done = warm.call(["judge", *arguments], cwd=self.root, env=given)
        return Called(done.returncode, done.stdout, done.stderr)

    def kill_when_asked(self) -> None:
        """Run it, and kill it while the judge has its first question."""
        children: list[subprocess.Popen[bytes]] = []
        started = threading.Event()

        def kill(_: Seen) -> Response:
            assert started.wait(60)
            children[0].kill()
            return answers("A")

        self.server.manner = kill
        command = [sys.executable, "-m", "fal_experiments", "judge", "--model", MODEL, *SPEND]
        judge = {"FAL_EXP_JUDGE_URL": self.server.url, "FAL_EXP_JUDGE_KEY": KEY}
        child = subprocess.Popen(
            [*command, "--concurrency", "1"],
            cwd=self.root,
            env={**os.environ, **judge},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        children.append(child)
        started.set()
        child.wait(60)

    def judge(self, manner: Manner, *arguments: str) -> Called:
        """Run it with a judge of these manners, for JSON."""
        self.server.manner = manner
        return self.call("--model", MODEL, "--json", *(arguments or SPEND))

    @property
    def batch(self) -> Path:
        """The only batch."""
        (plan,) = (self.root / "experiments").glob("*/*/plan.json")
        return plan.parent

    def ledger(self) -> list[JudgeRow]:
        """The judge's ledger, folded."""
        return fold_judge_rows(JudgeRow.model_validate(row) for row in self.lines())

    def lines(self) -> list[dict[str, Any]]:
        """The judge's ledger, line by line."""
        path = self.root / "experiments" / "fal" / "judge-ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with bench(tmp_path_factory.mktemp("judge"), seeds="1-2", presets=PRESETS) as one:
        (one.root / "presets" / "tiny-large-i2v.yaml").write_text(json.dumps(LARGER))
        ran = one.call("run", "m.yaml", "--yes", "--no-report", "--json")
        assert ran.code == 0, ran.err
        return one.root


@pytest.fixture
def court(made: Path, tmp_path: Path) -> Iterator[Court]:
    root = tmp_path / "project"
    shutil.copytree(made, root)
    with JudgeServer(fair) as server:
        yield Court(root, server)


def test_every_pair_is_asked_in_both_orders_and_the_better_clip_wins(court: Court) -> None:
    done = court.judge(fair)

    assert done.code == 0, done.err
    assert len(court.server.seen) == CALLS
    assert done.json["judged_by"] == f"judged by {MODEL} with rubric v1"
    best, worst = done.json["presets"]
    assert (best["preset"], best["wins"], best["ties"], best["losses"]) == (PRESETS[1], 4, 0, 0)
    assert (worst["preset"], worst["wins"], worst["losses"]) == (PRESETS[0], 0, 4)
    assert (best["agreed"], best["judged"], best["pairs"]) == (4, 4, 4)
    bias = done.json["bias"]
    assert (bias["said_first"], bias["said_second"], bias["stuck_first"]) == (4, 4, 0)
    batch = open_batch("latest", court.root)
    judged = judged_of(batch, read_state(batch)[0])
    said = {cell.at.preset: verdict_lines(cell, judged) for cell in batch.plan.cells}
    assert [(line.value, line.label) for line in said[PRESETS[1]]] == [
        ("won", f"against {PRESETS[0]}, seed 2")
    ]
    assert [line.value for line in said[PRESETS[0]]] == ["lost"]


def test_a_judge_that_always_prefers_a_place_gives_ties_and_is_told_on(court: Court) -> None:
    done = court.judge(lambda _: answers("A"))
    words = court.call("--show")

    assert done.code == 0
    assert [(p["wins"], p["ties"], p["losses"]) for p in done.json["presets"]] == [(0, 4, 0)] * 2
    assert [p["agreed"] for p in done.json["presets"]] == [0, 0]
    assert done.json["bias"] | {"both": 4, "stuck_first": 4} == done.json["bias"]
    assert {pair["verdict"] for pair in done.json["pairs"]} == {"disagreed"}
    assert "position bias: in 4 of 4 pairs the place decided" in words.out
    assert f"judged by {MODEL} with rubric v1" in words.out


def test_the_judge_sees_prompt_input_and_sheets_and_no_name_of_a_model(court: Court) -> None:
    court.judge(fair)

    for seen in court.server.seen:
        assert len(seen.pictures) == 3
        assert '"He walks."' in seen.text or '"He breathes."' in seen.text
        sent = json.dumps(seen.body)
        assert not [name for name in (*PRESETS, "lab/tiny", "kling", "sandbox") if name in sent]
        assert seen.body["model"] == MODEL
        assert seen.headers["authorization"] == f"Bearer {KEY}"


def test_what_was_answered_is_not_asked_again(court: Court) -> None:
    first = court.judge(fair)
    again = court.call("--model", MODEL, "--json", key=None)
    other = court.call("--model", "toy/judge-2", "--json", *SPEND)

    assert again.code == 0, again.err
    assert again.json["presets"] == first.json["presets"]
    assert other.json["judged_by"] == "judged by toy/judge-2 with rubric v1"
    assert len(court.server.seen) == 2 * CALLS
    assert len((court.batch / "judgements.jsonl").read_text().splitlines()) == 2 * CALLS


def test_another_rubric_is_another_question(court: Court) -> None:
    (court.root / "mine.md").write_text("Which one has more blue?")
    court.judge(fair)
    done = court.judge(fair, *SPEND, "--rubric", "mine.md")

    assert done.json["judged_by"].startswith(f"judged by {MODEL} with rubric mine@")
    assert court.server.seen[-1].body["messages"][0]["content"] == "Which one has more blue?"
    assert len(court.server.seen) == 2 * CALLS


def test_the_cost_stands_on_a_ledger_of_its_own(court: Court) -> None:
    tree = court.batch.parent
    before = (tree / "ledger.jsonl").read_bytes(), (tree / "ledger.csv").read_bytes()
    done = court.judge(fair)

    rows = court.ledger()
    assert [row.state for row in rows] == ["answered"] * CALLS
    assert {row.cost_nano_usd for row in rows} == {10_000_000}
    assert {(row.kind, row.sandbox_batch) for row in rows} == {("judge", True)}
    assert done.json["cost"]["now"] == {"calls": 8, "known_nano_usd": 80_000_000, "unknown": 0}
    assert ((tree / "ledger.jsonl").read_bytes(), (tree / "ledger.csv").read_bytes()) == before


def test_a_call_is_on_the_ledger_before_it_leaves(court: Court) -> None:
    lines: list[int] = []

    def look(seen: Seen) -> Response:
        lines.append(sum(line["state"] == "asked" for line in court.lines()))
        return fair(seen)

    court.judge(look, *SPEND, "--concurrency", "1")

    assert lines == list(range(1, CALLS + 1))


def test_a_call_that_was_killed_stays_on_the_ledger_with_unknown_cost(court: Court) -> None:
    court.kill_when_asked()
    (killed,) = court.ledger()
    done = court.judge(fair)

    assert (killed.state, killed.cost_nano_usd, killed.held_nano_usd) == ("asked", None, 10_000_000)
    assert done.code == 0
    assert done.json["cost"]["now"]["calls"] == CALLS
    assert done.json["cost"]["project"] == {
        "calls": CALLS + 1,
        "known_nano_usd": 80_000_000,
        "unknown": 1,
    }


def test_token_prices_make_the_cost_of_each_call_from_its_usage(court: Court) -> None:
    prices = ("--usd-per-million-input", "1.25", "--usd-per-million-output", "10")
    done = court.judge(fair, *prices, "--yes")

    assert {row.cost_nano_usd for row in court.ledger()} == {3_000_000}
    assert "8 calls to toy/judge-1: unknown" in done.err


def test_without_a_price_the_cost_is_unknown_and_never_zero(court: Court) -> None:
    done = court.judge(fair, "--yes")

    assert {row.cost_nano_usd for row in court.ledger()} == {None}
    assert done.json["cost"]["now"] == {"calls": 8, "known_nano_usd": 0, "unknown": 8}


def test_the_cap_is_kept_and_the_rest_can_be_asked_later(court: Court) -> None:
    stopped = court.judge(fair, *SPEND, "--max-usd", "0.05")
    asked = len(court.server.seen)
    rest = court.judge(fair)

    assert (stopped.code, asked) == (3, 5)
    assert stopped.json["cost"]["now"]["known_nano_usd"] == 50_000_000
    assert "the cap is reached" in json.dumps(stopped.json["pairs"])
    assert (rest.code, len(court.server.seen)) == (0, CALLS)


def test_a_cap_over_calls_that_do_not_tell_their_usage_stops_after_one(court: Court) -> None:
    def mute(seen: Seen) -> Response:
        body = json.loads(bytes(fair(seen).body))
        return JSONResponse({"choices": body["choices"]})

    prices = ("--usd-per-million-input", "1", "--usd-per-million-output", "1")
    done = court.judge(mute, *prices, "--max-usd", "1", "--yes")

    assert (done.code, len(court.server.seen)) == (3, 1)
    assert "does not say what a call used" in json.dumps(done.json["pairs"])


@pytest.mark.parametrize(
    "nonsense",
    [
        "A is better.",
        '{"winner": "A"}',
        '{"winner": "C", "reason": "x"}',
        '{"winner": "A", "reason": "x", "also": "ignore the rubric"}',
        'Sure! {"winner": "A", "reason": "x"}',
        "",
    ],
)
def test_nonsense_is_asked_again_a_few_times_and_then_left_unjudged(
    nonsense: str, court: Court
) -> None:
    done = court.judge(lambda _: says(nonsense))

    assert done.code == 1
    assert len(court.server.seen) == 4 * CALLS
    assert {pair["verdict"] for pair in done.json["pairs"]} == {"unjudged"}
    assert all("no answer in 4 tries" in pair["why"] for pair in done.json["pairs"])
    assert [p["judged"] for p in done.json["presets"]] == [0, 0]
    assert done.json["cost"]["now"]["known_nano_usd"] == 4 * CALLS * 10_000_000
    assert not (court.batch / "judgements.jsonl").exists()


def test_an_answer_in_a_fence_after_nonsense_counts(court: Court) -> None:
    def second_time(seen: Seen) -> Response:
        if seen.number % 2:
            return says("hm")
        return says('```json\n{"winner": "tie", "reason": "same"}\n```')

    done = court.judge(second_time, *SPEND, "--concurrency", "1")

    assert done.code == 0
    assert [(p["ties"], p["agreed"]) for p in done.json["presets"]] == [(4, 4), (4, 4)]


def test_a_busy_judge_is_asked_again_and_refusals_cost_nothing(court: Court) -> None:
    def busy_at_first(seen: Seen) -> Response:
        if seen.number <= 2:
            return JSONResponse({"error": {"message": "slow down"}}, 429, {"Retry-After": "0"})
        return fair(seen)

    done = court.judge(busy_at_first)

    assert done.code == 0
    assert sorted(row.state for row in court.ledger()) == ["answered"] * 8 + ["refused"] * 2
    assert done.json["cost"]["now"] == {"calls": 10, "known_nano_usd": 80_000_000, "unknown": 0}


def test_a_broken_judge_may_have_billed_its_errors(court: Court) -> None:
    done = court.judge(
        lambda seen: Response("oops", 500) if seen.number == 1 else fair(seen),
        *SPEND,
        "--concurrency",
        "1",
    )

    assert done.code == 0
    (lost,) = [row for row in court.ledger() if row.state == "lost"]
    assert (lost.cost_nano_usd, lost.held_nano_usd) == (None, 10_000_000)
    assert done.json["cost"]["now"]["unknown"] == 1


@pytest.mark.parametrize("status", [401, 402, 404])
def test_what_every_call_would_be_told_ends_the_asking(status: int, court: Court) -> None:
    done = court.judge(
        lambda _: JSONResponse({"error": {"message": "no such key"}}, status),
        *SPEND,
        "--concurrency",
        "1",
    )

    assert (done.code, len(court.server.seen)) == (1, 1)
    assert f"HTTP {status}: no such key" in done.json["pairs"][0]["why"]


def test_the_key_is_in_no_file_and_no_output_even_when_the_judge_repeats_it(court: Court) -> None:
    def parrot(seen: Seen) -> Response:
        if seen.number == 1:
            return JSONResponse({"error": {"message": f"bad key {KEY}"}}, 429)
        return answers("A", f"The key was {seen.headers['authorization']}.")

    done = court.judge(parrot)
    shown = court.call("--show")

    assert done.code == 0
    assert KEY not in done.out + done.err + shown.out + shown.err
    files = [path for path in court.root.rglob("*") if path.is_file()]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert b"[key]" in (court.batch / "judgements.jsonl").read_bytes()


def test_words_of_a_judge_cannot_write_on_the_terminal(court: Court) -> None:
    court.judge(lambda _: answers("A", "\x1b[2Jfine\u202e\nwinner: B"))
    said = court.call("--show", "--json")

    assert "\\u001b" not in said.out
    assert {a["reason"] for p in said.json[0]["pairs"] for a in p["answers"]} == {
        "[2Jfine winner: B"
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "add --model"),
        (("--model", MODEL), "8 calls to toy/judge-1: unknown, and nobody is here to agree"),
        (
            ("--model", MODEL, "--usd-per-call", "0.01"),
            "$0.08, at most $0.32 with all repeats, and nobody is here to agree",
        ),
        (("--model", MODEL, "--max-usd", "1"), "--max-usd needs a price"),
        (("--model", MODEL, "--usd-per-million-input", "1"), "only one of the two token prices"),
        (
            ("--model", MODEL, "--usd-per-million-input", "1", "--usd-per-call", "1"),
            "two kinds of price",
        ),
    ],
)
def test_bad_input_asks_nothing(arguments: tuple[str, ...], said: str, court: Court) -> None:
    done = court.call(*arguments)

    assert done.code == 2
    assert said in done.err
    assert court.server.seen == []
    assert court.lines() == []


def test_a_clip_without_a_sheet_is_not_judged_and_says_why(court: Court) -> None:
    for sheet in court.batch.glob("cells/*/1/sheet.*"):
        sheet.unlink()

    done = court.judge(fair)

    assert (done.code, court.server.seen) == (1, [])
    assert "has no contact sheet: run `fal-exp render" in done.json["pairs"][0]["why"]
