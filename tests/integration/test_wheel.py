"""An installed wheel works from any empty folder: presets and the quickstart travel inside it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MATRIX = """\
name: one cell
task: image-to-video
prompts: [{id: walk, text: He walks.}]
presets: [hailuo-02-standard-i2v]
inputs: [{id: plate, image: experiments/assets/knight-east-1280x720.png}]
hold: {resolution: 512p}
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Build the wheel, install it alone into a folder, and run the program from there."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    quiet = {**os.environ, "PIP_NO_INDEX": "1"}
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True, env=quiet)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    install = [*pip, "install", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, env=quiet)

    def run(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(target)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_is_the_wheel_that_runs_and_it_brings_its_presets(
    installed: Run, tmp_path: Path
) -> None:
    where = installed("-c", "import fal_experiments; print(fal_experiments.__file__)", cwd=tmp_path)
    presets = installed("-m", "fal_experiments", "presets", "list", "--json", cwd=tmp_path)

    assert "/site/fal_experiments/" in where.stdout
    brought = {preset["id"] for preset in json.loads(presets.stdout)}
    assert brought == {path.stem for path in (ROOT / "presets").glob("*.yaml")}


def test_init_plan_and_run_from_an_empty_folder(installed: Run, tmp_path: Path) -> None:
    fal_exp = ("-m", "fal_experiments")

    assert installed(*fal_exp, "init", "my-project", cwd=tmp_path).returncode == 0
    project = tmp_path / "my-project"
    plan = installed(*fal_exp, "plan", "experiments/quickstart.yaml", "--json", cwd=project)
    assert len(json.loads(plan.stdout)["cells"]) == 14
    (project / "experiments" / "one.yaml").write_text(MATRIX)
    ran = installed(*fal_exp, "run", "experiments/one.yaml", "--sandbox", "--json", cwd=project)

    assert ran.returncode == 0, ran.stderr
    done = json.loads(ran.stdout)
    assert done["summary"]["counts"] == {"done": 1}
    assert Path(done["paths"]["report"]).exists()


def test_init_never_replaces_a_file(installed: Run, tmp_path: Path) -> None:
    mine = tmp_path / "prompts" / "idle.md"
    mine.parent.mkdir()
    mine.write_text("mine")

    refused = installed("-m", "fal_experiments", "init", ".", cwd=tmp_path)

    assert refused.returncode == 2
    assert "exists already; nothing was changed" in refused.stderr
    assert mine.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["prompts"]
