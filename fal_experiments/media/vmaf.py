"""VMAF of one clip as a copy of another, by the ffmpeg program that imageio-ffmpeg ships."""

import importlib
import json
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from fal_experiments.media.limits import Limits

LOG = "vmaf.json"
SAFE = ("-format_whitelist", "mov,matroska,webm", "-protocol_whitelist", "file")
MODEL_PX = 16
"""libvmaf computes nothing of a smaller picture."""


class VmafMissing(Exception):
    """There is no VMAF; the reason is for a person."""


class VmafTask(NamedTuple):
    """What is compared, and how both clips are brought into step."""

    reference: Path
    copy: Path
    size_px: tuple[int, int]
    fps: Fraction
    every: int
    """Only every nth frame counts."""


def vmaf(task: VmafTask, limits: Limits) -> float:
    """Return the mean VMAF (model vmaf_v0.6.1), 0 to 100.

    The program runs with one thread, under the limits of this process, for half of `wall_s`.
    Raises: VmafMissing when the program is not there, has no libvmaf, fails or takes too long.
    """
    if min(task.size_px) < MODEL_PX:
        raise VmafMissing(f"the picture is smaller than {MODEL_PX} px")
    with tempfile.TemporaryDirectory(prefix="vmaf-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - the program that imageio-ffmpeg ships or was told of
                [_program(), *_arguments(task)],
                cwd=folder, capture_output=True, text=True, timeout=limits.wall_s / 2, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as exc:
            raise VmafMissing(f"it took longer than {limits.wall_s / 2:g} s") from exc
        except OSError as exc:
            raise VmafMissing(f"the ffmpeg program does not start ({exc.strerror})") from exc
        if done.returncode:
            raise VmafMissing(_why(done.stderr))
        told = json.loads((Path(folder) / LOG).read_bytes())
        return float(told["pooled_metrics"]["vmaf"]["mean"])


def _program() -> str:
    try:
        program: str = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
    except (ImportError, RuntimeError) as exc:
        raise VmafMissing("there is no ffmpeg program; install imageio-ffmpeg") from exc
    return program


def _arguments(task: VmafTask) -> list[str]:
    width, height = task.size_px
    step = (
        f"setpts=PTS-STARTPTS,fps={task.fps.numerator}/{task.fps.denominator},"
        f"scale={width}:{height}:flags=bicubic,setsar=1,format=yuv420p"
    )
    meter = f"libvmaf=log_fmt=json:log_path={LOG}:n_threads=1:n_subsample={task.every}:shortest=1"
    graph = f"[0:v:0]{step}[copy];[1:v:0]{step}[reference];[copy][reference]{meter}"
    inputs = [
        part
        for path in (task.copy, task.reference)
        for part in (*SAFE, "-threads", "1", "-i", f"file:{path.absolute()}")
    ]
    quiet = ["-v", "error", "-nostdin", "-filter_complex_threads", "1"]
    return [*quiet, *inputs, "-lavfi", graph, "-f", "null", "-"]


def _why(said: str) -> str:
    if "No such filter: 'libvmaf'" in said:
        return "this build of ffmpeg has no libvmaf"
    lines = said.strip().splitlines()
    return f"ffmpeg failed: {lines[0]}" if lines else "ffmpeg was ended by a limit"
