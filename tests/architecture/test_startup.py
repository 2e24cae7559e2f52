"""A command loads only what it needs: start-up is part of the product."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "pyarrow", "httpx", "fal_client", "av", "starlette", "uvicorn", "jinja2", "rich")


def _loaded_by(arguments: list[str], cwd: Path) -> set[str]:
    code = (
        "import sys, contextlib, io\n"
        "from fal_experiments.cli.main import run\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    assert run({arguments!r}) == 0\n"
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=lambda a: a[0])
def test_version_and_help_load_neither_heavy_libraries_nor_pydantic(
    arguments: list[str], tmp_path: Path
) -> None:
    loaded = _loaded_by(arguments, tmp_path)

    assert loaded.isdisjoint({*HEAVY, "pydantic", "yaml"})


def test_plan_loads_no_http_no_decoder_and_no_data_frames(tmp_path: Path) -> None:
    assert _loaded_by(["init", "."], tmp_path)

    loaded = _loaded_by(["plan", "experiments/quickstart.yaml"], tmp_path)

    assert loaded.isdisjoint(HEAVY)
