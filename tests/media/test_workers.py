"""A file that harms its process harms nothing else; the pool goes on and ends with its owner."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest

from fal_experiments.core.derived import Derived, Moving, Recipe
from fal_experiments.core.ports import Checked
from fal_experiments.errors import DownloadFailed
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.workers import Limits, MediaPool
from tests.media.clips import flip_bits, write_sound

RECIPE = Recipe(tile_width_px=64, gif=Moving(width_px=64))
SHA = "ab" * 32
DEADLINE_S = 30

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs, signals, rlimits")


@pytest.fixture(scope="module")
def pool() -> Iterator[MediaPool]:
    """A pool of two."""
    with MediaPool(workers=2) as pool:
        yield pool


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file whose reader waits for ever: nobody writes into it."""
    path = tmp_path / "endless.mp4"
    os.mkfifo(path)
    return path


def wait_for_child(pool: MediaPool, future: "Future[Derived]") -> int:
    """Return the process id of the one running job."""
    started = threading.Event()
    while not pool._running:
        assert not future.done()
        started.wait(0.001)
    (child,) = pool._running
    pid: int | None = child._process.pid
    assert pid is not None
    return pid


def test_a_sound_clip_is_told_by_its_media_type(pool: MediaPool, plain: Path) -> None:
    assert asyncio.run(pool.check(plain)).media_type == "video/mp4"


def test_a_damaged_clip_is_a_failed_download_that_is_worth_a_retry(
    pool: MediaPool, index_first: Path, tmp_path: Path
) -> None:
    data = index_first.read_bytes()
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(flip_bits(data, range(data.index(b"mdat") + 900, len(data), 97)))

    with pytest.raises(DownloadFailed) as caught:
        asyncio.run(pool.check(damaged))

    error = caught.value
    assert (error.kind, error.billed, error.retry_can_help) == ("damaged", "yes", True)
    assert "frames are not intact" in error.message
    assert "fetches the file again" in error.fix


def test_what_another_download_cannot_mend_is_not_tried_again(
    pool: MediaPool, tmp_path: Path
) -> None:
    sound = write_sound(tmp_path / "sound.mp4")

    with pytest.raises(DownloadFailed) as caught:
        asyncio.run(pool.check(sound))

    assert (caught.value.kind, caught.value.retry_can_help) == ("no_video", False)


