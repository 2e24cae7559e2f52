"""The list of models is read page by page, within bounds, and an odd answer is called odd."""

import asyncio
from itertools import count
from typing import Any

import pytest

from fal_experiments.catalogue.models import (
    MAX_PAGES,
    Listing,
    Model,
    Query,
    find_model,
    fits,
    is_endpoint,
    read_model,
    search_models,
)
from fal_experiments.errors import Answer, BadInput, ServiceUnreachable
from tests.unit.catalogue.asked import API, Asked, not_found, row, says


def page(*endpoints: str, cursor: str | None = None, **more: Any) -> Answer:
    rows = [row(endpoint) for endpoint in endpoints]
    return says({"models": rows, "next_cursor": cursor, "has_more": cursor is not None, **more})


def search(asked: Asked, **query: Any) -> Listing:
    return asyncio.run(search_models(asked, API, Query(**query)))


def ids(listing: Listing) -> list[str]:
    return [model.endpoint for model in listing.models]


def test_pages_are_followed_until_there_are_enough() -> None:
    asked = Asked(page("a/1", "a/2", cursor="Mg=="), page("a/3", "a/4", cursor="Mw=="))

    listing = search(asked, words="walk cycle", category="image-to-video", limit=3)

    assert ids(listing) == ["a/1", "a/2", "a/3"]
    assert listing.has_more
    first, second = asked.parameters()
    assert first == {"q": "walk cycle", "category": "image-to-video", "limit": "3"}
    assert second == {**first, "cursor": "Mg=="}


def test_the_last_page_ends_the_list() -> None:
    listing = search(Asked(page("a/1", cursor="Mg=="), page("a/2")))

    assert (ids(listing), listing.has_more) == (["a/1", "a/2"], False)


@pytest.mark.parametrize("more", [{"has_more": False, "cursor": "Mg=="}, {"cursor": ""}])
def test_either_sign_of_the_end_is_one(more: dict[str, Any]) -> None:
    asked = Asked(page("a/1", **more))

    assert not search(asked).has_more
    assert len(asked.urls) == 1


def test_more_rows_than_were_asked_for_are_left_for_the_next_question() -> None:
    listing = search(Asked(page(*(f"a/{n}" for n in range(9)))), limit=2)

    assert (ids(listing), listing.has_more) == (["a/0", "a/1"], True)


def test_a_model_that_stands_on_two_pages_is_shown_once() -> None:
    listing = search(Asked(page("a/1", cursor="Mg=="), page("a/1", "a/2")))

    assert ids(listing) == ["a/1", "a/2"]


def test_a_list_that_goes_in_circles_is_odd() -> None:
    asked = Asked(page("a/1", cursor="Mg=="), page("a/2", cursor="Mw=="), page(cursor="Mg=="))

    with pytest.raises(ServiceUnreachable, match="next page is an earlier one"):
        search(asked)
    assert len(asked.urls) == 3


def test_a_list_without_end_is_given_up() -> None:
    numbers = count()

    async def endless(_: str) -> Answer:
        return page(cursor=str(next(numbers)))

    with pytest.raises(ServiceUnreachable, match=f"0 models on {MAX_PAGES} pages"):
        asyncio.run(search_models(endless, API, Query()))
    assert next(numbers) == MAX_PAGES


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says("<html><body>Please log in</body></html>"), "it begins with <html>"),
        (says("[" * 50_000), "not a JSON object"),
        (says('{"a":' * 200 + "1" + "}" * 200), "not a JSON object"),
        (says('{"models": NaN}'), "no list of models"),
        (says([]), "not a JSON object"),
        (says({"models": {}}), "no list of models"),
        (says({"models": [row("a/b"), 7]}), "row 2 is no model"),
        (says({"models": [row("../../etc/passwd")]}), "row 1 is no model"),
        (says({"models": [row("a/b\x1b[2J")]}), "row 1 is no model"),
        (says({"models": [row("a/" + "b" * 300)]}), "row 1 is no model"),
        (says("", 418), "HTTP 418"),
        (says({"error": {"type": "rate_limited", "message": "slow\ndown"}}, 429), "slow down"),
    ],
)
def test_an_odd_answer_is_called_odd(answer: Answer, words: str) -> None:
    with pytest.raises(ServiceUnreachable) as caught:
        search(Asked(answer))

    assert words in caught.value.message
    assert caught.value.message.startswith("api.example answered with ")
    assert caught.value.message.isprintable()


def test_a_question_that_the_service_calls_wrong_is_bad_input() -> None:
    error = {"error": {"type": "validation_error", "message": "category: no such thing"}}

    with pytest.raises(BadInput, match="refuses the question: category: no such thing"):
        search(Asked(says(error, 400)))


def test_one_model_is_found_by_its_id_and_by_no_other() -> None:
    asked = Asked(says({"models": [row("a/other"), row("a/b", display_name="B")]}))

    found = asyncio.run(find_model(asked, API, "a/b"))

    assert found is not None
    assert found.title == "B"
    assert asked.urls == [f"{API}/models?endpoint_id=a/b"]


@pytest.mark.parametrize("answer", [not_found(), page(), page("a/other")])
def test_a_model_that_is_not_there_is_none(answer: Answer) -> None:
    assert asyncio.run(find_model(Asked(answer), API, "a/b")) is None


def test_a_404_of_something_in_between_is_not_an_unknown_model() -> None:
    with pytest.raises(ServiceUnreachable, match="HTTP 404"):
        asyncio.run(find_model(Asked(says("<html>nginx</html>", 404)), API, "a/b"))


def test_metadata_may_be_missing_odd_or_hostile() -> None:
    odd = {"display_name": "\x1b]0;x\x07 K\nL \u202e", "tags": "x", "duration_estimate": "NaN"}

    assert read_model({"endpoint_id": "a/b"}) == Model("a/b")
    assert read_model({"endpoint_id": "a/b", "metadata": []}) == Model("a/b")
    assert read_model(row("a/b", **odd)) == Model("a/b", title="]0;x K L")


def test_a_model_comes_back_from_its_own_row() -> None:
    model = read_model(
        row(
            "a/b",
            display_name="B",
            category="c",
            status="active",
            description="d",
            tags=["x", "y"],
            license_type="commercial",
            updated_at="2026-11-20T00:00:00Z",
            duration_estimate=2.5,
        )
    )

    assert model is not None
    assert model.usual_minutes == "2.5"
    assert read_model(model.as_row()) == model


@pytest.mark.parametrize("text", ["fal-ai/veo3.1/fast", "bytedance/seedance-2.0/i_v", "Ab1"])
def test_endpoint_ids(text: str) -> None:
    assert is_endpoint(text)


@pytest.mark.parametrize(
    "text", ["", "/a", "a/", "a//b", "a/../b", "a\\b", "a b", "ä/b", "a/b\n", 7]
)
def test_what_is_no_endpoint_id(text: Any) -> None:
    assert not is_endpoint(text)


def test_kept_models_are_searched_by_all_words() -> None:
    model = Model("fal-ai/kling-video", title="Kling 3", category="image-to-video", status="active")

    assert fits(model, Query(words="KLING fal-ai"))
    assert not fits(model, Query(words="kling veo"))
    assert not fits(model, Query(category="text-to-video"))
    assert not fits(model, Query(status="deprecated"))
