"""An endpoint's OpenAPI document, from the address that fal's own clients ask.

Source: references/fal-platform.md 9. No key; an unknown id is a 404 whose body is `null`.
"""

from typing import Any

from fal_experiments.catalogue.asking import Ask, odd_answer, question, read_object


async def fetch_document(ask: Ask, address: str, endpoint: str) -> dict[str, Any] | None:
    """Return the document; None when the service does not know the endpoint.

    Raises: ServiceUnreachable, also for an answer that is no JSON object.
    """
    url = document_url(address, endpoint)
    answer = await ask(url)
    if answer.http_status == 404 and answer.text.strip() == "null":
        return None
    body = read_object(url, answer)
    if not isinstance(body.get("paths"), dict):
        raise odd_answer(url, answer, "JSON that is no OpenAPI document")
    return body


def document_url(address: str, endpoint: str) -> str:
    """Return where the document of an endpoint is."""
    return question(address, endpoint_id=endpoint)
