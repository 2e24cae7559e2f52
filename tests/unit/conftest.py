"""Unit tests reach no network, start no process and never wait."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _no_world(monkeypatch: pytest.MonkeyPatch) -> None:
    # The ban is on the test's own thread: a server that another test of this process keeps
    # (session fixtures live on) works in threads of its own, and goes on sleeping.
    test_thread = threading.get_ident()

    def refused(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if threading.get_ident() == test_thread:
                raise AssertionError("a unit test reached for the world outside")
            return real(*args, **named)

        return call

    monkeypatch.setattr(socket.socket, "connect", refused(socket.socket.connect))
    monkeypatch.setattr(subprocess, "Popen", refused(subprocess.Popen))
    monkeypatch.setattr(time, "sleep", refused(time.sleep))
    real_sleep = asyncio.sleep

    async def only_yield(seconds: float, result: object = None) -> object:
        if threading.get_ident() == test_thread:
            assert seconds == 0, "a unit test slept"
        return await real_sleep(seconds, result)

    monkeypatch.setattr(asyncio, "sleep", only_yield)
