"""Files that are gone or are no files, and readers that go away: told in words, nothing bought."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.kit import CELLS, QUIET, SECONDS, Bench, bench, make_matrix

CENT = 10_000_000


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_without_its_log_a_batch_is_refused_and_nothing_is_bought_again(
    tmp_path: Path, how: str
) -> None:
    with bench(tmp_path, seeds="1") as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        log = made.batch() / "events.jsonl"
        kept = log.read_bytes()
        if how == "deleted":
            log.unlink()
        else:
            log.write_bytes(b"")

        for command in ("resume", "status", "cancel", "report"):
            refused = made.call(command, "latest", "--json")
            assert refused.code == 2, command
            assert "the log is missing or empty" in refused.json["error"]["message"]
        assert made.posts() == 2

        log.write_bytes(kept)
        assert made.call("resume", "latest", *QUIET).code == 0
        assert made.posts() == 2


def test_a_damaged_line_in_the_middle_of_a_log_is_named_and_nothing_is_changed(
    tmp_path: Path,
) -> None:
    with bench(tmp_path, seeds="1") as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        log = made.batch() / "events.jsonl"
        lines = log.read_bytes().splitlines(keepends=True)
        damaged = b"".join([*lines[:3], b"{}\n", *lines[4:]])
        log.write_bytes(damaged)

        refused = made.call("resume", "latest", "--json")

        assert refused.code == 2
        assert "events.jsonl:4: not an event of a log" in refused.json["error"]["message"]
        assert log.read_bytes() == damaged
        assert made.posts() == 2


def _read_one_line(made: Bench, *arguments: str) -> int:
    """Return the exit code of `fal-exp … 2>&1 | head -1`."""
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-m", "fal_experiments", *arguments],
        cwd=made.root,
        env={**os.environ, **made.environment()},
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=writer,
    )
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert lines.readline()
    return child.wait(timeout=SECONDS)


def test_a_run_outlives_the_reader_of_its_progress(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        assert _read_one_line(made, "run", "m.yaml", "--no-render") == 0

        assert made.cells() == dict.fromkeys(made.cells(), "done")
        assert made.posts() == CELLS
        assert made.events()[-1].type == "batch_finished"
        assert (made.batch() / "report" / "index.html").exists()


def test_the_exit_code_tells_what_nobody_reads_any_more(tmp_path: Path) -> None:
    with bench(tmp_path, budget={"max_usd": "0.04"}) as made:
        assert _read_one_line(made, "run", "m.yaml", "--no-render", "--no-report") == 3


def test_a_clip_that_was_deleted_is_fetched_again_and_not_made_again(tmp_path: Path) -> None:
    with bench(tmp_path, seeds="1") as made:
        assert made.call("run", "m.yaml", *QUIET).code == 0
        deleted, kept = sorted(made.batch().glob("cells/*/1/clip.mp4"))
        content = deleted.read_bytes()
        deleted.unlink()

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.err
        assert deleted.read_bytes() == content
        assert kept.exists()
        assert made.posts() == 2
        money = resumed.json["summary"]["money"]
        assert money["metered_nano_usd"] == made.sandbox.stats().billed_nano_usd == 2 * CENT


@pytest.mark.parametrize("what", ["matrix", "prompt", "input", "faults"])
def test_a_pipe_where_a_file_should_be_is_refused_and_never_waited_for(
    tmp_path: Path, what: str
) -> None:
    with bench(tmp_path) as made:
        os.mkfifo(made.root / "pipe.png")
        arguments = ["run", "m.yaml", *QUIET]
        if what == "matrix":
            arguments[1] = "pipe.png"
        elif what == "prompt":
            arguments[1] = make_matrix(made.root, "odd", prompts=[{"file": "pipe.png"}])
        elif what == "input":
            inputs = [{"id": "plate", "image": "pipe.png"}]
            arguments[1] = make_matrix(made.root, "odd", inputs=inputs)
        else:
            arguments += ["--sandbox", "--faults", "pipe.png"]

        refused = made.call(*arguments)

        assert refused.code == 2, refused.err
        assert "not a regular file" in refused.json["error"]["message"]
        assert made.posts() == 0
        assert not list(made.root.glob("experiments/*/*/plan.json"))
