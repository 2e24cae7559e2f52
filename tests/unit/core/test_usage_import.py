"""Bills as files: every spelling that is known is read exactly, and nothing is half understood."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fal_experiments.core.usage import UsageLine
from fal_experiments.core.usage_import import ImportedBill, joined, read_bill
from fal_experiments.errors import BadInput

EVENT: dict[str, Any] = {
    "request_id": "r1",
    "endpoint_id": "fal-ai/a",
    "timestamp": "2026-06-13T03:44:17.164745999Z",
    "output_units": 2,
    "unit_price": 0.025,
    "percent_discount": 10,
    "cost_subtotal": 0.05,
    "cost_discount": 0.005,
    "cost_total": 0.045,
    "cost_estimate_nano_usd": 45_000_000,
}


def _one(text: str, name: str = "bill") -> UsageLine:
    (line,) = read_bill(text, name).lines
    return line


def _problem(text: str, name: str) -> str:
    with pytest.raises(BadInput) as caught:
        read_bill(text, name)
    return caught.value.message


def _csv(row: dict[str, Any]) -> str:
    return f"{','.join(row)}\n{','.join(str(value) for value in row.values())}\n"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([EVENT]),
        json.dumps({"billing_events": [EVENT], "next_cursor": None}),
        "\ufeff" + json.dumps({"data": [EVENT]}, indent=2),
        _csv(EVENT),
        "\ufeff" + _csv({name.upper(): value for name, value in EVENT.items()}),
        _csv(EVENT).replace("\n", "\r\n"),
    ],
    ids=["list", "events", "data with a mark", "csv", "csv in capitals", "csv of Windows"],
)
def test_billing_events_are_read_to_the_last_digit_from_any_file(text: str) -> None:
    line = _one(text)

    assert (line.request_id, line.endpoint) == ("r1", "fal-ai/a")
    assert line.at == datetime(2026, 6, 13, 3, 44, 17, 164745, tzinfo=UTC)
    assert line.at_text == "2026-06-13T03:44:17.164745999Z"
    assert (line.units, line.unit_price_usd) == (Decimal(2), Decimal("0.025"))
    assert (line.subtotal_nano_usd, line.discount_nano_usd) == (50_000_000, 5_000_000)
    assert line.nano_usd == 45_000_000


def test_the_recorded_row_without_totals_is_what_its_nano_dollars_say() -> None:
    row = {
        "request_id": "r1",
        "endpoint_id": "fal-ai/a",
        "timestamp": "2026-06-13T03:44:17.164745000Z",
        "output_units": Decimal("2.6006458333333335"),
        "unit_price": "0.001",
        "cost_estimate_nano_usd": 2_600_646,
    }
    text = json.dumps([row | {"output_units": 0}]).replace(
        '"output_units": 0', '"output_units": 2.6006458333333335'
    )

    line = _one(text)

    assert line.units == Decimal("2.6006458333333335")
    assert (line.nano_usd, line.discount_nano_usd) == (2_600_646, None)


@pytest.mark.parametrize(
    ("total", "nano", "charged"),
    [
        ("0.045", 45_000_000, 45_000_000),
        ("0.002600645", 2_600_646, 2_600_646),  # one apart: the whole number is the exact one
        ("0.040", 45_000_000, 40_000_000),  # an estimate that the charge did not keep
        ("-0.01", -10_000_000, -10_000_000),  # a refund
        ("0", 0, 0),  # a 422 that cost nothing
    ],
)
def test_what_is_charged_is_the_total_and_nano_dollars_where_they_say_the_same(
    total: str, nano: int, charged: int
) -> None:
    row = {k: v for k, v in EVENT.items() if k not in {"cost_subtotal", "cost_discount"}}

    line = _one(_csv(row | {"cost_total": total, "cost_estimate_nano_usd": nano}))

    assert line.nano_usd == charged


def test_a_focus_export_is_read_by_its_own_names() -> None:
    row = {
        "BilledCost": "0.045000000",
        "EffectiveCost": "0.045",
        "ListCost": "0.05",
        "BillingCurrency": "USD",
        "ChargePeriodStart": "2026-06-13T03:00:00Z",
        "ConsumedQuantity": "2",
        "ConsumedUnit": "images",
        "ListUnitPrice": "0.025",
        "SkuId": "fal-ai/a",
        "x_RequestId": "r1",
        "ResourceId": "account",
    }

    line = _one(_csv(row))

    assert (line.request_id, line.endpoint, line.nano_usd) == ("r1", "fal-ai/a", 45_000_000)
    assert (line.units, line.unit, line.subtotal_nano_usd) == (Decimal(2), "images", 50_000_000)
    assert line.discount_nano_usd == 5_000_000


@pytest.mark.parametrize("listed", ["0.045", "0.045000001", "0.040"])
def test_a_list_cost_that_is_not_above_the_bill_shows_no_discount(listed: str) -> None:
    row = {k: v for k, v in EVENT.items() if k not in {"cost_subtotal", "cost_discount"}}

    line = _one(_csv(row | {"cost_total": "0.045", "ListCost": listed}))

    assert (line.nano_usd, line.discount_nano_usd) == (45_000_000, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cost_total": "much"}, "line 2: cost_total: expected a number, found 'much'"),
        ({"cost_total": "NaN"}, "line 2: cost_total: expected a number, found 'NaN'"),
        ({"cost_total": "1e40"}, "line 2: cost_total: expected a number, found '1e40'"),
        ({"timestamp": "yesterday"}, "line 2: timestamp: expected a moment such as"),
        ({"endpoint_id": " "}, "line 2: endpoint_id: expected the id of an endpoint"),
        ({"request_id": ""}, "line 2: request_id: expected the id of a request, found nothing"),
        ({"cost_estimate_nano_usd": "1.5"}, "line 2: cost_estimate_nano_usd: expected a whole"),
        ({"currency": "EUR"}, "line 2: currency: expected USD, found 'EUR'"),
        ({"cost_total": "", "cost_estimate_nano_usd": ""}, "line 2: cost_total: expected an"),
    ],
)
def test_a_bad_field_is_named_with_file_line_and_what_was_expected(
    change: dict[str, str], words: str
) -> None:
    assert _problem(_csv(EVENT | change), "bill.csv").startswith(f"bill.csv: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no line of a bill is in it"),
        ("endpoint,date,cost\n", "no line of a bill is in it"),
        ("request_id,cost_total\n", "line 1: no column endpoint_id, timestamp; found request_id,"),
        ("{}", "no list of billing events is in it, and no usage"),
        ("[1, 2]", "no list of billing events is in it, and no usage"),
        ('{"billing_events": [', "no list of billing events is in it, and no usage"),
        ('{"time_series": [{"bucket": "b", "results": 1}]}', "no list of billing events"),
        ("endpoint,date,cost\n1\n", "line 2: expected 3 columns, as in the first line"),
        ("endpoint,date,cost\n1,2,3,4\n", "line 2: expected 3 columns, as in the first line"),
        ('endpoint,date,cost\n"1,2\n', "line "),
    ],
)
def test_a_file_that_is_no_bill_is_refused(text: str, words: str) -> None:
    assert words in _problem(text, "bill.txt")


def test_usage_totals_are_read_without_being_lines() -> None:
    row = {"endpoint_id": "fal-ai/a", "unit": "image", "quantity": 4, "cost_total": 0.1}
    summary = json.dumps({"summary": [row], "time_series": [{"bucket": "b", "results": [row]}]})
    series = json.dumps({"time_series": [{"bucket": str(n), "results": [row]} for n in (1, 2)]})

    assert [total.nano_usd for total in read_bill(summary, "usage.json").totals] == [100_000_000]
    assert [total.nano_usd for total in read_bill(series, "usage.json").totals] == [100_000_000] * 2
    assert read_bill(series, "usage.json").lines == ()


def test_a_bad_usage_row_is_named() -> None:
    text = json.dumps({"time_series": [{"results": [{"endpoint_id": "a", "cost_total": "x"}]}]})

    problem = _problem(text, "usage.json")

    assert problem.startswith("usage.json: bucket 1, row 1: cost_total: expected a number")


def test_a_line_that_two_files_have_is_one_line_however_they_write_it() -> None:
    as_json = read_bill(json.dumps([EVENT]), "bill.json")
    as_csv = read_bill(_csv(EVENT | {"output_units": "2.0", "percent_discount": ""}), "bill.csv")
    other = read_bill(_csv(EVENT | {"timestamp": "2026-07-01T00:00:00Z"}), "july.csv")

    assert as_json.lines[0].digest != as_csv.lines[0].digest
    assert joined([as_json, as_csv, other]).lines == (*as_json.lines, *other.lines)


def test_different_lines_of_one_request_in_one_file_are_all_charged() -> None:
    again = EVENT | {"output_units": 3}

    bill = joined([read_bill(json.dumps([EVENT, again]), "bill.json")])

    assert len(bill.lines) == 2


def test_lines_that_name_no_request_beside_others_that_do_are_kept_apart() -> None:
    tax = {"ChargeCategory": "Tax", "request_id": None, "cost_total": 0.009}

    bill = joined([read_bill(json.dumps([EVENT, EVENT | tax]), "bill.json")])

    assert [line.request_id for line in bill.lines] == ["r1"]
    assert [(line.source, line.nano_usd) for line in bill.unnamed] == [
        ("bill.json, row 2", 9_000_000)
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_columns_may_be_separated_as_spreadsheets_do_it(mark: str) -> None:
    assert _one(_csv(EVENT).replace(",", mark)).nano_usd == 45_000_000


def test_a_comma_in_an_amount_is_refused_and_never_guessed_at() -> None:
    text = _csv(EVENT).replace(",", ";").replace("0.045", "0,045")

    assert "cost_total: expected a number, found '0,045'" in _problem(text, "bill.csv")


def test_a_bill_of_no_files_is_empty() -> None:
    assert joined([]) == ImportedBill()


def test_a_field_may_hold_commas_and_line_breaks_of_any_kind() -> None:
    text = _csv(EVENT | {"note": '"a, b\nc\x0bd\u2028e"'})

    assert _one(text).nano_usd == 45_000_000


def test_a_statement_that_does_not_lead_to_its_total_hides_nothing_as_a_discount() -> None:
    row = EVENT | {"cost_subtotal": "0.56", "cost_discount": "0.01", "cost_total": "40500"}
    del row["cost_estimate_nano_usd"]

    line = _one(_csv(row))

    assert (line.nano_usd, line.discount_nano_usd) == (40_500 * 10**9, 10_000_000)


def test_the_same_charge_by_the_second_and_by_the_hour_is_one_line() -> None:
    second = read_bill(_csv(EVENT), "a.csv")
    hour = read_bill(_csv(EVENT | {"timestamp": "2026-06-13T03:00:00Z"}), "focus.csv")
    retried = read_bill(json.dumps([EVENT, EVENT | {"output_units": 3}]), "b.json")

    assert joined([second, hour]).lines == second.lines
    assert len(joined([second, retried]).lines) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"request_id": "x; touch here"},
        {"request_id": "r\x1b]0;evil\x07"},
        {"endpoint_id": "fal-ai/ev\x07il"},
        {"endpoint_id": "$(touch here)"},
        {"timestamp": "9999-12-31T23:59:59-14:00"},
        {"timestamp": "0001-01-01T00:00:00+14:00"},
        {"cost_total": "1_000"},
    ],
)
def test_what_could_do_harm_in_a_terminal_or_is_no_value_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        read_bill(json.dumps([EVENT | change]), "bill.json")


def test_a_column_that_stands_twice_is_refused() -> None:
    text = "request_id,endpoint_id,timestamp,cost_total,Cost_Total\nr,e,2026-12-01,0.56,99\n"

    assert "the column cost_total stands there twice" in _problem(text, "bill.csv")


def _charged(at: str, usd: str = "0.4") -> ImportedBill:
    return read_bill(f"request_id,endpoint_id,timestamp,cost_total\nr1,e,{at},{usd}\n", "bill.csv")


@pytest.mark.parametrize(
    ("other", "lines"),
    [
        ("2026-12-01T14:26:39.204Z", 1),
        ("2026-12-01T14:26:39Z", 1),
        ("2026-12-01T14:00:00Z", 1),
        ("2026-12-01", 1),
        ("2026-12-01T14:26:41.700Z", 2),
        ("2026-12-01T14:26:41Z", 2),
        ("2026-12-02T14:26:39.204Z", 2),
        ("2026-12-03", 2),
        ("2026-12-02", 2),
        ("2026-12-01T15:00:00Z", 2),
    ],
)
def test_a_charge_in_another_file_is_the_same_only_as_far_as_its_moment_can_tell(
    other: str, lines: int
) -> None:
    both = joined([_charged("2026-12-01T14:26:39.204Z"), _charged(other)])

    assert len(both.lines) == lines


def test_a_report_without_sums_is_read_by_its_buckets_and_an_empty_one_is_refused() -> None:
    row = {"endpoint_id": "e", "cost_total": 1.6}
    report = {"summary": [], "time_series": [{"results": [row]}, {"results": [row]}]}

    totals = read_bill(json.dumps(report), "usage.json").totals

    assert [total.nano_usd for total in totals] == [1_600_000_000] * 2
    assert "no usage is in it" in _problem('{"summary": [], "time_series": []}', "usage.json")


def test_an_amount_that_stands_twice_in_a_row_is_refused() -> None:
    row = json.dumps([EVENT]).replace('"cost_total": 0.045', '"cost_total": 0.045, "cost_total": 9')

    assert "the field cost_total stands twice" in _problem(row, "bill.json")


def test_a_line_that_stands_twice_in_a_file_is_no_second_charge_in_either_order() -> None:
    fine = _charged("2026-12-01T10:00:00.5Z")
    twice = _charged("2026-12-01T10:00:00Z")
    twice = twice._replace(lines=twice.lines * 2)

    for files in ([fine, twice], [twice, fine]):
        assert len({line.digest for line in joined(files).lines}) == 1
