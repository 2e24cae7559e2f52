"""What never ends, or grows without end, is ended by its limits, and told in words."""

import asyncio
import sys
from pathlib import Path

import pytest
from PIL import Image

from fal_experiments.errors import DownloadFailed
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.workers import Limits, MediaPool
from tests.media.odd.rooms import ALL_PARTS, DERIVE, SHA, Weighed

DEADLINE_S = 60

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs rlimits")


@pytest.mark.parametrize(
    ("job", "arguments"),
    [("signal:pause", ()), ("re:fullmatch", ("(a+)+b", "a" * 60))],
    ids=["waits for ever", "computes for ever and lets no other thread run"],
)
@needs_posix
def test_a_decoder_that_never_answers_is_ended_when_its_time_is_over(
    job: str, arguments: tuple[str, ...]
) -> None:
    child = Child(process_context(), job, arguments, Limits(wall_s=0.3))

    with pytest.raises(JobEnded, match=r"it took longer than 0\.3 s"):
        child.answer()

    assert child._process.exitcode is not None


def _write_patient_bomb(path: Path) -> Path:
    """Write a GIF of a few MB that is gigabytes when all its frames are drawn."""
    Image.new("P", (4000, 4000)).save(path)
    data = path.read_bytes()
    frame = data.index(b"\x2c\0\0\0\0")
    path.write_bytes(data[:frame] + data[frame:-1] * 200 + b";")
    return path


@needs_posix
def test_a_picture_that_takes_for_ever_to_draw_costs_its_processor_time_and_no_neighbour(
    plain: Path, tmp_path: Path
) -> None:
    bomb = _write_patient_bomb(tmp_path / "bomb.gif")
    assert bomb.stat().st_size < 5_000_000

    with MediaPool(workers=2, limits=Limits(wall_s=DEADLINE_S, cpu_s=1)) as pool:
        spoilt = pool.derive(bomb, tmp_path / "spoilt", SHA, ALL_PARTS)
        neighbours = [pool.derive(plain, tmp_path / str(n), SHA, ALL_PARTS) for n in range(3)]
        with pytest.raises(DownloadFailed) as caught:
            asyncio.run(pool.check(bomb))

        assert caught.value.kind == "stopped"
        assert spoilt.result(DEADLINE_S).failed == "it took more than 1 s of processor time"
        assert [each.result(DEADLINE_S).failed for each in neighbours] == [None] * 3


@needs_posix
def test_what_needs_more_memory_than_there_is_for_it_is_told_so(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    Image.new("RGBA", (8000, 8000)).save(picture)

    with MediaPool(workers=1, limits=Limits(memory_bytes=1 << 29)) as pool:
        failed = pool.derive(picture, tmp_path / "out", SHA, ALL_PARTS).result(DEADLINE_S).failed

    assert failed is not None
    assert "needs more than 512 MiB of memory" in failed


def test_the_largest_picture_that_is_let_through_fits_the_usual_limits(tmp_path: Path) -> None:
    limits = Limits()
    picture = tmp_path / "large.png"
    Image.new("RGBA", (8192, 8192)).save(picture)

    answer: Weighed = Child(
        process_context(), DERIVE, (picture, tmp_path / "out", limits), limits
    ).answer()

    assert answer.derived.failed is None
    assert answer.peak_mib < limits.memory_bytes / (1 << 20)
