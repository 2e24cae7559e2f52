"""Why and how a run stops early: gently first, at once if asked again."""

from collections.abc import Callable
from typing import Literal

StopReason = Literal["interrupted", "account", "storage", "overcharged", "defect"]


class Shutdown:
    """Stage 0: go on. Stage 1: submit nothing more. Stage 2: leave now; everything is resumable."""

    def __init__(self) -> None:
        self.reason: StopReason | None = None
        self.error: Exception | None = None
        """What made the run stop, when it was not the person."""
        self.leaving = False
        """True at stage 2."""
        self._listeners: list[Callable[[], None]] = []

    @property
    def stopping(self) -> bool:
        """True from stage 1 on."""
        return self.reason is not None

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` at every change of stage."""
        self._listeners.append(listener)

    def stop_submitting(self, reason: StopReason, error: Exception | None = None) -> None:
        """Go to stage 1. The first reason stays."""
        if self.reason is None:
            self.reason, self.error = reason, error
        self._tell()

    def leave(self) -> None:
        """Go to stage 2."""
        self.leaving = True
        self.stop_submitting("interrupted")

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
