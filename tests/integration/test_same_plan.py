"""Same input, same plan: byte for byte, whatever the machine, the folder and the locale."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SURROUNDINGS = {
    "another hash seed": {"PYTHONHASHSEED": "4711"},
    "another locale": {"LC_ALL": "C", "PYTHONUTF8": "1"},
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "a key in the environment": {"FAL_KEY": "some:key"},
}


def _plan(cwd: Path, matrix: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "fal_experiments", "plan", matrix, "--json"],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("case", SURROUNDINGS)
def test_the_plan_does_not_depend_on(project: Path, case: str) -> None:
    matrix = "experiments/quickstart.yaml"

    assert _plan(project, matrix, **SURROUNDINGS[case]) == _plan(project, matrix)


def test_the_plan_names_no_folder_of_the_machine(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "somewhere" / "else"
    shutil.copytree(project, elsewhere)

    here, there = (_plan(root, "experiments/quickstart.yaml") for root in (project, elsewhere))

    assert here == there
    assert str(tmp_path) not in here


def test_the_plan_is_the_same_from_a_folder_below_the_root(project: Path) -> None:
    below = project / "experiments"

    assert _plan(below, "quickstart.yaml") == _plan(project, "experiments/quickstart.yaml")
