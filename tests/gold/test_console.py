"""The whole of what the console says, as a person sees it: output is designed, so it is kept."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.kit import make_project

GOLD = Path(__file__).parent
ROOT = GOLD.parents[1]
CASES = {
    "help": ["--help"],
    "run-help": ["run", "--help"],
    "plan": ["plan", "m.yaml"],
    "plan-left-out": ["plan", "odd.yaml"],
    "fairness": ["plan", "experiments/twelve-models.yaml", "--fairness"],
    "presets-show": ["presets", "show", "kling-v3-pro-i2v"],
    "error": ["plan", "broken.yaml"],
}
ODD = """\
name: odd
task: image-to-video
prompts: [{id: walk, text: He walks.}]
presets: [tiny-i2v]
inputs: [{id: plate, image: plate.png}]
axes: {resolution: [72p, 144p, 100p]}
exclude: [{resolution: 144p, reason: too dear}]
budget: {max_usd: 0.50, warn_usd: 0.01}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("gold") / "project")
    (root / "odd.yaml").write_text(ODD)
    (root / "broken.yaml").write_text(ODD.replace("tiny-i2v", "tiny").replace("axes", "axis"))
    shutil.copytree(ROOT / "experiments" / "assets", root / "experiments" / "assets")
    shutil.copy(ROOT / "experiments" / "twelve-models.yaml", root / "experiments")
    return root


@pytest.mark.parametrize("case", CASES)
def test_the_console_says(case: str, project: Path) -> None:
    """Set FAL_EXP_WRITE_GOLD=1 to accept what it says now, and look at the diff."""
    done = subprocess.run(
        [sys.executable, "-m", "fal_experiments", *CASES[case]],
        cwd=project,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{done.stdout}{done.stderr}exit code {done.returncode}\n"
    said = said.replace(str(ROOT), "<root>")
    gold = GOLD / f"{case}.txt"
    if os.environ.get("FAL_EXP_WRITE_GOLD"):
        gold.write_text(said)

    assert said == gold.read_text()
