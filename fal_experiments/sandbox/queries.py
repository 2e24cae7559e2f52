"""Query parameters of the platform API: lists, times, pages; refused in its own error envelope.

Source: references/fal-platform.md 8.1.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from starlette.requests import Request

from fal_experiments.sandbox.history import Page, Span
from fal_experiments.sandbox.wire import Refusal

T = TypeVar("T")

_MOST_LISTED = 50


def platform_error(status: int, type_: str, message: str) -> Refusal:
    """Return the platform API's form of an error."""
    return Refusal(status, {"error": {"type": type_, "message": message}})


def invalid(message: str) -> Refusal:
    """Return a 400 that says what is wrong with a request."""
    return platform_error(400, "validation_error", message)


def list_of(request: Request, name: str) -> list[str]:
    """Return a parameter that may be repeated or hold commas. Raises: Refusal above 50 values."""
    values = [
        part.strip()
        for text in request.query_params.getlist(name)
        for part in text.split(",")
        if part.strip()
    ]
    if len(values) > _MOST_LISTED:
        raise invalid(f"{name}: at most {_MOST_LISTED} values")
    return list(dict.fromkeys(values))


def choice_of(request: Request, name: str, options: tuple[str, ...]) -> str:
    """Return one of the options, or nothing when it is not given. Raises: Refusal."""
    value = request.query_params.get(name, "")
    if value and value not in options:
        raise invalid(f"{name}: expected one of {', '.join(options)}")
    return value


def page_of(request: Request, *, usual: int, most: int, cap: int | None = None) -> Page:
    """Return the page by `limit` and `cursor`, no larger than `cap`. Raises: Refusal."""
    text = request.query_params.get("limit", str(usual))
    if not (text.isdecimal() and len(text) < 9 and 1 <= int(text) <= most):
        raise invalid(f"limit: expected 1 to {most}")
    limit = int(text) if cap is None else min(int(text), cap)
    return Page(limit, limit * (_page_number(request) - 1))


def paged(rows: list[T], page: Page) -> tuple[list[T], dict[str, Any]]:
    """Return the rows of this page, and the fields that say whether more follow."""
    has_more = len(rows) > page.limit
    number = page.offset // page.limit + 2
    cursor = base64.b64encode(str(number).encode()).decode() if has_more else None
    return rows[: page.limit], {"next_cursor": cursor, "has_more": has_more}


def span_of(request: Request, now: datetime, *, usual: timedelta = timedelta(days=1)) -> Span:
    """Return the window of `start` (else `usual` ago) and `end` (else now). Raises: Refusal."""
    start = _moment(request, "start") or now - usual
    # Now is not part of a window that ends with it, and what happened this very moment is.
    end = _moment(request, "end") or now + timedelta(seconds=1)
    if start > end:
        raise invalid("start: expected a time before end")
    return Span(start, end)


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name}: expected ISO 8601 or YYYY-MM-DD") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _page_number(request: Request) -> int:
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return 1
    try:
        text = base64.b64decode(cursor, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not (text.isdecimal() and len(text) < 8 and int(text) > 0):
        raise invalid("cursor: expected the next_cursor of an earlier answer")
    return int(text)
