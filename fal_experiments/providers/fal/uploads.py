"""Local inputs → fal's CDN, through the official client: uploads are free and it does them well."""

from pathlib import Path

import fal_client
import fal_client.client
import httpx

from fal_experiments.errors import ServiceUnreachable
from fal_experiments.providers.fal.adapter import FalUrls


class FalUploads:
    """Uploads with the account's key. Addresses are module globals of fal_client 1.0.3 (1.4)."""

    def __init__(self, key: str, urls: FalUrls) -> None:
        fal_client.client.REST_URL = urls.rest
        fal_client.client.CDN_URL = urls.cdn
        self._client = fal_client.AsyncClient(key=key)

    async def upload(self, path: Path) -> str:
        """Return the URL under which models can read the file.

        Raises: ServiceUnreachable. The client's fallback repository stays off: it would send the
        key to whatever host the answer names (7.1).
        """
        try:
            return str(await self._client.upload_file(path, fallback_repository=[]))
        except (httpx.HTTPError, fal_client.FalClientError, KeyError, ValueError) as exc:
            raise ServiceUnreachable(
                f"{path.name} could not be uploaded: {type(exc).__name__}: {exc}",
                kind="upload_failed",
                billed="no",
                retry_can_help=True,
                fix="nothing was submitted for it; `fal-exp resume` tries again",
            ) from exc
