"""Starts and stops the sandbox from ordinary code.

with SandboxServer(SandboxConfig(state_dir=…, catalogue=…)) as sandbox:
    sandbox.urls.queue  # http://127.0.0.1:PORT/queue
"""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.config import SandboxConfig, SandboxUrls
from fal_experiments.sandbox.history import SandboxStats, read_stats
from fal_experiments.sandbox.life import HOST, Life

__all__ = ["CataloguedEndpoint", "SandboxConfig", "SandboxServer", "SandboxStats", "SandboxUrls"]


class SandboxServer:
    """One sandbox on loopback. A context manager; `start` and `stop` do the same by hand."""

    def __init__(
        self, config: SandboxConfig, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._config = config
        self._now = now
        self._life: Life | None = None
        self._port = config.port

    def start(self) -> None:
        """Open the state and listen; returns when requests are answered.

        Raises: BadInput when the port is taken or another sandbox uses the state, StorageFailed.
        """
        if self._life is not None:
            raise RuntimeError("the sandbox is running already")
        self._life = Life(self._config, self._now)
        try:
            self._port = self._life.begin()
        except BaseException:
            self._life = None
            raise

    def stop(self) -> None:
        """End the server and its workers. What runs is taken up again by the next start."""
        if self._life is not None:
            self._life.end()
            self._life = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, known once the server has started."""
        return self._port

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://{HOST}:{self._port}"

    @property
    def key(self) -> str:
        """The key that it takes."""
        return self._config.key

    @property
    def admin_key(self) -> str:
        """The key that may read bills."""
        return self._config.admin_key

    @property
    def urls(self) -> SandboxUrls:
        """The address of each service."""
        return SandboxUrls.below(self.base_url)

    @property
    def faults(self) -> tuple[str, ...]:
        """The kinds of faults at work, of the script that was given or found in the state."""
        return self._life.fault_kinds if self._life is not None else ()

    def stats(self) -> SandboxStats:
        """Return the sandbox's own books; also after it has stopped."""
        return read_stats(self._config.state_dir)
