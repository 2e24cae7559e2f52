"""Who calls: API keys in fal's words, and the short-lived tokens of its CDN.

Sources: references/fal-platform.md 1.1, 1.2, 7.1 and 8.1.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from starlette.requests import Request

from fal_experiments.sandbox.wire import Refusal, detail

_TOKEN_LIFE = timedelta(days=1)


class Gate:
    """Checks the Authorization header of every service."""

    def __init__(self, key: str, admin_key: str) -> None:
        self._key = key
        self._admin_key = admin_key

    @property
    def key_id(self) -> str:
        """The public part of the key that jobs come with."""
        return self._key.partition(":")[0]

    def check_app(self, request: Request, app: str) -> None:
        """Let a caller of the queue or of fal.run through. Raises: Refusal (401)."""
        if "authorization" not in request.headers:
            raise detail(401, f'Cannot access application "{app}". Authentication is required.')
        self._check_key(request)

    def check_rest(self, request: Request) -> None:
        """Let a caller of rest.fal.ai through. Raises: Refusal (401)."""
        if "authorization" not in request.headers:
            raise detail(401, "Authorization header is required")
        self._check_key(request)

    def check_platform(self, request: Request, *, is_admin_route: bool) -> None:
        """Let a caller of the platform API through. Raises: Refusal (401, 403)."""
        key = _key_of(request)
        if not self._is_known(key):
            raise _not_authorized(401, "Authentication is required. Send a valid API key.")
        if is_admin_route and not _same(key, self._admin_key):
            raise _not_authorized(403, "This API key is not permitted to perform this action.")

    def _check_key(self, request: Request) -> None:
        if request.headers["authorization"].startswith("Bearer "):
            raise detail(401, "The token could not be decoded: its issuer is unknown")
        if not self._is_known(_key_of(request)):
            raise detail(401, "invalid key credentials")

    def _is_known(self, key: str) -> bool:
        return _same(key, self._key) or _same(key, self._admin_key)


class UploadTokens:
    """Tokens that need no memory: an expiry, signed with the key, good across a restart."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def issue(self, now: datetime) -> tuple[str, datetime]:
        """Return a token and when it ends."""
        ends_at = (now + _TOKEN_LIFE).replace(microsecond=0)
        return f"{int(ends_at.timestamp())}.{self._sign(int(ends_at.timestamp()))}", ends_at

    def check(self, request: Request, now: datetime) -> None:
        """Let an upload through. Raises: Refusal (401)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        ends, _, signature = token.partition(".")
        is_good = (
            scheme == "Bearer"
            and ends.isdecimal()
            and len(ends) < 12
            and _same(signature, self._sign(int(ends)))
            and datetime.fromtimestamp(int(ends), UTC) > now
        )
        if not is_good:
            raise detail(401, "Invalid or expired upload token")

    def _sign(self, ends: int) -> str:
        return hmac.new(self._secret, str(ends).encode(), hashlib.sha256).hexdigest()


def _key_of(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key if scheme == "Key" else ""


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _not_authorized(status: int, message: str) -> Refusal:
    return Refusal(status, {"error": {"type": "authorization_error", "message": message}})
