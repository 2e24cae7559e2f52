"""A judge on loopback that answers as a test says; it sees what a real one would see."""

import asyncio
import base64
import io
import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

USAGE = {"prompt_tokens": 2000, "completion_tokens": 50}


@dataclass(frozen=True)
class Seen:
    """One call as the judge sees it."""

    number: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def text(self) -> str:
        """All text of the question."""
        parts = self.body["messages"][1]["content"]
        return "\n".join(part["text"] for part in parts if part["type"] == "text")

    @property
    def pictures(self) -> list[Image.Image]:
        """The pictures in their order: the input image, then A, then B."""
        urls = [
            part["image_url"]["url"]
            for part in self.body["messages"][1]["content"]
            if part["type"] == "image_url"
        ]
        matches = [re.fullmatch(r"data:image/\w+;base64,(.*)", url) for url in urls]
        return [Image.open(io.BytesIO(base64.b64decode(m[1]))) for m in matches if m]


Manner = Callable[[Seen], Response]


def says(text: str, **usage: int) -> Response:
    """A chat completion with this text."""
    message = {"role": "assistant", "content": text}
    counted = {"usage": usage or USAGE}
    return JSONResponse({"choices": [{"index": 0, "message": message}], **counted})


def answers(winner: str, reason: str = "It walks better.") -> Response:
    """A proper answer."""
    return says(json.dumps({"winner": winner, "reason": reason}))


def fair(seen: Seen) -> Response:
    """Prefer the wider sheet, wherever it stands."""
    _, a, b = seen.pictures
    return answers("tie" if a.width == b.width else "A" if a.width > b.width else "B")


class JudgeServer:
    """Serves `/v1/chat/completions`; every call is remembered before it is answered."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.seen: list[Seen] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        route = Route("/v1/chat/completions", self._answer, methods=["POST"])
        config = uvicorn.Config(Starlette(routes=[route]), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    async def _answer(self, request: Request) -> Response:
        body = await request.json()
        seen = Seen(len(self.seen) + 1, body, dict(request.headers))
        self.seen.append(seen)
        return self.manner(seen)
