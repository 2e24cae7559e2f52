"""The five verbs of fal's queue. fal_client has no part in this: it would send a POST ten times.

Measured on fal_client 1.0.3: a submit whose answer is lost is posted up to ten times, each a paid
request (references/fal-platform.md 11.3).
"""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fal_experiments.core.addresses import is_loopback
from fal_experiments.core.plan import Cell
from fal_experiments.core.ports import Accepted, KeyCheck, QueueWishes
from fal_experiments.core.preset import Output
from fal_experiments.core.request import ProviderRequest, ProviderResult, QueueStatus, Ticket
from fal_experiments.core.schema import INPUT_REF
from fal_experiments.errors import BadInput
from fal_experiments.providers.fal.wire import (
    NO_RETRY,
    STRICT_HEADERS,
    result_from,
    status_from,
    ticket_from,
)
from fal_experiments.providers.http import Wire, retry_after_header_s

THREE_SEGMENT_NAMESPACES = {"workflows", "comfy"}
SANDBOX_HEADER = "x-fal-exp-sandbox"
"""Every answer of the sandbox carries it, so that its batches never count as real spend."""


@dataclass(frozen=True)
class FalUrls:
    """Where fal is. Other addresses stand for a proxy or the sandbox."""

    queue: str = "https://queue.fal.run"
    run: str = "https://fal.run"
    rest: str = "https://rest.fal.ai"
    cdn: str = "https://v3.fal.media"
    api: str = "https://api.fal.ai/v1"
    schema: str = "https://fal.ai/api/openapi/queue/openapi.json"


class FalProvider:
    """fal's queue. `wishes` become headers of every paid POST (3)."""

    name = "fal"

    def __init__(self, wire: Wire, urls: FalUrls, wishes: QueueWishes) -> None:
        self._wire = wire
        self._urls = urls
        self._headers = dict(STRICT_HEADERS) if wishes.strict else {}
        if not wishes.platform_retries:
            self._headers |= NO_RETRY
        if wishes.start_timeout_s is not None:
            self._headers["X-Fal-Request-Timeout"] = str(wishes.start_timeout_s)

    def build(
        self, cell: Cell, uploads: Mapping[str, str], tags: Mapping[str, str]
    ) -> ProviderRequest:
        """Return the request of a cell, local inputs replaced by their URLs.

        Raises: KeyError for an input that was not uploaded.
        """
        body = {knob: _with_urls(value, uploads) for knob, value in cell.arguments.items()}
        headers = dict(self._headers)
        if tags:
            headers["X-Fal-Tags"] = ",".join(f"{key}={value}" for key, value in tags.items())
        return ProviderRequest(
            provider=self.name, endpoint=cell.endpoint, body=body, headers=headers
        )

    async def submit(self, request: ProviderRequest) -> Accepted:
        """Send the job with exactly one POST (2.2).

        Raises: SubmitNotSent, SubmitRejected, SubmitUnknown.
        """
        url = f"{self._urls.queue}/{request.endpoint}"
        answer = await self._wire.post_once(url, request.body, request.headers)
        return Accepted(ticket_from(answer, request.endpoint), answer)

    async def poll(self, ticket: Ticket) -> QueueStatus:
        """Ask where the job stands, with its log (2.3).

        Raises: ResultFailed for a job that is not known, ServiceUnreachable.
        """
        joint = "&" if "?" in ticket.status_url else "?"
        answer = await self._wire.get(f"{ticket.status_url}{joint}logs=1")
        status = status_from(answer, ticket)
        asked_s = retry_after_header_s(answer.headers)
        return status if asked_s is None else status.model_copy(update={"retry_after_s": asked_s})

    async def fetch(self, ticket: Ticket, output: Output) -> ProviderResult:
        """Return the result of a completed job (2.5).

        Raises: ResultFailed, ResultNotReady, ServiceUnreachable.
        """
        answer = await self._wire.get(ticket.response_url, own_errors=True)
        return result_from(answer, ticket, output)

    async def cancel(self, ticket: Ticket) -> str:
        """Ask to cancel (2.6); returns fal's word, such as CANCELLATION_REQUESTED."""
        answer = await self._wire.put(ticket.cancel_url)
        return answer.text

    def download(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open a result file for streaming, without the key. Raises: DownloadFailed."""
        return self._wire.download(url)

    async def check_key(self, endpoint: str) -> KeyCheck:
        """Ask for a request that does not exist, which costs nothing and tells a bad key (1.2).

        Raises: BadInput for a refused key, ServiceUnreachable.
        """
        app = app_of(endpoint)
        answer = await self._wire.ask(f"{self._urls.queue}/{app}/requests/{uuid.uuid4()}/status")
        if answer.http_status in {401, 403}:
            raise BadInput(
                f"fal refuses the key (HTTP {answer.http_status}): {' '.join(answer.text.split())}",
                fix="set FAL_KEY to a key of your account (fal.ai/dashboard/keys), or add "
                "--sandbox to try without one",
            )
        # Elsewhere than on this machine the mark proves nothing: money may move there.
        here = is_loopback(urlsplit(self._urls.queue).hostname or "")
        return KeyCheck(sandbox=here and SANDBOX_HEADER in answer.headers)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()


def app_of(endpoint: str) -> str:
    """Return the part of an endpoint id that status addresses keep: `owner/app` (2.1)."""
    parts = endpoint.split("/")
    return "/".join(parts[: 3 if parts[0] in THREE_SEGMENT_NAMESPACES else 2])


def _with_urls(value: Any, uploads: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        if set(value) == {INPUT_REF}:
            return uploads[value[INPUT_REF]]
        return {key: _with_urls(item, uploads) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_urls(item, uploads) for item in value]
    return value
