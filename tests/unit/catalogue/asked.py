"""A platform API of a few scripted answers, which remembers what it was asked."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fal_experiments.errors import Answer

API = "https://api.example/v1"


def says(body: Any, status: int = 200) -> Answer:
    """An answer; text is sent as it is, anything else as JSON."""
    return Answer(status, {}, body if isinstance(body, str) else json.dumps(body))


def not_found() -> Answer:
    """The platform's own 404."""
    return says({"error": {"type": "not_found", "message": "no such thing"}}, 404)


def row(endpoint: str, **metadata: Any) -> dict[str, Any]:
    """A row of the list of models."""
    return (
        {"endpoint_id": endpoint, "metadata": metadata} if metadata else {"endpoint_id": endpoint}
    )


class Asked:
    """Each question takes the next answer; the last one stays."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.urls: list[str] = []

    async def __call__(self, url: str) -> Answer:
        self.urls.append(url)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def parameters(self) -> list[dict[str, str]]:
        """What each question asked for."""
        queries = [parse_qs(urlsplit(url).query) for url in self.urls]
        return [{name: values[0] for name, values in query.items()} for query in queries]
