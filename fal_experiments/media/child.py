"""Jobs in a process of their own: bounded, ended with its parent, its death felt by nobody else.

A process costs 10 to 20 ms, though it is forked from a server that has loaded the libraries
already. Whoever gives it one job only, as is usual, pays that so that nothing that a file does to
memory or heap reaches the next. Never plain `fork`: the process at hand has threads.
"""

import contextlib
import multiprocessing
import os
import pkgutil
import signal
import threading
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

from fal_experiments.media.limits import MIB, Limits

SINGLE_THREAD = "fal_experiments.media.single_thread"
PRELOADED = [
    "__main__",
    SINGLE_THREAD,
    "fal_experiments.media.check",
    "fal_experiments.media.derive",
    "fal_experiments.media.likeness",
    "fal_experiments.media.tracks",
]


DYING_S = 5
"""How long a process may take to disappear after its end, before it is left to the system."""

_PROCESS_LOCK = threading.Lock()
"""Starting a process asks after all others, and two that ask after one at once get a wrong exit
code (multiprocessing is not made for threads)."""


class JobEnded(Exception):
    """A job did not come to its end; the reason is for a person."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def process_context() -> BaseContext:
    """Return how processes are started: by a fork server, or anew where there is none (Windows)."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


class Child:
    """A running job. `job` is `package.module:function`; it is imported in the process only."""

    def __init__(
        self, context: BaseContext, job: str, arguments: tuple[Any, ...], limits: Limits
    ) -> None:
        self._limits = limits
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(theirs, limits), daemon=True
        )
        with _PROCESS_LOCK:
            self._process.start()
        theirs.close()
        self.jobs = 0
        """How many it was given."""
        self.give(job, arguments)

    def give(self, job: str, arguments: tuple[Any, ...]) -> None:
        """Give the process another job, with the same limits, after the answer to the last one."""
        self.jobs += 1
        with contextlib.suppress(ConnectionError):  # it is gone: the answer will tell
            self._pipe.send((job, arguments))

    def answer(self) -> Any:
        """Wait for what the job returns, at most `wall_s`; the process is gone then.

        Raises: JobEnded when it failed, ran into a limit, or died.
        """
        try:
            return self.answer_and_stay()
        finally:
            self.kill()

    def answer_and_stay(self) -> Any:
        """Wait like `answer`; after an answer the process waits for another job.

        Raises: JobEnded as `answer`, and the process is gone then.
        """
        try:
            in_time = self._pipe.poll(self._limits.wall_s)
            late = f"it took longer than {self._limits.wall_s:g} s"
            answer, reason = self._pipe.recv() if in_time else (None, late)
        except (EOFError, ConnectionError):
            answer, reason = None, self._why_it_died()
        if reason:
            self.kill()
            raise JobEnded(reason)
        return answer

    def _why_it_died(self) -> str:
        with _PROCESS_LOCK:
            self._process.join(DYING_S)
            exit_code = self._process.exitcode
        name = {-number: number.name for number in signal.Signals}.get(exit_code)
        if name == "SIGXCPU":
            return f"it took more than {self._limits.cpu_s} s of processor time"
        if name == "SIGKILL":
            return "its process was killed from outside; was the machine out of memory?"
        if name is not None:
            return f"the decoder crashed on it ({name})"
        return f"its process ended with exit code {exit_code}"

    def dismiss(self) -> None:
        """Let a process that waits for a job end by itself, so that it can tidy up; then kill it.

        Libraries keep semaphores that the system is told of as leaked when they are only killed.
        """
        self._pipe.close()
        with _PROCESS_LOCK:
            self._process.join(DYING_S)
        self.kill()

    def kill(self) -> None:
        """End the process, at once. Whoever waits for its answer hears of it."""
        with _PROCESS_LOCK:
            self._process.kill()
            self._process.join(DYING_S)


def _work(pipe: "Connection[Any, Any]", limits: Limits) -> None:
    """Run jobs in this process, which belongs to them, one after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pkgutil.resolve_name(SINGLE_THREAD)
    while True:
        try:
            job, arguments = pipe.recv()
        except EOFError:
            return
        limits.apply()
        pipe.send(_tried(job, arguments, limits))


def _tried(job: str, arguments: tuple[Any, ...], limits: Limits) -> tuple[Any, str]:
    """Return what a job returns, and why it returned nothing."""
    try:
        return pkgutil.resolve_name(job)(*arguments), ""
    except MemoryError:
        return None, (
            f"it needs more than {limits.memory_bytes // MIB:,} MiB of memory, or it says "
            "nonsense about its size"
        )
    except Exception as exc:  # noqa: BLE001 - whatever it is, the parent must hear of it
        return None, f"{type(exc).__name__}: {exc}"


def _end_with_parent() -> None:
    """End this process when its parent ends, however that happens; a kill tells nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
