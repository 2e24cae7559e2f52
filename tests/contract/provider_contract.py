"""What every adapter must do: a new one subclasses `ProviderContract` with a live service."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from fal_experiments.core.plan import Cell, Coordinates
from fal_experiments.core.ports import Accepted, Service
from fal_experiments.core.preset import Output
from fal_experiments.core.request import ProviderResult, Ticket
from fal_experiments.errors import ResultFailed, SubmitRejected

Connect = Callable[..., contextlib.AbstractAsyncContextManager[Service]]


class ProviderContract:
    """Subclasses provide `connect` (a fixture), an endpoint, arguments, and where the file is."""

    endpoint: str
    arguments: dict[str, Any]
    output = Output()

    @pytest.fixture
    def connect(self) -> Connect:
        """Return a context manager that connects to the service; `key` may be given."""
        raise NotImplementedError

    def cell(self, **changes: Any) -> Cell:
        """A cell of the endpoint."""
        return Cell(
            cell_id="c",
            at=Coordinates(prompt="p", preset="p"),
            provider="fal",
            endpoint=self.endpoint,
            family="f",
            task="text-to-video",
            prompt_text="x",
            arguments=self.arguments | changes,
        )

    def test_building_a_request_is_pure_and_changes_no_argument(self, connect: Connect) -> None:
        async def play(service: Service) -> None:
            cell = self.cell()
            first, second = (service.provider.build(cell, {}, {}) for _ in range(2))
            assert first == second
            assert first.body == cell.arguments

        self._play(connect, play)

    def test_a_local_input_is_replaced_by_its_url_wherever_it_stands(
        self, connect: Connect
    ) -> None:
        async def play(service: Service) -> None:
            cell = self.cell(deep={"list": [{"$input": "ab"}]})
            request = service.provider.build(cell, {"ab": "https://x/y.png"}, {})
            assert request.body["deep"] == {"list": ["https://x/y.png"]}

        self._play(connect, play)

    def test_a_ticket_is_enough_for_another_connection_to_finish_the_job(
        self, connect: Connect
    ) -> None:
        async def play() -> None:
            async with connect() as service:
                ticket = (await self._submit(service)).ticket
            kept = ticket.model_dump_json()
            async with connect() as service:
                result = await self._finish(service, Ticket.model_validate_json(kept))
                async with service.provider.download(result.media.url) as chunks:
                    data = b"".join([chunk async for chunk in chunks])
            assert data
            assert result.billable_units is not None
            assert result.strict_breach is None

        asyncio.run(play())

    def test_a_result_can_be_fetched_again(self, connect: Connect) -> None:
        async def play(service: Service) -> None:
            ticket = (await self._submit(service)).ticket
            first = await self._finish(service, ticket)
            again = await service.provider.fetch(ticket, self.output)
            assert again.media == first.media

        self._play(connect, play)

    def test_every_submit_is_a_job_of_its_own(self, connect: Connect) -> None:
        async def play(service: Service) -> None:
            one, other = [(await self._submit(service)).ticket for _ in range(2)]
            assert one.request_id != other.request_id

        self._play(connect, play)

    def test_a_refused_key_is_a_rejection_that_is_not_billed(self, connect: Connect) -> None:
        async def play() -> None:
            async with connect(key="wrong:wrong-wrong") as service:
                with pytest.raises(SubmitRejected) as caught:
                    await self._submit(service)
            assert caught.value.billed == "no"
            assert caught.value.is_account_problem

        asyncio.run(play())

    def test_an_unknown_job_is_a_failure_and_not_an_endless_wait(self, connect: Connect) -> None:
        async def play(service: Service) -> None:
            ticket = (await self._submit(service)).ticket
            gone = {
                name: getattr(ticket, name).replace(ticket.request_id, "0" * 8)
                for name in ("status_url", "response_url", "cancel_url")
            }
            with pytest.raises(ResultFailed):
                await service.provider.poll(ticket.model_copy(update=gone))

        self._play(connect, play)

    def test_a_cancel_is_answered_in_the_providers_words(self, connect: Connect) -> None:
        async def play(service: Service) -> None:
            ticket = (await self._submit(service)).ticket
            await self._finish(service, ticket)
            assert await service.provider.cancel(ticket)

        self._play(connect, play)

    def _play(self, connect: Connect, play: Callable[[Service], Awaitable[None]]) -> None:
        async def connected() -> None:
            async with connect() as service:
                await play(service)

        asyncio.run(connected())

    async def _submit(self, service: Service) -> Accepted:
        return await service.provider.submit(service.provider.build(self.cell(), {}, {}))

    async def _finish(self, service: Service, ticket: Ticket) -> ProviderResult:
        """Poll to the end. The service answers each poll over a socket, so this does not spin."""
        status = await service.provider.poll(ticket)
        while status.state != "completed":
            status = await service.provider.poll(ticket)
        return await service.provider.fetch(ticket, self.output)


@contextlib.asynccontextmanager
async def closing(service: Service) -> AsyncIterator[Service]:
    """Close a service's connections after use."""
    try:
        yield service
    finally:
        await service.provider.aclose()
