"""The usual way, as a program of its own: the official SDK's `subscribe` over a list of requests.

Run as `python -m tests.chaos.sdk_loop FOLDER`. It does what people's scripts do: a result that is
on disk is not asked for again, everything else is; a failure is printed and the loop goes on. It
is killed and started again like the tool.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client
import httpx

AT_ONCE = 10


async def main(folder: Path) -> None:
    """Ask for everything that is not there yet."""
    work = json.loads((folder / "work.json").read_text())
    for name, value in work["sdk"].items():
        setattr(fal_client.client, name, value)
    client = fal_client.AsyncClient(key=work["key"])
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, request: dict[str, Any]) -> None:
        target = folder / f"{number}.mp4"
        if target.exists():
            return
        async with slots:
            try:
                result = await client.subscribe(work["endpoint"], request, with_logs=True)
                async with httpx.AsyncClient() as downloads:
                    answer = await downloads.get(result["video"]["url"])
                answer.raise_for_status()
                target.write_bytes(answer.content)
            except Exception as exc:  # noqa: BLE001 - the loop goes on, whatever one request met
                print(f"{number}: {type(exc).__name__}: {exc}", file=sys.stderr)  # noqa: T201

    await asyncio.gather(*(one(n, request) for n, request in enumerate(work["requests"])))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
