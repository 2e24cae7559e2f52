"""Gives the files of a wall to worker processes, two at a time; a bad one costs its own pane."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, NamedTuple, Self

from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.limits import Limits

MOST_WORKERS = 4


class Done(NamedTuple):
    """What a job returned, or why it returned nothing."""

    answer: Any = None
    bad: str = ""


class Crew:
    """Runs jobs, each in a process of its own; `with` ends what still runs."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._context = process_context()
        self._lock = Lock()
        self._running: set[Child] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            running = list(self._running)
        for child in running:
            child.kill()

    def each(
        self, job: str, arguments: Sequence[tuple[Any, ...]], tell: Callable[[], None]
    ) -> list[Done]:
        """Return the answer of a job to each of its arguments, which the limits are added to.

        `job` is `package.module:function`. `tell` is called, in this thread, after each answer.
        """
        with ThreadPoolExecutor(min(MOST_WORKERS, os.cpu_count() or 1)) as threads:
            futures = [threads.submit(self._run, job, given) for given in arguments]
            try:
                done = []
                for future in futures:
                    done.append(future.result())
                    tell()
            except BaseException:
                self.__exit__()
                raise
        return done

    def _run(self, job: str, arguments: tuple[Any, ...]) -> Done:
        with self._lock:
            if self._closed:
                return Done(bad="it was interrupted")
            child = Child(self._context, job, (*arguments, self.limits), self.limits)
            self._running.add(child)
        try:
            return Done(child.answer())
        except JobEnded as exc:
            return Done(bad=exc.reason)
        finally:
            with self._lock:
                self._running.discard(child)
