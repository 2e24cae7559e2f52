"""fal's own Python client, unchanged, against the sandbox: the sandbox speaks the real wire."""

import asyncio
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client
import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.conformance.conftest import PointSdk, async_client, sync_client
from tests.sandbox.lab import MOVER, TELLER, picture, read_clip

ARGUMENTS = {"prompt": "a boat", "duration": "1", "resolution": "72p"}


def frames_at(result: dict[str, Any]) -> int:
    """Return the number of frames of a result's video, fetched and decoded."""
    return read_clip(httpx.get(result["video"]["url"]).raise_for_status().content).frames


def test_async_submit_status_and_result(server: SandboxServer, point_sdk: PointSdk) -> None:
    point_sdk(server)

    async def use() -> tuple[list[Any], dict[str, Any]]:
        async with async_client() as client:
            handle = await client.submit(TELLER, ARGUMENTS)
            events = [event async for event in handle.iter_events(with_logs=True, interval=0.02)]
            return events, await client.result(TELLER, handle.request_id)

    events, result = asyncio.run(use())

    assert isinstance(events[-1], fal_client.Completed)
    assert events[-1].error is None
    assert events[-1].metrics["inference_time"] > 0
    assert "uploading the result" in [line["message"] for line in events[-1].logs or []]
    assert frames_at(result) == 8


def test_async_status_of_a_waiting_job_and_its_cancelling(
    stalled: SandboxServer, point_sdk: PointSdk
) -> None:
    point_sdk(stalled)

    async def use() -> tuple[Any, int]:
        async with async_client() as client:
            handle = await client.submit(TELLER, ARGUMENTS)
            status = await handle.status(with_logs=True)
            await handle.cancel()
            with pytest.raises(fal_client.FalClientHTTPError) as failed:
                await handle.get()
            return status, failed.value.status_code

    status, status_code = asyncio.run(use())

    assert isinstance(status, fal_client.Queued)
    assert status.position >= 0
    assert status_code == 499
    assert stalled.stats().billed_by_request == {}


def test_async_cancel_of_a_finished_job_is_an_error(
    server: SandboxServer, point_sdk: PointSdk
) -> None:
    point_sdk(server)

    async def use() -> int:
        async with async_client() as client:
            handle = await client.submit(TELLER, ARGUMENTS)
            await handle.get(interval=0.02)
            with pytest.raises(fal_client.FalClientHTTPError) as refused:
                await client.cancel(TELLER, handle.request_id)
            return refused.value.status_code

    assert asyncio.run(use()) == 400


def test_async_upload_file_and_subscribe(
    server: SandboxServer, point_sdk: PointSdk, tmp_path: Path
) -> None:
    point_sdk(server)
    plate = tmp_path / "plate.png"
    plate.write_bytes(picture())

    async def use() -> tuple[str, dict[str, Any], list[Any]]:
        async with async_client() as client:
            url = await client.upload_file(plate)
            updates: list[Any] = []
            result = await client.subscribe(
                MOVER,
                {"prompt": "it walks", "image_url": url, "seed": 5},
                with_logs=True,
                interval=0.02,
                on_queue_update=updates.append,
            )
            return url, result, updates

    url, result, updates = asyncio.run(use())

    assert httpx.get(url).content == picture()
    assert httpx.get(url).headers["content-type"] == "image/png"
    assert result["seed"] == 5
    assert frames_at(result) == 8
    assert isinstance(updates[-1], fal_client.Completed)


def test_sync_submit_and_get(server: SandboxServer, point_sdk: PointSdk) -> None:
    point_sdk(server)

    with sync_client() as client:
        strict = {"X-Fal-Store-IO": "1", "x-app-fal-disable-fallback": "true"}
        handle = client.submit(TELLER, ARGUMENTS, headers=strict, start_timeout=60)
        result = handle.get(interval=0.02)

    assert frames_at(result) == 8


def test_sync_run_and_upload_of_bytes(server: SandboxServer, point_sdk: PointSdk) -> None:
    point_sdk(server)

    with sync_client() as client:
        url = client.upload(picture(), "image/png", "a.png")
        result = client.run(MOVER, {"prompt": "now", "image_url": url})

    assert frames_at(result) == 8


def test_a_file_in_parts_arrives_whole(
    server: SandboxServer,
    point_sdk: PointSdk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    point_sdk(server)
    monkeypatch.setattr(fal_client.client, "MULTIPART_THRESHOLD", 1000)
    monkeypatch.setattr(fal_client.client, "MULTIPART_CHUNK_SIZE", 700)
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(range(256)) * 20)

    with sync_client() as client:
        url = client.upload_file(large)

    assert httpx.get(url).content == large.read_bytes()


def test_a_wrong_value_raises_with_the_list_of_errors(
    server: SandboxServer, point_sdk: PointSdk
) -> None:
    point_sdk(server)

    with sync_client() as client:
        handle = client.submit(TELLER, {"prompt": "a", "duration": "99"})
        with pytest.raises(fal_client.FalClientHTTPError) as refused:
            handle.get(interval=0.02)

    assert refused.value.status_code == 422
    assert refused.value.response_headers["x-fal-billable-units"] == "0"


def test_a_wrong_key_raises(server: SandboxServer, point_sdk: PointSdk) -> None:
    point_sdk(server)

    with (
        sync_client("wrong:key") as client,
        pytest.raises(fal_client.FalClientHTTPError) as refused,
    ):
        client.submit(TELLER, ARGUMENTS)

    assert refused.value.status_code == 401
    assert "invalid key credentials" in str(refused.value)
