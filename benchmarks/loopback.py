"""A queue on the loopback that costs next to nothing, so that a benchmark measures its clients.

python -m benchmarks.loopback CLIP      prints its address; ends with its parent

Speaks what clients need of fal's protocol over a bare asyncio protocol: submit, status, result
with units, the file, unit prices, and 404 for a request that it does not know. A job takes as many
seconds as its prompt says: `takes 2.5 s, …`. `GET /counts` tells the requests so far by kind.
"""

import asyncio
import contextlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

ENDPOINT = "lab/tiny/text-to-video"
USD_A_SECOND = 0.01
_TAKES = re.compile(rb"takes ([0-9.]+) s")
_STATUS = {200: "OK", 202: "Accepted", 404: "Not Found"}


class Queue:
    """Jobs, each with the moment when it is done."""

    def __init__(self, clip: bytes) -> None:
        self.clip = clip
        self.address = ""
        self.counts: Counter[str] = Counter()
        self._done_at: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """Return the whole answer to one request."""
        path = path.partition("?")[0]
        if method == "POST":
            return self._submit(path[1:], body)
        if path == "/file.mp4":
            self.counts["file"] += 1
            return _framed(200, self.clip, "video/mp4")
        if path == "/counts":
            return _json(200, self.counts)
        if path == "/api/v1/models/pricing":
            self.counts["start"] += 1
            price = {"unit_price": USD_A_SECOND, "unit": "second", "currency": "USD"}
            return _json(200, {"prices": [{"endpoint_id": ENDPOINT, **price}]})
        name = path.partition("/requests/")[2]
        return self._of_job(name.partition("/")[0], is_status=name.endswith("/status"))

    def _submit(self, endpoint: str, body: bytes) -> bytes:
        self.counts["submit"] += 1
        takes = _TAKES.search(body)
        name = f"01a0714f-a924-73b1-8000-{next(self._numbers):012d}"
        self._done_at[name] = time.monotonic() + (float(takes[1]) if takes else 0.0)
        app = "/".join(endpoint.split("/")[:2])
        url = f"{self.address}/{app}/requests/{name}"
        ticket = {
            "status": "IN_QUEUE",
            "request_id": name,
            "response_url": url,
            "status_url": f"{url}/status",
            "cancel_url": f"{url}/cancel",
            "queue_position": 0,
            "logs": None,
            "metrics": {},
        }
        return _json(200, ticket, f"x-fal-request-id: {name}\r\n")

    def _of_job(self, name: str, *, is_status: bool) -> bytes:
        done_at = self._done_at.get(name)
        if done_at is None:
            self.counts["start"] += 1
            return _json(404, {"status": "NOT_FOUND"})
        if not is_status:
            self.counts["result"] += 1
            video = {"url": f"{self.address}/file.mp4", "content_type": "video/mp4"}
            units = f"x-fal-request-id: {name}\r\nx-fal-billable-units: 1\r\n"
            return _json(200, {"video": video, "seed": 7}, units)
        self.counts["status"] += 1
        url = f"{self.address}/lab/tiny/requests/{name}"
        status: dict[str, Any] = {
            "request_id": name,
            "response_url": url,
            "logs": None,
            "metrics": {},
        }
        if time.monotonic() < done_at:
            return _json(202, {"status": "IN_PROGRESS", **status})
        return _json(200, {**status, "status": "COMPLETED", "metrics": {"inference_time": 1.0}})


class Connection(asyncio.Protocol):
    """One client: HTTP/1.1, kept alive unless it asks to close."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers go."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            head = self._seen[:end].decode("latin-1")
            size = re.search(r"(?i)\r\ncontent-length: *(\d+)", head)
            whole = end + 4 + (int(size[1]) if size else 0)
            if len(self._seen) < whole:
                return
            method, path, _ = head.split("\r\n", 1)[0].split(" ")
            body, self._seen = self._seen[end + 4 : whole], self._seen[whole:]
            self._transport.write(self._queue.answer(method, path, body))
            if re.search(r"(?i)\r\nconnection: *close", head):
                self._transport.close()


@contextlib.contextmanager
def loopback(clip: Path) -> Iterator[str]:
    """Run the queue in a process of its own; yields its address."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.loopback", str(clip)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child.stdout.readline().strip() if child.stdout else ""
    finally:
        child.kill()
        child.communicate()


def counts_at(address: str) -> Counter[str]:
    """Return how many requests of each kind the queue has had so far."""
    return Counter(httpx.get(f"{address}/counts").json())


def _json(status: int, body: object, headers: str = "") -> bytes:
    return _framed(status, json.dumps(body).encode(), "application/json", headers)


def _framed(status: int, body: bytes, kind: str, headers: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} {_STATUS[status]}\r\ncontent-type: {kind}\r\n"
        f"content-length: {len(body)}\r\nx-fal-exp-sandbox: 1\r\n{headers}\r\n"
    )
    return head.encode() + body


async def _serve(clip: bytes) -> None:
    queue = Queue(clip)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(queue), "127.0.0.1", 0, backlog=1024)
    queue.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(queue.address, flush=True)
    await asyncio.to_thread(os.read, 0, 1)  # the pipe ends with the parent


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]).read_bytes()))
