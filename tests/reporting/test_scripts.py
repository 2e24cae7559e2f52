"""The pure functions of the report's scripts, run by Node's own test runner."""

import shutil
import subprocess
from pathlib import Path

TESTS = sorted((Path(__file__).parent / "js").glob("*.test.js"))


def test_the_scripts_pass_their_own_tests() -> None:
    node = shutil.which("node")
    assert node, "Node.js 20 or newer is needed to test the report's scripts: install `nodejs`"
    assert TESTS
    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", *map(str, TESTS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
