"""What `fal-exp doctor` says about decoding: which libraries, which codecs, do they run."""

import importlib
import subprocess
from typing import Any, NamedTuple

from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.limits import Limits

NEEDED_DECODERS = ("h264", "hevc", "vp9", "av1")
SHOWN_LIBRARIES = ("libavcodec", "libavformat", "libswscale")
REINSTALL = "python -m pip install --force-reinstall --no-cache-dir {}"
PATIENCE_S = 20


class Diagnosis(NamedTuple):
    """One thing that was looked at; `fix` is empty when it is well."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def decoder_report() -> tuple[Diagnosis, ...]:
    """Return the state of PyAV, its decoders, worker processes, and the ffmpeg program."""
    try:
        av = importlib.import_module("av")
    except ImportError as exc:
        missing = Diagnosis("PyAV", ok=False, detail=str(exc), fix=REINSTALL.format("av"))
        return (missing, _ffmpeg_program())
    decoders = tuple(_decoder(av, name) for name in NEEDED_DECODERS)
    return (_libraries(av), *decoders, _worker(), _ffmpeg_program())


def _libraries(av: Any) -> Diagnosis:
    versions = (
        f"{name} {'.'.join(map(str, av.library_versions[name]))}" for name in SHOWN_LIBRARIES
    )
    return Diagnosis("PyAV", ok=True, detail=f"{av.__version__} ({', '.join(versions)})")


def _decoder(av: Any, name: str) -> Diagnosis:
    label = f"{name} decoder"
    try:
        codec = av.Codec(name, "r")
    except ValueError:  # UnknownCodecError is one
        return Diagnosis(label, ok=False, detail="missing", fix=REINSTALL.format("av"))
    return Diagnosis(label, ok=True, detail=codec.long_name)


def _worker() -> Diagnosis:
    label = "worker process"
    try:
        Child(process_context(), "os:getpid", (), Limits(wall_s=PATIENCE_S)).answer()
    except (JobEnded, OSError) as exc:
        fix = "allow this program to start processes; see `ulimit -a`"
        return Diagnosis(label, ok=False, detail=str(exc), fix=fix)
    return Diagnosis(label, ok=True, detail="starts, and ends when told to")


def _ffmpeg_program() -> Diagnosis:
    label, fix = "ffmpeg program", REINSTALL.format("imageio-ffmpeg")
    try:
        path = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
        told = subprocess.run(  # noqa: S603 - the program that imageio-ffmpeg ships or was told of
            [path, "-version"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    except (ImportError, RuntimeError, OSError, subprocess.SubprocessError) as exc:
        return Diagnosis(label, ok=False, detail=str(exc), fix=fix)
    version = told.stdout.split("Copyright")[0].strip()
    return Diagnosis(label, ok=True, detail=f"{version} at {path}")
