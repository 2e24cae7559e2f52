"""A disk that fills up, or turns read-only, in mid-run: told clearly, and nothing is lost."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kit import CELLS, QUIET, SECONDS, Bench, bench, resume_by_hand, wait_for

SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 2 MB on it: the only honest way to fill a disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = [*SUDO, "mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run([*SUDO, "umount", "-l", str(folder)], check=True)


class RealDisk:
    """A file system of its own, with a journal, that can fail as a disk does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._image = folder.with_suffix(".img")

    def format(self) -> None:
        """Make it, and mount it."""
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(32 * 2**20)
        subprocess.run([*SUDO, "mkfs.ext4", "-q", str(self._image)], check=True)
        self._mount()

    def turn_read_only(self) -> None:
        """Fail as with an I/O error: from now on nothing is written, not even by open files.

        What was not synced by then is lost, as it is when the power goes.
        """
        options = ["-o", "remount,abort", str(self.folder)]
        subprocess.run([*SUDO, "mount", *options], check=True)

    def repair(self) -> None:
        """Come back with what was synced."""
        wait_for(self._is_unmounted)  # once the last process that was killed has let go of it
        self._mount()

    def remove(self) -> None:
        """Take it away for good, whoever still uses it."""
        subprocess.run([*SUDO, "umount", "-l", str(self.folder)], check=True)

    def _is_unmounted(self) -> bool:
        unmount = [*SUDO, "umount", str(self.folder)]
        return subprocess.run(unmount, check=False, capture_output=True).returncode == 0

    def _mount(self) -> None:
        options = ["-o", "loop", str(self._image), str(self.folder)]
        subprocess.run([*SUDO, "mount", *options], check=True)
        subprocess.run([*SUDO, "chmod", "777", str(self.folder)], check=True)


@pytest.fixture
def real_disk(tmp_path: Path) -> Iterator[RealDisk]:
    """An ext4 file system in a file."""
    disk = RealDisk(tmp_path / "disk")
    disk.format()
    try:
        yield disk
    finally:
        disk.remove()


def _is_result(method: str, path: str) -> bool:
    return method == "GET" and "/requests/" in path and not path.endswith("/status")


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


def test_a_disk_that_turns_read_only_in_mid_run_is_named_and_nothing_is_bought_twice(
    tmp_path: Path, real_disk: RealDisk
) -> None:
    with bench(tmp_path) as elsewhere:
        made = _put_project_on(elsewhere, real_disk.folder)
        made.gate.hold_answers(_is_result)
        child = made.start("run", "m.yaml", *QUIET, "--concurrency", "3")
        made.gate.wait_until_reached()
        made.wait_for_event("submit_accepted", 3)
        real_disk.turn_read_only()
        made.gate.release()
        out, err = child.communicate(timeout=SECONDS)
        posted = made.posts()

        assert out, err
        assert child.returncode == 1, err
        error = json.loads(out)["error"]
        assert "Read-only file system" in error["message"]
        assert "make it writable, then `fal-exp resume`" in error["fix"]
        assert posted == 3

        real_disk.repair()
        resumed = made.call("resume", "latest", *QUIET)

        assert resumed.code == 0, resumed.out + resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS}
        assert made.posts() == CELLS
        billed = made.sandbox.stats().billed_nano_usd
        assert resumed.json["summary"]["money"]["metered_nano_usd"] == billed


@pytest.mark.parametrize("moment", ["submit_accepted", "result_received", "asset_stored"])
def test_what_a_power_cut_leaves_on_the_disk_is_enough_to_buy_nothing_twice(
    tmp_path: Path, real_disk: RealDisk, moment: str
) -> None:
    """Process and unsynced data are gone at once. Only what was synced in order comes back."""
    room = {"max_usd": "0.30"}
    with bench(tmp_path, unknown_settle_s=1, budget=room) as elsewhere:
        made = _put_project_on(elsewhere, real_disk.folder)
        child = made.start("run", "m.yaml", *QUIET, "--concurrency", "2")
        made.wait_for_event(moment)
        real_disk.turn_read_only()
        child.kill()
        child.communicate(timeout=SECONDS)
        real_disk.repair()

        resumed = resume_by_hand(made, CELLS)

        assert resumed.code == 0, resumed.out + resumed.err
        assert resumed.json["summary"]["counts"] == {"done": CELLS}
        assert made.posts() == made.sandbox.stats().accepted == CELLS
        billed = made.sandbox.stats().billed_nano_usd
        assert resumed.json["summary"]["money"]["metered_nano_usd"] == billed
