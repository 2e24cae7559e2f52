"""One job in a process of its own: bounded, ended with its parent, its death felt by nobody else.

A process for each file costs about 10 ms, since it is forked from a server that has loaded the
libraries already. In return nothing that a file does to memory, heap or limits reaches the next.
Never plain `fork`: the process at hand has threads.
"""

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
        self._answers, writer = context.Pipe(duplex=False)
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(writer, limits, job, arguments), daemon=True
        )
        with _PROCESS_LOCK:
            self._process.start()
        writer.close()

    def answer(self) -> Any:
        """Wait for what the job returns, at most `wall_s`; the process is gone then.

        Raises: JobEnded when it failed, ran into a limit, or died.
        """
        try:
            if not self._answers.poll(self._limits.wall_s):
                raise JobEnded(f"it took longer than {self._limits.wall_s:g} s")
            answer, reason = self._answers.recv()
        except (EOFError, ConnectionError) as exc:
            raise JobEnded(self._why_it_died()) from exc
        finally:
            self.kill()
            self._answers.close()
        if reason:
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

    def kill(self) -> None:
        """End the process, at once."""
        with _PROCESS_LOCK:
            self._process.kill()
            self._process.join(DYING_S)


def _work(
    writer: "Connection[Any, Any]", limits: Limits, job: str, arguments: tuple[Any, ...]
) -> None:
    """Run a job in this process, which belongs to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which ends us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limits.apply()
    pkgutil.resolve_name(SINGLE_THREAD)
    answer, reason = None, ""
    try:
        answer = pkgutil.resolve_name(job)(*arguments)
    except MemoryError:
        reason = (
            f"it needs more than {limits.memory_bytes // MIB:,} MiB of memory, or it says "
            "nonsense about its size"
        )
    except Exception as exc:  # noqa: BLE001 - whatever it is, the parent must hear of it
        reason = f"{type(exc).__name__}: {exc}"
    writer.send((answer, reason))


def _end_with_parent() -> None:
    """End this process when its parent ends, however that happens; a kill tells nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
