"""The platform API: models, prices, past requests, billing events, usage, account, schemas."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from fal_experiments.sandbox.server import SandboxServer
from tests.sandbox.lab import KEY, MOVER, PAINTER, TELLER, UNPRICED, Lab, config
from tests.sandbox.test_storage import Clock

ADMIN_ROUTES = ["/models/billing-events", "/models/usage", "/account/billing"]


def error_type(answer: httpx.Response) -> str:
    """Return the machine type of an error."""
    kind: str = answer.json()["error"]["type"]
    return kind


def billing(lab: Lab, **params: Any) -> list[dict[str, Any]]:
    """Return billing events."""
    events: list[dict[str, Any]] = lab.api("/models/billing-events", **params).json()[
        "billing_events"
    ]
    return events


def test_models_can_be_listed_page_by_page(lab: Lab) -> None:
    first = lab.api("/models", limit=3).json()
    second = lab.api("/models", limit=3, cursor=first["next_cursor"]).json()

    ids = [model["endpoint_id"] for page in (first, second) for model in page["models"]]
    assert ids == sorted([MOVER, PAINTER, TELLER, UNPRICED])
    assert (first["next_cursor"], first["has_more"]) == ("Mg==", True)
    assert (second["next_cursor"], second["has_more"]) == (None, False)


def test_models_can_be_found_and_searched(lab: Lab) -> None:
    found = lab.api("/models", endpoint_id=[TELLER, MOVER]).json()["models"]
    searched = lab.api("/models", q="model PAINT").json()["models"]
    category = lab.api("/models", category="image-to-video").json()["models"]

    assert [model["endpoint_id"] for model in found] == [TELLER, MOVER]
    assert [model["endpoint_id"] for model in searched] == [PAINTER]
    assert [model["endpoint_id"] for model in category] == [MOVER]
    assert found[0]["metadata"]["display_name"] == f"Test model {TELLER}"


def test_the_list_of_models_needs_no_key_but_refuses_a_wrong_one(lab: Lab) -> None:
    assert lab.api("/models", key={}).status_code == 200
    assert lab.api("/models", key={"Authorization": "Key nope"}).status_code == 401


def test_prices_come_with_unit_and_currency(lab: Lab) -> None:
    prices = lab.api("/models/pricing", KEY, endpoint_id=f"{TELLER},{UNPRICED}").json()["prices"]

    assert prices[0] == {
        "endpoint_id": TELLER,
        "unit_price": 0.01,
        "unit": "seconds",
        "currency": "USD",
    }
    assert prices[1]["unit"] == "compute seconds"


def test_one_unknown_id_refuses_the_whole_batch_of_prices(lab: Lab) -> None:
    answer = lab.api("/models/pricing", KEY, endpoint_id=f"{TELLER},lab/none")

    assert answer.status_code == 404
    assert error_type(answer) == "not_found"
    assert lab.api("/models/pricing", KEY).status_code == 400


def test_an_estimate_is_one_total(lab: Lab) -> None:
    url = f"{lab.urls.api}/models/pricing/estimate"
    units = {TELLER: {"unit_quantity": 2.5}, PAINTER: {"unit_quantity": 1}}

    answer = httpx.post(url, json={"estimate_type": "unit_price", "endpoints": units}, headers=KEY)

    assert answer.json() == {"estimate_type": "unit_price", "total_cost": 0.065, "currency": "USD"}
    bodies: list[Any] = [{}, [], {"estimate_type": "unit_price", "endpoints": {TELLER: {}}}]
    for body in bodies:
        wrong = httpx.post(url, json=body, headers=KEY)
        assert (wrong.status_code, error_type(wrong)) == (400, "validation_error")


@pytest.mark.parametrize("path", ADMIN_ROUTES)
def test_admin_routes_refuse_an_api_key(lab: Lab, path: str) -> None:
    answer = lab.api(path, KEY)

    assert answer.status_code == 403
    message = "This API key is not permitted to perform this action."
    assert answer.json() == {"error": {"type": "authorization_error", "message": message}}
    assert lab.api(path, {}).status_code == 401


def test_units_times_price_is_the_cost_of_every_billing_event(lab: Lab) -> None:
    tickets = [
        lab.submit(TELLER, {"prompt": "a", "duration": duration, "resolution": resolution})
        for duration in ("1", "2")
        for resolution in ("72p", "144p")
    ]
    units = [lab.result(ticket).headers["x-fal-billable-units"] for ticket in tickets]

    events = billing(lab, request_id=[ticket["request_id"] for ticket in tickets])

    by_id = {event["request_id"]: event for event in events}
    for ticket, stated in zip(tickets, units, strict=True):
        event = by_id[ticket["request_id"]]
        cost = Decimal(str(event["output_units"])) * Decimal(str(event["unit_price"]))
        assert cost == Decimal(str(event["cost_total"]))
        assert int(cost * 10**9) == event["cost_estimate_nano_usd"]
        assert Decimal(stated) == Decimal(str(event["output_units"]))
    assert sorted(event["cost_total"] for event in events) == [0.01, 0.02, 0.03, 0.06]


def test_a_refused_request_leaves_a_row_of_zero(lab: Lab) -> None:
    ticket = lab.submit(TELLER, {})
    lab.wait(ticket)

    (event,) = billing(lab, request_id=ticket["request_id"])

    assert (event["output_units"], event["cost_total"]) == (0.0, 0.0)


def test_a_past_request_is_found_by_endpoint_time_and_input(lab: Lab) -> None:
    start = datetime.now(UTC).isoformat()
    ticket = lab.submit(PAINTER, {"prompt": "find me"})
    lab.wait(ticket)

    page = lab.api(
        "/models/requests/by-endpoint", KEY, endpoint_id=PAINTER, start=start, expand="payloads"
    ).json()

    (item,) = page["items"]
    assert item["request_id"] == ticket["request_id"]
    assert item["json_input"] == {"prompt": "find me"}
    assert item["json_output"]["images"][0]["url"].startswith(lab.urls.cdn)
    assert item["sent_at"] <= item["started_at"] <= item["ended_at"]
    assert item["status_code"] == 200


def test_requests_can_be_narrowed_by_outcome_and_id(lab: Lab) -> None:
    good, bad = lab.submit(PAINTER, {"prompt": "a"}), lab.submit(PAINTER, {})
    lab.wait(good)
    lab.wait(bad)

    def ids(**params: Any) -> list[str]:
        answer = lab.api("/models/requests/by-endpoint", KEY, endpoint_id=PAINTER, **params)
        return [item["request_id"] for item in answer.json()["items"]]

    assert bad["request_id"] in ids(status="user_error")
    assert bad["request_id"] not in ids(status="success")
    assert ids(status="error") == []
    assert ids(request_id=good["request_id"]) == [good["request_id"]]
    assert len(ids(limit=1)) == 1


def test_a_request_that_waits_is_in_the_list_without_an_end(stalled: Lab) -> None:
    ticket = stalled.submit(TELLER, {"prompt": "a"})

    answer = stalled.api("/models/requests/by-endpoint", KEY, endpoint_id=TELLER)

    (item,) = answer.json()["items"]
    assert item["request_id"] == ticket["request_id"]
    assert item["ended_at"] is None


def test_a_caller_who_opts_out_of_storage_leaves_no_payload_and_a_short_lived_result(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with SandboxServer(config(tmp_path), now=clock) as server:
        lab = Lab(server)
        ticket = lab.submit(TELLER, {"prompt": "private"}, x_fal_store_io="0")
        fresh = lab.result(ticket).status_code
        params: dict[str, Any] = {"endpoint_id": TELLER, "expand": "payloads"}
        (item,) = lab.api("/models/requests/by-endpoint", KEY, **params).json()["items"]
        clock.at += timedelta(hours=2)
        late = lab.get(ticket["response_url"]).status_code
        lab.close()

    assert (fresh, late) == (200, 404)
    assert "json_input" not in item
    assert "json_output" not in item


def test_usage_sums_the_books(tmp_path: Path) -> None:
    with SandboxServer(config(tmp_path)) as server:
        lab = Lab(server)
        for _ in range(2):
            lab.make(TELLER, prompt="a", resolution="144p")
        body = lab.api("/models/usage", expand="time_series,summary", timeframe="day").json()
        hourly = lab.api("/models/usage").json()
        credit = lab.api("/account/billing", expand="credits").json()["credits"]
        lab.close()

    (row,) = body["summary"]
    assert (row["endpoint_id"], row["quantity"], row["cost_total"]) == (TELLER, 6.0, 0.06)
    (bucket,) = body["time_series"]
    assert bucket["bucket"].endswith("T00:00:00+00:00")
    assert bucket["results"] == body["summary"]
    assert set(hourly) == {"time_series", "next_cursor", "has_more"}
    assert credit == {"current_balance": 999.94, "currency": "USD"}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/models", {"limit": "0"}),
        ("/models", {"limit": "many"}),
        ("/models", {"cursor": "///"}),
        ("/models", {"status": "old"}),
        ("/models", {"endpoint_id": ",".join(map(str, range(51)))}),
        ("/models/requests/by-endpoint", {}),
        ("/models/requests/by-endpoint", {"endpoint_id": TELLER, "start": "yesterday"}),
        ("/models/billing-events", {"start": "2026-01-01", "end": "2025-01-01"}),
        ("/models/billing-events", {"start": "2020-01-01", "end": "2026-01-01"}),
        ("/models/usage", {"timezone": "../../etc/passwd"}),
        ("/models/usage", {"expand": "auth_method"}),
    ],
)
def test_a_wrong_parameter_is_named(lab: Lab, path: str, params: dict[str, Any]) -> None:
    answer = lab.api(path, **params)

    assert answer.status_code == 400
    assert error_type(answer) == "validation_error"


def test_the_openapi_document_leads_to_input_and_output(lab: Lab) -> None:
    document = lab.get(lab.urls.schema, endpoint_id=MOVER).json()

    post = document["paths"][f"/{MOVER}"]["post"]
    name = post["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    result = document["paths"][f"/{MOVER}/requests/{{request_id}}"]["get"]
    answer = result["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    schemas = document["components"]["schemas"]
    assert schemas[name]["required"] == ["prompt", "image_url"]
    assert "video" in schemas[answer.rsplit("/", 1)[-1]]["properties"]
    assert document["info"]["x-fal-metadata"]["endpointId"] == MOVER


def test_an_unknown_schema_is_404_with_the_body_null(lab: Lab) -> None:
    answer = httpx.get(lab.urls.schema, params={"endpoint_id": "lab/none"})

    assert (answer.status_code, answer.text) == (404, "null")
