"""A disk that fills up, or turns read-only, in mid-run: told clearly, and nothing is lost."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kit import CELLS, Bench, bench

QUIET = ("--no-render", "--no-report", "--json")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 2 MB on it: the only honest way to fill a disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mount = [*sudo, "mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run([*sudo, "umount", "-l", str(folder)], check=True)


def _fill(disk: Path, leave_bytes: int) -> Path:
    ballast = disk / "ballast"
    size = shutil.disk_usage(disk).free - leave_bytes
    ballast.write_bytes(b"x" * max(size, 0))
    return ballast


def _put_project_on(made: Bench, disk: Path) -> Bench:
    root = disk / "project"
    shutil.move(made.root, root)
    return Bench(root, made.sandbox, made.gate)


def test_a_disk_that_is_full_before_the_run_stops_it_before_anything_is_submitted(
    tmp_path: Path, small_disk: Path
) -> None:
    with bench(tmp_path) as elsewhere:
        made = _put_project_on(elsewhere, small_disk)
        _fill(small_disk, 0)

        called = made.call("run", "m.yaml", *QUIET)

        assert called.code == 2
        assert "nothing was submitted" in called.json["error"]["message"]
        assert "No space left on device" in called.json["error"]["message"]
        assert made.posts() == 0


def test_a_disk_that_fills_up_in_mid_run_loses_nothing_and_a_resume_finishes(
    tmp_path: Path, small_disk: Path
) -> None:
    with bench(tmp_path, seeds="1-20") as elsewhere:
        cells = CELLS // 3 * 20
        made = _put_project_on(elsewhere, small_disk)
        ballast = _fill(small_disk, 400_000)

        called = made.call("run", "m.yaml", *QUIET, "--concurrency", "4")
        posted = made.posts()
        ballast.unlink()

        assert called.code == 1
        assert "fal-exp resume" in called.json["error"]["fix"]
        assert 0 < posted < cells
        kept = {e.cell for e in made.events() if e.type == "submit_accepted"}
        assert len(kept) == posted

        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.out + resumed.err
        assert resumed.json["summary"]["counts"] == {"done": cells}
        assert made.posts() == cells
        billed = made.sandbox.stats().billed_nano_usd
        assert resumed.json["summary"]["money"]["metered_nano_usd"] == billed
