"""A document is fetched, is known not to be there, or the answer is odd; the three differ."""

import asyncio
from typing import Any

import pytest

from fal_experiments.catalogue.openapi import fetch_document
from fal_experiments.errors import Answer, ServiceUnreachable
from tests.unit.catalogue.asked import Asked, says

ADDRESS = "https://fal.example/openapi.json"


def fetch(answer: Answer) -> dict[str, Any] | None:
    asked = Asked(answer)
    found = asyncio.run(fetch_document(asked, ADDRESS, "a/b/c"))
    assert asked.urls == [f"{ADDRESS}?endpoint_id=a/b/c"]
    return found


def test_a_document_is_returned_as_it_is() -> None:
    assert fetch(says({"paths": {}, "info": {}})) == {"paths": {}, "info": {}}


def test_a_404_that_says_null_is_an_unknown_id() -> None:
    assert fetch(says("null\n", 404)) is None


@pytest.mark.parametrize(
    "answer", [says("<html/>", 404), says({"detail": "x"}, 404), says("null"), says({"paths": 1})]
)
def test_anything_else_is_odd(answer: Answer) -> None:
    with pytest.raises(ServiceUnreachable, match=r"fal\.example answered with"):
        fetch(answer)
