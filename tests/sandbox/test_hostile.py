"""Requests that mean harm get an error, and the next one gets an answer."""

import json
import socket

import pytest

from tests.sandbox.lab import TELLER, Lab


def raw(lab: Lab, request: bytes) -> bytes:
    """Send bytes as they are, and return the status line of the answer."""
    with socket.create_connection(("127.0.0.1", lab.server.port), timeout=20) as connection:
        connection.sendall(request)
        return connection.recv(200).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    "path",
    ["/queue/../../etc/passwd", "/queue/lab/..", "/queue/lab/../tiny", "/queue/%2e%2e/%2e%2e/x",
     "/queue/lab/%00", "/queue/lab/%ff%fe", "/queue//", "/queue/lab", "/queue/lab/tiny/requests",
     "/queue/lab/tiny/requests/a'--/status", "/run/lab/tiny/requests/1"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_odd_path_is_not_found_or_not_allowed(lab: Lab, path: str, method: str) -> None:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Key sandbox:local\r\n"

    status = raw(lab, f"{head}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode())

    assert status.split()[1] in {b"404", b"405"}


def test_a_body_that_says_it_is_huge_is_refused_before_it_is_read(lab: Lab) -> None:
    head = f"POST /queue/{TELLER} HTTP/1.1\r\nHost: x\r\nAuthorization: Key sandbox:local\r\n"

    status = raw(lab, f"{head}Content-Length: 99999999999\r\n\r\n".encode())

    assert status == b"HTTP/1.1 413 Request Entity Too Large" or status.startswith(b"HTTP/1.1 413")


def test_a_body_that_turns_out_huge_is_refused(lab: Lab) -> None:
    chunk = b'{"prompt": "' + b"a" * 2**20
    answer = lab.http.post(f"{lab.urls.queue}/{TELLER}", content=iter([chunk] * 40))

    assert answer.status_code == 413


def test_a_large_prompt_is_refused_without_being_echoed(lab: Lab) -> None:
    result = lab.make(TELLER, prompt="a" * 100_000)

    assert result.status_code == 422
    assert len(result.content) < 1000


def test_deep_nesting_ends_one_job_and_not_the_server(lab: Lab) -> None:
    body = {"prompt": "a", "x": json.loads("[" * 400 + "]" * 400)}

    assert lab.result(lab.submit(TELLER, body)).status_code == 200


def test_header_lines_that_break_out_are_not_let_through(lab: Lab) -> None:
    status = raw(lab, b"GET /queue/lab HTTP/1.1\r\nHost: x\r\nX-Fal-Tags: a\x00b\r\n\r\n")

    assert b" 400 " in status


def test_after_all_of_this_the_sandbox_still_draws(lab: Lab) -> None:
    assert lab.make(TELLER, prompt="still here").status_code == 200
