"""The list of models: search it page by page, or look one up by its id.

Source of the shapes: references/fal-platform.md 8.1 and 8.2. `GET /models` needs no key.
"""

import re
from typing import Any, NamedTuple

from fal_experiments.catalogue.asking import Ask, odd_answer, question, read_object
from fal_experiments.core.foreign import exact_number, plain_text
from fal_experiments.errors import Answer

PAGE = 50
"""Models a page: the platform API's usual size, which every deployment takes."""
MAX_PAGES = 40
ENDPOINT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]|/(?=[A-Za-z0-9]))*")
MAX_ID_CHARS = 200


class Query(NamedTuple):
    """What is looked for. Empty fields leave the choice open."""

    words: str = ""
    category: str = ""
    status: str = ""
    limit: int = 20


class Model(NamedTuple):
    """One endpoint as the list describes it; text is safe to print."""

    endpoint: str
    title: str = ""
    category: str = ""
    status: str = ""
    """`active` or `deprecated`; empty where the list does not say."""
    description: str = ""
    tags: tuple[str, ...] = ()
    license: str = ""
    updated_at: str = ""
    usual_minutes: str = ""

    def as_row(self) -> dict[str, Any]:
        """Return it as the list does, so that a copy is read like an answer."""
        metadata = {
            "display_name": self.title,
            "category": self.category,
            "status": self.status,
            "description": self.description,
            "tags": list(self.tags),
            "license_type": self.license,
            "updated_at": self.updated_at,
            "duration_estimate": self.usual_minutes,
        }
        return {"endpoint_id": self.endpoint, "metadata": metadata}


class Listing(NamedTuple):
    """Models in the list's order."""

    models: tuple[Model, ...]
    has_more: bool


async def search_models(ask: Ask, api: str, query: Query) -> Listing:
    """Return the first `query.limit` models that fit, in the service's own order.

    Raises: ServiceUnreachable, also for an answer of another shape and a list that goes in circles.
    """
    found: dict[str, Model] = {}
    cursors = {""}
    cursor = ""
    for _ in range(MAX_PAGES):
        url = question(
            f"{api}/models",
            q=query.words,
            category=query.category,
            status=query.status,
            limit=str(min(PAGE, query.limit)),
            cursor=cursor,
        )
        answer = await ask(url)
        body = read_object(url, answer)
        for model in _models_in(body, url, answer):
            if len(found) == query.limit and model.endpoint not in found:
                return Listing(tuple(found.values()), has_more=True)
            found.setdefault(model.endpoint, model)
        cursor = _next_cursor(body)
        if not cursor or len(found) == query.limit:
            return Listing(tuple(found.values()), has_more=bool(cursor))
        if cursor in cursors:
            raise odd_answer(url, answer, "a list whose next page is an earlier one")
        cursors.add(cursor)
    raise odd_answer(url, answer, f"{len(found)} models on {MAX_PAGES} pages, and no end of pages")


async def find_model(ask: Ask, api: str, endpoint: str) -> Model | None:
    """Return one model by its exact id; None when the service says that there is none.

    Raises: ServiceUnreachable.
    """
    url = question(f"{api}/models", endpoint_id=endpoint)
    answer = await ask(url)
    if answer.http_status == 404 and _is_not_found(answer):
        return None
    models = _models_in(read_object(url, answer), url, answer)
    return next((model for model in models if model.endpoint == endpoint), None)


def is_endpoint(text: Any) -> bool:
    """Tell whether a text can be an endpoint's id, and so is a safe file name too."""
    return isinstance(text, str) and len(text) <= MAX_ID_CHARS and bool(ENDPOINT.fullmatch(text))


def read_model(row: Any) -> Model | None:
    """Return a row of the list; None when it is not one. Its metadata may be missing (8.2)."""
    if not isinstance(row, dict) or not is_endpoint(row.get("endpoint_id")):
        return None
    told = row.get("metadata")
    about = told if isinstance(told, dict) else {}
    tags = about.get("tags")
    minutes = exact_number(about.get("duration_estimate"))
    return Model(
        endpoint=row["endpoint_id"],
        title=plain_text(about.get("display_name"), 120),
        category=plain_text(about.get("category"), 60),
        status=plain_text(about.get("status"), 30),
        description=plain_text(about.get("description"), 600),
        tags=tuple(plain_text(tag, 40) for tag in tags[:20]) if isinstance(tags, list) else (),
        license=plain_text(about.get("license_type"), 30),
        updated_at=plain_text(about.get("updated_at"), 40),
        usual_minutes=f"{minutes.normalize():f}" if minutes else "",
    )


def fits(model: Model, query: Query) -> bool:
    """Tell whether a model fits a query, for lists that are kept here: every word occurs in it."""
    text = " ".join((model.endpoint, model.title, model.description, *model.tags)).lower()
    return (
        all(word in text for word in query.words.lower().split())
        and query.category in {"", model.category}
        and query.status in {"", model.status}
    )


def _models_in(body: dict[str, Any], url: str, answer: Answer) -> list[Model]:
    rows = body.get("models")
    if not isinstance(rows, list):
        raise odd_answer(url, answer, "JSON that has no list of models")
    models = [read_model(row) for row in rows]
    if None in models:
        raise odd_answer(url, answer, f"a list whose row {models.index(None) + 1} is no model")
    return [model for model in models if model is not None]


def _next_cursor(body: dict[str, Any]) -> str:
    """Return the cursor of the next page, or nothing at the end (8.1)."""
    cursor = body.get("next_cursor")
    has_more = body.get("has_more", True)
    return cursor if isinstance(cursor, str) and has_more is not False else ""


def _is_not_found(answer: Answer) -> bool:
    """Tell the platform's `not_found` from a 404 of something else, such as a proxy."""
    return '"not_found"' in answer.text
