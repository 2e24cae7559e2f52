"""The environment and .env files, read in one place: keys and addresses.

A key is looked for in the environment first, then in `.env` of the project, `~/.env` and
`~/.aivp/.env`. It is never written anywhere.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from fal_experiments.core.addresses import is_loopback
from fal_experiments.errors import BadInput
from fal_experiments.storage.layout import Project

URL_VARIABLES = {
    "queue": "FAL_EXP_QUEUE_URL",
    "run": "FAL_EXP_RUN_URL",
    "rest": "FAL_EXP_REST_URL",
    "cdn": "FAL_EXP_CDN_URL",
    "api": "FAL_EXP_API_URL",
    "schema": "FAL_EXP_SCHEMA_URL",
}

ADMIN_KEY = "FAL_ADMIN_KEY"
JUDGE_URL = "FAL_EXP_JUDGE_URL"
JUDGE_KEY = "FAL_EXP_JUDGE_KEY"


@dataclass(frozen=True)
class Key:
    """An API key. It does not show itself in a repr, a log or a traceback."""

    value: str = field(repr=False)
    source: str
    """Where it was found, for `fal-exp doctor`."""


@dataclass(frozen=True)
class Settings:
    """What the surroundings say."""

    key: Key | None
    urls: Mapping[str, str]
    """Addresses that differ from fal's own, by name."""
    cache_dir: Path
    """Where dated copies of public answers are kept; it may not exist yet."""
    admin_key: Key | None = None
    """What may read bills (FAL_ADMIN_KEY); None where only `key` is at hand."""

    def require_key(self) -> Key:
        """Return the key. Raises: BadInput that says where one is looked for."""
        if self.key is None:
            raise BadInput(
                "no fal key was found (FAL_KEY)",
                fix="export FAL_KEY=…, or put it in .env of the project or in ~/.env; "
                "--sandbox needs none",
            )
        return self.key


def read_settings(
    project: Project, *, environ: Mapping[str, str] | None = None, home: Path | None = None
) -> Settings:
    """Return key and addresses. Raises: BadInput for an address that is not safe to use."""
    given = os.environ if environ is None else environ
    places = list(_places(project, given, home or Path.home()))
    key = next((key for name, values in places if (key := _key_in(values, name))), None)
    urls = {
        name: _checked_url(variable, value)
        for name, variable in URL_VARIABLES.items()
        if (value := given.get(variable, "").strip())
    }
    cache_dir = _cache_dir(given, home or Path.home())
    return Settings(key=key, urls=urls, cache_dir=cache_dir, admin_key=_admin_key_in(places))


@dataclass(frozen=True)
class JudgeAddress:
    """Where a judge is, and the key for it; a judge on this machine may need none."""

    url: str
    key: Key | None


def read_judge_address(
    project: Project, *, environ: Mapping[str, str] | None = None, home: Path | None = None
) -> JudgeAddress:
    """Return the judge's address from FAL_EXP_JUDGE_URL, its key from FAL_EXP_JUDGE_KEY.

    The key is looked for where fal's is. Raises: BadInput without an address, for one that is not
    safe, and without a key for an address that is not this machine.
    """
    given = os.environ if environ is None else environ
    url = given.get(JUDGE_URL, "").strip()
    if not url:
        raise BadInput(
            f"no judge is set ({JUDGE_URL})",
            fix=f"export {JUDGE_URL}=https://… of an OpenAI-compatible API, up to `/v1`",
        )
    url = _checked_url(JUDGE_URL, url).removesuffix("/chat/completions")
    places = _places(project, given, home or Path.home())
    found = ((place, (values.get(JUDGE_KEY) or "").strip()) for place, values in places)
    key = next((_checked_key(v, f"{JUDGE_KEY} in {place}") for place, v in found if v), None)
    if key is None and not is_loopback(urlsplit(url).hostname or ""):
        raise BadInput(
            f"no key for the judge was found ({JUDGE_KEY})",
            fix=f"export {JUDGE_KEY}=…, or put it in .env of the project",
        )
    return JudgeAddress(url, key)


def _cache_dir(environ: Mapping[str, str], home: Path) -> Path:
    """Return the user's cache folder; a relative one is ignored (XDG Base Directory 0.8)."""
    wished = Path(environ.get("XDG_CACHE_HOME", "").strip())
    return (wished if wished.is_absolute() else home / ".cache") / "fal-exp"


def _places(
    project: Project, environ: Mapping[str, str], home: Path
) -> Iterator[tuple[str, Mapping[str, str | None]]]:
    yield "the environment", environ
    for path in (project.root / ".env", home / ".env", home / ".aivp" / ".env"):
        if path.is_file():
            # interpolate: a `$` in a key is a dollar sign
            yield str(path), dotenv_values(path, interpolate=False)


def _key_in(values: Mapping[str, str | None], place: str) -> Key | None:
    for name in ("FAL_KEY", "FAL_API_KEY"):
        if value := (values.get(name) or "").strip():
            return _checked_key(value, f"{name} in {place}")
    key_id = (values.get("FAL_KEY_ID") or "").strip()
    secret = (values.get("FAL_KEY_SECRET") or "").strip()
    if key_id and secret:
        return _checked_key(f"{key_id}:{secret}", f"FAL_KEY_ID and FAL_KEY_SECRET in {place}")
    return None


def _admin_key_in(places: list[tuple[str, Mapping[str, str | None]]]) -> Key | None:
    for place, values in places:
        if value := (values.get(ADMIN_KEY) or "").strip():
            return _checked_key(value, f"{ADMIN_KEY} in {place}")
    return None


def _checked_key(value: str, source: str) -> Key:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise BadInput(
            f"{source}: the key holds characters that no key has",
            fix="copy it again, without quotes, spaces or line breaks",
        )
    return Key(value=value, source=source)


def _checked_url(variable: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.username or parts.password:
        raise BadInput(f"{variable}: an address with a password in it", fix="leave it out")
    if parts.scheme == "https" and parts.hostname:
        return value.rstrip("/")
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return value.rstrip("/")
    raise BadInput(
        f"{variable}: {value!r} is not an address to send a key to",
        fix="use https://…, or http:// for this machine itself (127.0.0.1, localhost)",
    )
