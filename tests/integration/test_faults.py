"""`fal-exp run --sandbox --faults`: the program meets a bad day, and a resume the same one."""

from pathlib import Path

import pytest

from fal_experiments.sandbox.history import read_stats
from tests import warm
from tests.integration.kit import CELLS, SECONDS, Called, make_project

STORM = """
faults:
  - {do: answer_lost, times: 1}
  - {do: media_truncated, first: 1, times: 1}
"""


def call(root: Path, *arguments: str) -> Called:
    """Run `fal-exp` in a project, with its own embedded sandbox."""
    done = warm.call(arguments, cwd=root, timeout_s=SECONDS)
    return Called(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a script beside its matrix."""
    made = make_project(tmp_path / "project")
    (made / "storm.yaml").write_text(STORM)
    return made


def test_a_lost_answer_is_found_again_and_the_script_outlives_the_run(root: Path) -> None:
    ran = call(root, "run", "m.yaml", "--sandbox", "--faults", "storm.yaml", "--json")
    (state,) = root.glob("experiments/sandbox/*/.sandbox")
    stats = read_stats(state)

    assert ran.code == 0, ran.err
    assert ran.json["summary"]["counts"] == {"done": CELLS}
    assert set(stats.accepted_by_body.values()) == {1}
    assert stats.billed_nano_usd == CELLS * 10_000_000
    assert stats.faults == {"answer_lost": 1, "media_truncated": 1}

    call(root, "resume", "latest", "--json")

    assert (state / "faults.yaml").read_text() == STORM
    assert read_stats(state).faults == stats.faults
    assert read_stats(state).accepted == CELLS


def test_faults_without_the_sandbox_are_refused(root: Path) -> None:
    refused = call(root, "run", "m.yaml", "--faults", "storm.yaml")

    assert refused.code == 2
    assert "--sandbox" in refused.err
    assert not list(root.glob("experiments/*/*"))


def test_a_bad_script_is_refused_before_anything_is_made(root: Path) -> None:
    (root / "storm.yaml").write_text("faults:\n  - do: answer_lots\n")

    refused = call(root, "run", "m.yaml", "--sandbox", "--faults", "storm.yaml")

    assert refused.code == 2
    assert "storm.yaml:2" in refused.err
    assert not list(root.glob("experiments/sandbox/*/plan.json"))
