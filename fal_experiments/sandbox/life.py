"""One run of a sandbox: a lock, a database, a socket, and a thread with its own event loop."""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from email.utils import formatdate
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout
from starlette.applications import Starlette

from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.sandbox.app import build_app
from fal_experiments.sandbox.auth import Gate, UploadTokens
from fal_experiments.sandbox.bills import Bills
from fal_experiments.sandbox.catalogue import Catalogue
from fal_experiments.sandbox.config import SandboxConfig, SandboxUrls
from fal_experiments.sandbox.connection import OpenProtocol
from fal_experiments.sandbox.dispatch import Dispatcher
from fal_experiments.sandbox.fault_file import kept_script
from fal_experiments.sandbox.faulty_runner import FaultyRunner
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.history import History
from fal_experiments.sandbox.mischief import Mischief
from fal_experiments.sandbox.runner import Runner
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.store import JobStore, open_database
from fal_experiments.sandbox.strikes import Strikes
from fal_experiments.sandbox.workers import RenderPool

_log = logging.getLogger("fal_experiments.sandbox")

HOST = "127.0.0.1"
MARK_HEADER = "x-fal-exp-sandbox"
"""Every response carries it with the value 1, so that a client knows that no money moves."""
_IDLE_CONNECTION_S = 3600
"""Long, so that no pooled connection of a client is closed under its feet."""


class Life:
    """One run of a sandbox, from its first request to its last."""

    def __init__(self, config: SandboxConfig, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="sandbox", daemon=True)
        self._uvicorn: _Uvicorn | None = None

    def begin(self) -> int:
        """Start, and return the port. Leaves nothing behind when it raises."""
        with ExitStack() as held:
            held.callback(_lock(self._config.state_dir).release)
            self._script = kept_script(self._config.state_dir, self._config.faults)
            self._database = open_database(self._config.state_dir)
            held.callback(self._database.close)
            store = JobStore(self._database)
            self._listener = _listen(self._config.port, int(store.meta("port") or 0))
            held.callback(self._listener.close)
            port = int(self._listener.getsockname()[1])
            store.remember("port", str(port))
            self._held = held.pop_all()
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return port

    @property
    def fault_kinds(self) -> tuple[str, ...]:
        """What the script can do, each kind once."""
        return tuple(dict.fromkeys(fault.do for fault in self._script.faults))

    def end(self) -> None:
        """Answer what is open, then end."""
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True
        self._thread.join()

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  told to whoever waits in begin()
            self._failure = error
            if self._ready.is_set():
                _log.exception("the sandbox has ended by a fault of its own")
        finally:
            self._held.close()
            self._ready.set()

    async def _serve(self) -> None:
        pool = RenderPool(self._config.render_workers)
        services = self._services(pool)
        self._uvicorn = _Uvicorn(
            _uvicorn_config(build_app(services)), self._ready.set, self._script.skew_s
        )
        try:
            services.dispatcher.reopen()
            await self._uvicorn.serve(sockets=[self._listener])
        finally:
            await services.dispatcher.close()
            pool.stop()

    def _services(self, pool: RenderPool) -> Services:
        config = self._config
        catalogue, store = Catalogue(config.catalogue), JobStore(self._database)
        files = FileStore(self._database, config.state_dir)
        mischief = Mischief(Strikes(self._script, self._database, self._told_now), store)
        bills = Bills(Strikes(self._script, self._database, self._told_now))
        runner = Runner(catalogue, files, pool, self._told_now)
        dispatcher = Dispatcher(
            store,
            FaultyRunner(runner, mischief, bills, catalogue),
            concurrency=config.concurrency,
            time_scale=config.time_scale,
            now=self._told_now,
        )
        return Services(
            urls=SandboxUrls.below(f"http://{HOST}:{self._listener.getsockname()[1]}"),
            catalogue=catalogue,
            gate=Gate(config.key, config.admin_key),
            upload_tokens=UploadTokens(config.admin_key),
            store=store,
            history=History(self._database),
            files=files,
            dispatcher=dispatcher,
            mischief=mischief,
            bills=bills,
            max_upload_bytes=config.max_upload_bytes,
            now=self._told_now,
            is_closing=lambda: self._uvicorn is None or self._uvicorn.should_exit,
        )

    def _told_now(self) -> datetime:
        """Return the time as the service tells it, which may be wrong on purpose."""
        return self._now() + timedelta(seconds=self._script.skew_s)


class _Uvicorn(uvicorn.Server):
    """Tells when it answers. It takes no signals, since it never runs in the main thread."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], skew_s: float) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._skew_s = skew_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Renew the headers of every answer, with a date as wrong as the clock."""
        is_over = await super().on_tick(counter)
        if self._skew_s:
            date = formatdate(time.time() + self._skew_s, usegmt=True).encode()
            headers = self.server_state.default_headers
            self.server_state.default_headers = [
                (name, date if name == b"date" else value) for name, value in headers
            ]
        return is_over


def _uvicorn_config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=OpenProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        headers=[(MARK_HEADER, "1")],
        timeout_keep_alive=_IDLE_CONNECTION_S,
        timeout_graceful_shutdown=1,
    )


def _lock(state_dir: Path) -> FileLock:
    """Return the held lock of a state folder, which a killed process gives back by itself."""
    lock = FileLock(state_dir / ".lock", timeout=0, thread_local=False)
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise BadInput(
            f"another sandbox is using {state_dir}",
            fix="stop it first, or choose another folder for this one",
        ) from None
    except OSError as error:
        raise StorageFailed(
            f"the sandbox's folder {state_dir} cannot be written: {error}",
            fix="choose a folder that can be written to",
        ) from error
    return lock


def _listen(port: int, last_port: int) -> socket.socket:
    """Return a listening socket: on `port`, or on the last port while it is free, or on any."""
    for candidate in dict.fromkeys([port] if port else [last_port, 0]):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere the option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            failure = error
        else:
            return listener
    raise BadInput(
        f"port {port} cannot be used: {failure}", fix="choose another port, or 0 for any free one"
    )