def test_many_checks_at_once_each_get_their_own_answer(
    pool: MediaPool, plain: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()

    async def check_all() -> list[Checked | BaseException]:
        paths = [plain, empty] * 4
        return await asyncio.gather(*map(pool.check, paths), return_exceptions=True)

    answers = asyncio.run(check_all())

    assert [getattr(a, "media_type", a) for a in answers[::2]] == ["video/mp4"] * 4
    assert [type(answer) for answer in answers[1::2]] == [DownloadFailed] * 4


def test_a_clip_is_rendered_once(pool: MediaPool, plain: Path, tmp_path: Path) -> None:
    first = pool.derive(plain, tmp_path, SHA, RECIPE).result(DEADLINE_S)
    before = {path.name: path.stat() for path in tmp_path.iterdir()}

    second = pool.derive(plain, tmp_path, SHA, RECIPE)

    assert second.done()
    assert second.result() == first
    after = {path.name: path.stat() for path in tmp_path.iterdir()}
    assert set(before) == {"poster.jpg", "sheet.jpg", "preview.gif", "derived.json"}
    for name, stat in before.items():
        assert (after[name].st_ino, after[name].st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)


def test_another_recipe_is_rendered_anew(pool: MediaPool, plain: Path, tmp_path: Path) -> None:
    pool.derive(plain, tmp_path, SHA, RECIPE).result(DEADLINE_S)

    wider = pool.derive(plain, tmp_path, SHA, Recipe(gif=Moving(width_px=96))).result(DEADLINE_S)

    assert wider.gif is not None
    assert wider.gif.width_px == 96


def test_a_bad_clip_is_a_result_and_not_an_error(pool: MediaPool, tmp_path: Path) -> None:
    page = tmp_path / "clip.mp4"
    page.write_text("<html><title>Gone</title></html>")

    derived = pool.derive(page, tmp_path / "out", SHA, RECIPE).result(DEADLINE_S)

    assert derived.failed == "an HTML page, not media: “Gone”"


def test_a_folder_that_cannot_be_written_is_a_result_too(
    pool: MediaPool, plain: Path, tmp_path: Path
) -> None:
    occupied = tmp_path / "out"
    occupied.touch()

    derived = pool.derive(plain, occupied, SHA, RECIPE).result(DEADLINE_S)

    assert derived.failed is not None
    assert str(occupied) in derived.failed


def test_two_results_are_compared_in_a_process_apart(pool: MediaPool, plain: Path) -> None:
    likeness = pool.compare(plain, plain).result(DEADLINE_S)

    assert (likeness.verdict, likeness.same_file) == ("identical", True)


@needs_posix
def test_a_comparison_that_hits_a_limit_is_a_result_that_says_so(
    endless: Path, plain: Path
) -> None:
    with MediaPool(workers=1, limits=Limits(wall_s=0.2)) as pool:
        likeness = pool.compare(plain, endless).result(DEADLINE_S)

    assert (likeness.verdict, likeness.failed) == (None, "it took longer than 0.2 s")


def test_a_result_that_is_gone_is_not_compared(pool: MediaPool, plain: Path) -> None:
    likeness = pool.compare(plain, plain.with_name("gone.mp4")).result(DEADLINE_S)

    assert likeness.failed is not None
    assert "gone.mp4" in likeness.failed


@needs_posix
def test_a_killed_worker_costs_its_clip_and_no_other(
    endless: Path, plain: Path, tmp_path: Path
) -> None:
    with MediaPool(workers=2) as pool:
        victim = pool.derive(endless, tmp_path / "victim", SHA, RECIPE)
        pid = wait_for_child(pool, victim)
        neighbours = [
            pool.derive(plain, tmp_path / str(number), SHA, RECIPE) for number in range(3)
        ]
        neighbours[0].result(DEADLINE_S)
        os.kill(pid, signal.SIGKILL)
        failed = victim.result(DEADLINE_S).failed
        others = [future.result(DEADLINE_S).failed for future in neighbours]

    assert failed is not None
    assert "killed from outside" in failed
    assert others == [None, None, None]
    written = Derived.model_validate_json((tmp_path / "victim/derived.json").read_bytes())
    assert written.failed == failed


@needs_posix
def test_a_clip_that_takes_too_long_is_given_up(endless: Path, plain: Path, tmp_path: Path) -> None:
    with MediaPool(workers=1, limits=Limits(wall_s=0.2)) as pool:
        failed = pool.derive(endless, tmp_path / "out", SHA, RECIPE).result(DEADLINE_S).failed
        with pytest.raises(DownloadFailed, match=r"longer than 0\.2 s"):
            asyncio.run(pool.check(endless))

    assert failed == "it took longer than 0.2 s"


@needs_posix
def test_closing_ends_what_runs_and_cancels_what_waits(endless: Path, tmp_path: Path) -> None:
    pool = MediaPool(workers=1)
    running = pool.derive(endless, tmp_path / "running", SHA, RECIPE)
    waiting = pool.derive(endless, tmp_path / "waiting", SHA, RECIPE)
    pid = wait_for_child(pool, running)

    pool.close()

    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        running.result()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not (tmp_path / "running/derived.json").exists()


@needs_posix
@pytest.mark.parametrize(
    ("job", "arguments", "limits", "reason"),
    [
        ("os:abort", (), Limits(), r"the decoder crashed on it \(SIGABRT\)"),
        ("os:_exit", (3,), Limits(), "its process ended with exit code 3"),
        ("math:sqrt", (-1,), Limits(), "ValueError: "),
        ("builtins:bytearray", (1 << 31,), Limits(memory_bytes=1 << 30), "more than 1,024 MiB"),
        ("builtins:sum", (range(10**12),), Limits(cpu_s=1), "more than 1 s of processor time"),
    ],
    ids=["crash", "exit", "error", "memory", "processor"],
)
def test_the_end_of_a_job_is_told_in_words(
    job: str, arguments: tuple[object, ...], limits: Limits, reason: str
) -> None:
    child = Child(process_context(), job, arguments, limits)

    with pytest.raises(JobEnded, match=reason):
        child.answer()


OWNER = """
import sys
from pathlib import Path
from fal_experiments.core.derived import Recipe
from fal_experiments.media.workers import MediaPool

if __name__ == "__main__":
    pool = MediaPool(workers=1)
    future = pool.derive(Path(sys.argv[1]), Path(sys.argv[2]), "ab" * 32, Recipe())
    while not pool._running:
        assert not future.done()
    (child,) = pool._running
    print(child._process.pid, flush=True)
    future.result()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")
def test_workers_end_when_their_owner_is_killed(endless: Path, tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    command = [sys.executable, str(script), str(endless), str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        worker = os.pidfd_open(int(owner.stdout.readline()))
        try:
            owner.kill()
            ended, _, _ = select.select([worker], [], [], DEADLINE_S)
            if not ended:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(worker, signal.SIGKILL)
        finally:
            os.close(worker)

    assert ended


LIGHT_OWNER = """
import asyncio, sys
from pathlib import Path
from fal_experiments.core.derived import Recipe
from fal_experiments.media.workers import MediaPool

if __name__ == "__main__":
    with MediaPool(workers=1) as pool:
        clip = Path(sys.argv[1])
        assert asyncio.run(pool.check(clip)).media_type == "video/mp4"
        assert pool.derive(clip, Path(sys.argv[2]), "ab" * 32, Recipe()).result().failed is None
        assert pool.compare(clip, clip).result().verdict == "identical"
    print({"av", "PIL", "numpy"} & {name.split(".")[0] for name in sys.modules})
"""


def test_the_process_that_owns_the_pool_never_loads_a_decoder(plain: Path, tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(LIGHT_OWNER)
    command = [sys.executable, str(script), str(plain), str(tmp_path / "out")]

    told = subprocess.run(command, capture_output=True, check=True, text=True)

    assert told.stdout.strip() == "set()"


def test_a_process_that_has_met_only_sound_files_checks_the_next_one(plain: Path) -> None:
    async def play() -> tuple[int | None, int | None, int]:
        with MediaPool(workers=1) as pool:
            await pool.check(plain)
            (first,) = pool._proven
            await pool.check(plain)
            (second,) = pool._proven
            return first._process.pid, second._process.pid, second.jobs

    first, second, jobs = asyncio.run(play())

    assert first == second
    assert jobs == 2


def test_what_a_used_process_finds_wrong_a_fresh_one_is_asked_again(
    plain: Path, tmp_path: Path
) -> None:
    """And neither of the two checks another file."""
    empty = tmp_path / "empty.mp4"
    empty.touch()

    async def play() -> tuple[Child, list[Child]]:
        with MediaPool(workers=1) as pool:
            await pool.check(plain)
            (used,) = pool._proven
            with pytest.raises(DownloadFailed, match="0 bytes"):
                await pool.check(empty)
            return used, pool._proven

    used, left = asyncio.run(play())

    assert left == []
    assert used._process.exitcode is not None


@needs_posix
def test_a_used_process_that_dies_costs_no_file(plain: Path) -> None:
    async def play() -> str:
        with MediaPool(workers=1) as pool:
            await pool.check(plain)
            (used,) = pool._proven
            used.kill()
            return (await pool.check(plain)).media_type

    assert asyncio.run(play()) == "video/mp4"


@needs_posix
def test_every_job_of_a_process_has_its_own_processor_time() -> None:
    busy = ("builtins:sum", (range(2 * 10**7),))
    child = Child(process_context(), *busy, Limits(cpu_s=2))
    spent = [child.answer_and_stay()]
    for _ in range(5):
        child.give(*busy)
        spent.append(child.answer_and_stay())
    child.kill()

    assert len(set(spent)) == 1
