"""Everything that a route needs, put together once when the server starts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fal_experiments.sandbox.auth import Gate, UploadTokens
from fal_experiments.sandbox.bills import Bills
from fal_experiments.sandbox.catalogue import Catalogue
from fal_experiments.sandbox.config import SandboxUrls
from fal_experiments.sandbox.dispatch import Dispatcher
from fal_experiments.sandbox.file_store import FileStore
from fal_experiments.sandbox.history import History
from fal_experiments.sandbox.mischief import Mischief
from fal_experiments.sandbox.store import JobStore


@dataclass(frozen=True)
class Services:
    """What stands behind the routes. Made for one event loop, used by it alone."""

    urls: SandboxUrls
    catalogue: Catalogue
    gate: Gate
    upload_tokens: UploadTokens
    store: JobStore
    history: History
    files: FileStore
    dispatcher: Dispatcher
    mischief: Mischief
    bills: Bills
    max_upload_bytes: int
    now: Callable[[], datetime]
    is_closing: Callable[[], bool]
