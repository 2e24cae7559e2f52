"""Calls `fal-exp` as a child process that need not import it again: forked from one that has.

Half of what a short call costs is imports, and the suite makes some thousand calls. Each child is
a process of its own, with its own folder, variables, output, exit code and death.
"""

import atexit
import functools
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

FAL_EXP = ("-m", "fal_experiments")
ROOT = Path(__file__).resolve().parents[1]
_MOST_BYTES = 200_000
"""Of one request, and below what a socket takes as one message."""


def call(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    program: Sequence[str] = FAL_EXP,
    timeout_s: float = 60,
) -> "subprocess.CompletedProcess[str]":
    """Run `fal-exp`, or a script that calls it, to its end; there is nothing on its stdin.

    Args:
        env: variables besides those of this process.
        program: `("-m", module)` or `(script,)`, as `python` takes them.

    Raises: subprocess.TimeoutExpired, with the child killed.
    """
    server = _server()
    request = {
        "program": program,
        "arguments": arguments,
        "cwd": str(cwd),
        "env": {**os.environ, **(env or {})},
    }
    with TemporaryFile("w+b") as out, TemporaryFile("w+b") as err:
        socket.send_fds(server, [json.dumps(request).encode()], [out.fileno(), err.fileno()])
        server.settimeout(timeout_s)
        pid = int(server.recv(_MOST_BYTES))
        try:
            code = int(server.recv(_MOST_BYTES))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            server.recv(_MOST_BYTES)
            raise subprocess.TimeoutExpired(list(arguments), timeout_s) from None
        told = []
        for file in (out, err):
            file.seek(0)
            told.append(file.read().decode().replace("\r\n", "\n"))
    return subprocess.CompletedProcess([*program, *arguments], code, *told)


@functools.cache
def _server() -> socket.socket:
    """Return the line to a process that has imported the program, one for each test worker."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _import_everything() -> None:
    # first of all: a process that is forked must have no threads, and numpy would start some
    importlib.import_module("fal_experiments.media.single_thread")
    commands = importlib.import_module("fal_experiments.cli").__path__
    for module in pkgutil.iter_modules(commands, "fal_experiments.cli."):
        importlib.import_module(module.name)
    for name in ("httpx", "fal_client", "fal_experiments.sandbox.server"):
        importlib.import_module(name)
    (_,) = Path("/proc/self/task").iterdir()


def _forked(line: socket.socket) -> tuple[Any, list[int]]:
    """Answer requests, each by a fork that returns it; the process itself ends with the line."""
    while True:
        data, fds, _, _ = socket.recv_fds(line, _MOST_BYTES, 2)
        if not data:
            sys.exit(0)
        pid = os.fork()
        if pid == 0:
            line.close()
            return json.loads(data), fds
        for fd in fds:
            os.close(fd)
        line.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(request: Any, fds: list[int]) -> None:
    """Be what `python PROGRAM ARGUMENTS…` is, in its folder and with its variables."""
    for fd, standard in zip(fds, (1, 2), strict=True):
        os.dup2(fd, standard)
        os.close(fd)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    *_, name = request["program"]
    sys.argv = [name, *request["arguments"]]
    if request["program"][0] == "-m":
        sys.path[0] = request["cwd"]
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(name).parent)
        runpy.run_path(name, run_name="__main__")


if __name__ == "__main__":
    _import_everything()
    _become(*_forked(socket.socket(fileno=int(sys.argv[1]))))
