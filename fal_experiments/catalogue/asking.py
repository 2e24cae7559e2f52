"""Questions to a platform API: how they are put, and what is made of an answer that is odd.

The package speaks no HTTP itself: whoever wires it hands in a way to ask, which repeats a question
that gets no answer and knows the key, or knows none.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from fal_experiments.core.foreign import json_of, plain_text
from fal_experiments.errors import Answer, BadInput, ServiceUnreachable

Ask = Callable[[str], Awaitable[Answer]]
"""GET one address. Raises: ServiceUnreachable when nobody answers."""


class Addresses(NamedTuple):
    """Where fal answers questions about models. Others stand for a proxy or the sandbox."""

    api: str = "https://api.fal.ai/v1"
    schema: str = "https://fal.ai/api/openapi/queue/openapi.json"

    @classmethod
    def of(cls, urls: Mapping[str, str]) -> "Addresses":
        """Return fal's own addresses but for those that `urls` replaces by name."""
        return cls(**{name: url for name, url in urls.items() if name in cls._fields})


def question(address: str, **parameters: str) -> str:
    """Return an address with parameters; empty ones are left out."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{address}?{urlencode(given, safe='/')}" if given else address


def read_object(url: str, answer: Answer, *, exact: bool = False) -> dict[str, Any]:
    """Return the JSON object of an answer of success.

    Raises: BadInput when the service calls the question wrong; ServiceUnreachable.
    """
    body = json_of(answer.text, exact=exact)
    if answer.http_status != 200:
        said = _error_words(body)
        if answer.http_status == 400 and said:
            raise BadInput(f"{urlsplit(url).netloc} refuses the question: {said}")
        raise odd_answer(url, answer, f"HTTP {answer.http_status}{f': {said}' if said else ''}")
    if not isinstance(body, dict):
        raise odd_answer(url, answer, "something that is not a JSON object")
    return body


def odd_answer(url: str, answer: Answer, what: str) -> ServiceUnreachable:
    """Return the error for an answer that can not be used; it quotes how the answer begins."""
    begins = plain_text(answer.text, 60)
    quoted = f" (it begins with {begins})" if begins and answer.http_status == 200 else ""
    return ServiceUnreachable(
        f"{urlsplit(url).netloc} answered with {what}{quoted}",
        kind="odd_answer",
        billed="no",
        answer=answer,
        fix="is a proxy or a login page in between? FAL_EXP_API_URL and FAL_EXP_SCHEMA_URL say "
        "who is asked",
    )


def _error_words(body: Any) -> str:
    """Return the words of the platform's error envelope (references/fal-platform.md 8.1)."""
    error = body.get("error") if isinstance(body, dict) else None
    return plain_text(error.get("message"), 200) if isinstance(error, dict) else ""
