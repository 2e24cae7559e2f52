"""The server as an object: starting, stopping, and what stands in its way."""

import signal
import socket
import threading
from pathlib import Path

import httpx
import pytest

from fal_experiments.errors import BadInput, StorageFailed
from fal_experiments.sandbox.server import SandboxConfig, SandboxServer
from tests.sandbox.lab import CATALOGUE, config


def test_start_and_stop_leave_no_thread_and_take_no_signal(tmp_path: Path) -> None:
    handlers = [signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)]
    threads = set(threading.enumerate())

    server = SandboxServer(config(tmp_path))
    server.start()
    within = [signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)]
    server.stop()

    assert within == handlers
    assert set(threading.enumerate()) == threads
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.base_url)


def test_a_stopped_server_can_start_again(tmp_path: Path) -> None:
    server = SandboxServer(config(tmp_path))

    for _ in range(2):
        server.start()
        assert httpx.get(f"{server.urls.api}/models").is_success
        server.stop()
    server.stop()


def test_two_sandboxes_live_side_by_side(tmp_path: Path) -> None:
    with (
        SandboxServer(config(tmp_path / "a")) as one,
        SandboxServer(config(tmp_path / "b")) as other,
    ):
        assert one.port != other.port
        assert httpx.get(f"{one.urls.api}/models").is_success
        assert httpx.get(f"{other.urls.api}/models").is_success


def test_one_state_is_never_served_twice(tmp_path: Path) -> None:
    with (
        SandboxServer(config(tmp_path)),
        pytest.raises(BadInput, match="another sandbox is using"),
    ):
        SandboxServer(config(tmp_path)).start()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=str(port)):
            SandboxServer(config(tmp_path, port=port)).start()

    with SandboxServer(config(tmp_path)) as server:
        assert server.port


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    with pytest.raises(StorageFailed, match="file"):
        SandboxServer(config(blocked / "state")).start()


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "sandbox.sqlite3").write_bytes(b"no database" * 500)

    with pytest.raises(StorageFailed, match=r"sandbox\.sqlite3"):
        SandboxServer(config(tmp_path)).start()


@pytest.mark.parametrize(
    ("field", "value"),
    [("concurrency", 0), ("render_workers", 0), ("time_scale", -1), ("port", 70_000)],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, field: str, value: int) -> None:
    with pytest.raises(BadInput, match=f"{field}={value}"):
        SandboxConfig(state_dir=tmp_path, catalogue=CATALOGUE, **{field: value})  # type: ignore[arg-type]
