"""https://api.fal.ai/v1: models, prices and the account, and https://fal.ai's OpenAPI documents.

Source of every shape: references/fal-platform.md 8 and 9.
"""

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fal_experiments.sandbox.books import unit_price
from fal_experiments.sandbox.catalogue import CataloguedEndpoint
from fal_experiments.sandbox.history import Page
from fal_experiments.sandbox.openapi import openapi_document
from fal_experiments.sandbox.queries import (
    choice_of,
    invalid,
    list_of,
    page_of,
    paged,
    platform_error,
)
from fal_experiments.sandbox.services import Services
from fal_experiments.sandbox.timing import times_of
from fal_experiments.sandbox.wire import Refusal, json_answer, read_json_object

_OPENING_BALANCE_USD = 1000
_SINCE = "2026-01-01T00:00:00Z"


class PlatformApi:
    """The routes below /api/v1 that speak of models, prices and the account, and /schema."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def models(self, request: Request) -> Response:
        """GET /models: list, find by id, or search. Open without a key."""
        if "authorization" in request.headers:
            self._services.gate.check_platform(request, is_admin_route=False)
        wanted = list_of(request, "endpoint_id")
        page = page_of(request, usual=50, most=100)
        expand = set(list_of(request, "expand"))
        status = choice_of(request, "status", ("active", "deprecated"))
        category = request.query_params.get("category", "")
        words = request.query_params.get("q", "").lower().split()
        found = [
            endpoint
            for endpoint in self._named(wanted)
            if _has_words(endpoint, words)
            and category in {"", endpoint.preset.task}
            and status in {"", _status(endpoint)}
        ]
        rows, more = paged(found[page.offset : page.offset + page.limit + 1], page)
        return json_answer({"models": [self._model(row, expand) for row in rows], **more})

    async def pricing(self, request: Request) -> Response:
        """GET /models/pricing: unit prices; one unknown id refuses the whole batch."""
        self._services.gate.check_platform(request, is_admin_route=False)
        wanted = list_of(request, "endpoint_id")
        if not wanted:
            raise invalid("endpoint_id: expected 1 to 50 ids")
        rows, more = paged(self._named(wanted), Page(limit=50, offset=0))
        return json_answer({"prices": [_price(row) for row in rows], **more})

    async def estimate(self, request: Request) -> Response:
        """POST /models/pricing/estimate: one total, from unit prices or from past calls."""
        self._services.gate.check_platform(request, is_admin_route=False)
        self._services.bills.limit_estimates()
        body = await _object(request)
        kind, endpoints = body.get("estimate_type"), body.get("endpoints")
        if kind not in {"unit_price", "historical_api_price"}:
            raise invalid("estimate_type: expected unit_price or historical_api_price")
        if not isinstance(endpoints, dict) or not endpoints:
            raise invalid("endpoints: expected {endpoint id: {unit_quantity | call_quantity}}")
        field, least = ("unit_quantity", 1e-6) if kind == "unit_price" else ("call_quantity", 1)
        total = Decimal(0)
        for endpoint in self._named(list(endpoints)):
            quantity = _quantity(endpoints[endpoint.preset.endpoint], field)
            if quantity is None or not least <= quantity < 1e12:
                raise invalid(f"{endpoint.preset.endpoint}: expected {field} of at least {least}")
            total += Decimal(str(quantity)) * self._one(endpoint, kind)
        return json_answer({"estimate_type": kind, "total_cost": float(total), "currency": "USD"})

    async def account(self, request: Request) -> Response:
        """GET /account/billing: whose account it is, and what is left when asked."""
        self._services.gate.check_platform(request, is_admin_route=True)
        body: dict[str, Any] = {"username": "sandbox"}
        if "credits" in list_of(request, "expand"):
            spent = Decimal(self._services.history.billed_nano_usd()) / 10**9
            scripted = self._services.bills.balance_usd()
            left = float(_OPENING_BALANCE_USD - spent if scripted is None else scripted)
            body["credits"] = {"current_balance": left, "currency": "USD"}
        return json_answer(body)

    async def schema(self, request: Request) -> Response:
        """GET /schema?endpoint_id=: the OpenAPI document; 404 with the body `null`."""
        endpoint = self._services.catalogue.get(request.query_params.get("endpoint_id", ""))
        if endpoint is None:
            raise Refusal(404, None)
        return json_answer(openapi_document(endpoint, self._services.urls.queue))

    def _named(self, ids: list[str]) -> list[CataloguedEndpoint]:
        """Return the endpoints with these ids, all without any. Raises: Refusal (404)."""
        if not ids:
            return [endpoint for _, endpoint in self._services.catalogue]
        found = [self._services.catalogue.get(id_) for id_ in ids]
        unknown = [id_ for id_, endpoint in zip(ids, found, strict=True) if endpoint is None]
        if unknown:
            raise platform_error(404, "not_found", f"Endpoint not found: {', '.join(unknown)}")
        return [endpoint for endpoint in found if endpoint]

    def _one(self, endpoint: CataloguedEndpoint, kind: str) -> Decimal:
        if kind == "unit_price":
            return unit_price(endpoint.preset).usd
        average = self._services.history.average_cost_usd(endpoint.preset.endpoint)
        if average is None:
            message = f"No past calls of {endpoint.preset.endpoint}"
            raise platform_error(404, "not_found", message)
        return average

    def _model(self, endpoint: CataloguedEndpoint, expand: set[str]) -> dict[str, Any]:
        model = {"endpoint_id": endpoint.preset.endpoint, "metadata": self._metadata(endpoint)}
        if "openapi-3.0" in expand:
            model["openapi"] = openapi_document(endpoint, self._services.urls.queue)
        if "enterprise_status" in expand:
            model["enterprise_status"] = "ready"
        return model

    def _metadata(self, endpoint: CataloguedEndpoint) -> dict[str, Any]:
        preset = endpoint.preset
        minutes = times_of(preset.family, preset.endpoint).service_s / 60
        return {
            "display_name": preset.title,
            "category": preset.task,
            "description": f"{preset.title}, as the sandbox draws it",
            "status": _status(endpoint),
            "tags": ["sandbox", preset.family],
            "updated_at": _SINCE,
            "is_favorited": None,
            "thumbnail_url": "",
            "model_url": f"{self._services.urls.run}/{preset.endpoint}",
            "date": _SINCE,
            "highlighted": False,
            "pinned": False,
            "kind": "inference",
            "duration_estimate": round(minutes, 2),
        }


def _has_words(endpoint: CataloguedEndpoint, words: list[str]) -> bool:
    text = f"{endpoint.preset.endpoint} {endpoint.preset.title}".lower()
    return all(word in text for word in words)


async def _object(request: Request) -> dict[str, Any]:
    try:
        return await read_json_object(request)
    except Refusal as refusal:
        raise invalid(str(refusal.body["detail"])) from refusal


def _quantity(given: Any, field: str) -> float | None:
    value = given.get(field) if isinstance(given, dict) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def _status(endpoint: CataloguedEndpoint) -> str:
    return "deprecated" if endpoint.preset.status == "retired" else "active"


def _price(endpoint: CataloguedEndpoint) -> dict[str, Any]:
    price = unit_price(endpoint.preset)
    return {
        "endpoint_id": endpoint.preset.endpoint,
        "unit_price": float(price.usd),
        "unit": price.unit,
        "currency": "USD",
    }
