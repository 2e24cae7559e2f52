"""The import contracts of pyproject.toml hold, and core stays pure."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fal_experiments"
CORE = [*sorted((PACKAGE / "core").glob("*.py")), PACKAGE / "errors.py"]
LINT = """
import sys
from importlinter.cli import lint_imports_command
sys.argv = ["lint-imports", "--no-cache"]
lint_imports_command()
"""
IMPURE_CALLS = {
    "open",
    "print",
    "input",
    "exec",
    "eval",
    "now",
    "utcnow",
    "today",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "unlink",
    "mkdir",
    "getenv",
    "cwd",
    "home",
    "exists",
    "is_file",
    "is_dir",
    "stat",
    "glob",
}


def test_every_import_contract_is_kept() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            LINT,
        ],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_core_calls_nothing_that_reads_a_file_a_clock_or_the_environment(path: Path) -> None:
    found = [
        f"{path.name}:{node.lineno}: {name}()"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and (name := _called(node)) in IMPURE_CALLS
    ]

    assert found == []


def test_the_purity_check_sees_a_planted_breach() -> None:
    planted = ast.parse("from datetime import datetime\nat = datetime.now()\nopen('x')")

    calls = {_called(node) for node in ast.walk(planted) if isinstance(node, ast.Call)}

    assert calls == {"now", "open"}


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
