"""The question before real money is spent, as a person at a terminal meets it."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.kit import SECONDS, Bench, bench, make_matrix
from tests.warm import FAL_EXP

QUESTION = "Spend up to $"
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _ask(made: Bench, matrix: str, answer: str) -> tuple[str, int]:
    """Run on a terminal, answer the question; returns all that was shown, and the exit code."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, *FAL_EXP, "run", matrix, "--no-render", "--no-report"],
        cwd=made.root,
        env={**os.environ, **made.environment(), "TERM": "xterm", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    made.children.append(child)  # type: ignore[arg-type]  # bytes here, text there: both end
    shown, answered = b"", False
    while chunk := _read(ours):
        shown += chunk
        if not answered and QUESTION.encode() in shown:
            os.write(ours, f"{answer}\n".encode())
            answered = True
    os.close(ours)
    assert answered, shown.decode()
    return _COLOURS.sub("", shown.decode()), child.wait(SECONDS)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says EIO where the other end of a terminal is closed
        return b""


def test_the_question_names_the_dearest_cells_and_what_would_be_cheaper(tmp_path: Path) -> None:
    budget = {"max_usd": "0.09", "warn_usd": "0.05"}
    hold = {"duration": 1, "resolution": "72p"}
    with bench(tmp_path) as made:
        made.gate.hide_the_sandbox = True
        matrix = make_matrix(made.root, "asks", seeds="1-4", budget=budget, hold=hold)

        shown, code = _ask(made, matrix, "n")

        assert code == 2
        assert made.posts() == 0
        assert "expected" in shown
        assert "This may cost more than warn_usd 0.05" in shown
        assert "At their worst 4 cells fit the cap, and 4 would be left" in shown
        dearest = shown.split("The dearest cells:")[1].split("What would make it cheaper:")[0]
        assert len(re.findall(r"^  \$0\.02 at most ", dearest, re.MULTILINE)) == 3
        assert "seeds: 2 of 4" in shown
        assert "Spend up to $0.09? [y/N]: " in shown, "no bars stand in the way of the question"
        assert "nothing was submitted" in shown
        assert not list(made.root.glob("experiments/*/2*")), "a no leaves no batch behind"


@pytest.mark.parametrize("answer", ["y", "yes"])
def test_only_a_yes_spends(tmp_path: Path, answer: str) -> None:
    with bench(tmp_path) as made:
        made.gate.hide_the_sandbox = True

        shown, code = _ask(made, make_matrix(made.root, "asks", seeds=1), answer)

        assert code == 0, shown
        assert made.posts() > 0
