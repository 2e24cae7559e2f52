"""Unit tests reach no network, start no process and never wait."""

import asyncio
import socket
import subprocess
import time
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_world(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a unit test reached for the world outside")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(time, "sleep", refuse)
    real_sleep = asyncio.sleep

    async def only_yield(seconds: float, result: object = None) -> object:
        assert seconds == 0, "a unit test slept"
        return await real_sleep(0, result)

    monkeypatch.setattr(asyncio, "sleep", only_yield)
