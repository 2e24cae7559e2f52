"""How much one file may cost: time, memory, pixels, frames, bytes."""

import importlib
from dataclasses import dataclass
from math import ceil

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What the process of one file may use before it is ended.

    The defaults let through what video models make today, up to 8K, and stop what they do not:
    an 8K H.264, HEVC or AV1 clip decodes in less than 1 GiB with one thread, a picture of
    16,000 × 16,000 pixels does not. Memory and CPU time are enforced where the system has
    `setrlimit` (not on Windows); wall time and the rest everywhere.
    """

    wall_s: float = 120
    cpu_s: int = 60
    memory_bytes: int = 2048 * MIB
    max_pixels: int = 33_200_000
    """7680 × 4320 is 33,177,600."""
    max_still_pixels: int = 8192 * 8192
    """Upscalers make larger pictures than any video is."""
    max_frames: int = 3000
    max_file_bytes: int = 512 * MIB
    """The packets of a clip are held in memory while it is decoded."""

    def apply(self) -> None:
        """Bind the calling process to the limits; what it has computed before is not counted."""
        try:
            resource = importlib.import_module("resource")
        except ImportError:
            return
        _lower(resource, resource.RLIMIT_AS, self.memory_bytes)
        used = resource.getrusage(resource.RUSAGE_SELF)
        used_s = ceil(used.ru_utime + used.ru_stime)
        _lower(resource, resource.RLIMIT_CPU, used_s + self.cpu_s)
        _lower(resource, resource.RLIMIT_CORE, 0)


def _lower(resource: object, which: int, value: int) -> None:
    """Set a limit, but never above the one that the system already sets."""
    _, hard = resource.getrlimit(which)  # type: ignore[attr-defined]
    unlimited = resource.RLIM_INFINITY  # type: ignore[attr-defined]
    soft = value if hard == unlimited else min(value, hard)
    resource.setrlimit(which, (soft, hard))  # type: ignore[attr-defined]
