"""The loop that people write without a harness: the official SDK's `subscribe`, then a download.

python -m benchmarks.sdk_loop ADDRESS CELLS AT_ONCE SERVICE_S FOLDER

One client for all, as its documentation advises. It keeps no ledger, no events and no raw answers,
and checks nothing.
"""

import asyncio
import sys
from pathlib import Path

import fal_client.client
import httpx

from benchmarks.loopback import ENDPOINT


async def _all(address: str, cells: int, at_once: int, service_s: str, folder: Path) -> None:
    fal_client.client.QUEUE_URL_FORMAT = f"{address}/"
    client = fal_client.AsyncClient(key="bench:key")
    gate = asyncio.Semaphore(at_once)
    async with httpx.AsyncClient() as web:

        async def one(number: int) -> None:
            async with gate:
                prompt = f"takes {service_s} s, number {number}"
                arguments = {"prompt": prompt, "duration": "1", "resolution": "72p", "seed": number}
                result = await client.subscribe(ENDPOINT, arguments)
                file = (await web.get(result["video"]["url"])).raise_for_status()
                (folder / f"{number}.mp4").write_bytes(file.content)

        await asyncio.gather(*(one(number) for number in range(cells)))


if __name__ == "__main__":
    asyncio.run(
        _all(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], Path(sys.argv[5]))
    )
