"""What a program costs with everything that it starts: CPU, wall time, peak memory of a process.

python -m benchmarks.measure PROGRAM …      prints one line of JSON on stderr at the end

Worker processes outlive the program that asked for them by a moment and would be counted by nobody,
so this process takes in orphans (Linux: PR_SET_CHILD_SUBREAPER) and waits for the last of them.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_PR_SET_CHILD_SUBREAPER = 36


class Usage(NamedTuple):
    """User + system seconds of all processes together, seconds, and the largest one's memory."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def measured(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Usage:
    """Run a Python program to its end and return what it cost. Raises: CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measure", sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stderr[-2000:]}")
    return Usage(*json.loads(done.stderr.splitlines()[-1]))


def _main(command: list[str]) -> int:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    code, wall_s = 0, 0.0
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            break
        if ended == child:
            code, wall_s = os.waitstatus_to_exitcode(status), time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    usage = Usage(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024)
    print(json.dumps(usage), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
