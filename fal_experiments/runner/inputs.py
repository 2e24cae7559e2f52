"""Local inputs at the provider: each file is uploaded at most once for a batch."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from fal_experiments.core.events import InputUploaded
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ports import Uploads
from fal_experiments.errors import ServiceUnreachable
from fal_experiments.runner.attempt import Tools


class InputUploads:
    """Addresses of local inputs. `files` is by SHA-256, `takers` by provider."""

    def __init__(
        self,
        tools: Tools,
        state: BatchState,
        files: Mapping[str, Path],
        takers: Mapping[str, Uploads],
    ) -> None:
        self._tools = tools
        self._state = state
        self._files = files
        self._takers = takers
        self._running: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def url(self, provider: str, sha256: str) -> str:
        """Return where an input is at the provider, uploading it if it is not there yet.

        Raises: ServiceUnreachable, StorageFailed.
        """
        key = (provider, sha256)
        if key in self._state.uploads:
            return self._state.uploads[key]
        if key not in self._running:
            self._running[key] = asyncio.create_task(self._upload(provider, sha256))
        return await asyncio.shield(self._running[key])

    def cancel(self) -> None:
        """Give up what is still being uploaded."""
        for upload in self._running.values():
            upload.cancel()

    async def _upload(self, provider: str, sha256: str) -> str:
        if provider not in self._takers:
            raise ServiceUnreachable(
                f"{provider} takes no uploads",
                kind="no_uploads",
                billed="no",
                fix="give the input as a URL",
            )
        url = await self._takers[provider].upload(self._files[sha256])
        await self._tools.log.append(
            InputUploaded(
                at=self._tools.clock.now(),
                batch=self._tools.batch,
                provider=provider,
                input_sha256=sha256,
                url=url,
            )
        )
        return url
