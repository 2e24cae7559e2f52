"""A row of a bill as JSON or a spreadsheet has it → a usage line, exact to the nano-dollar.

Source of names and quirks: references/fal-platform.md 8.4 and 8.5 (rows without `cost_total` have
`cost_estimate_nano_usd`; nine digits of a second), and the FOCUS specification 1.2
(https://focus.finops.org/focus-specification/v1-2/).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.usage import UsageLine, UsageTotal

MOST_USD = Decimal(10**6)
"""More than that is no line of a bill, and sums of many stay within 64 bits."""
MOST_FLOAT_NANO_USD = 1
"""What an amount may be off by that has passed through a float."""
NAMES = {
    "request_id": ("request_id", "x_requestid", "x_request_id", "resourceid"),
    "endpoint": ("endpoint_id", "endpoint", "x_endpointid", "skuid", "resourcename"),
    "at": ("timestamp", "chargeperiodstart", "created_at", "date"),
    "units": ("output_units", "quantity", "consumedquantity", "pricingquantity"),
    "unit": ("unit", "consumedunit", "pricingunit"),
    "unit_price": ("unit_price", "listunitprice", "contractedunitprice"),
    "percent": ("percent_discount",),
    "subtotal": ("cost_subtotal", "listcost"),
    "discount": ("cost_discount",),
    "total": ("cost_total", "billedcost", "cost"),
    "nano": ("cost_estimate_nano_usd",),
    "currency": ("currency", "billingcurrency"),
}
"""Our name → the names that bills have for it, in small letters, the best first."""
_REQUEST = re.compile(r"[\w.:/@+=~-]{1,200}", re.ASCII)
_ENDPOINT = re.compile(r"[^\W_](?:[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069`$\\]{0,199})")
_FINE_SECONDS = re.compile(r"(\.\d{6})\d+")


def usage_line(row: Mapping[str, Any], source: str) -> UsageLine:
    """Return a row of a bill as a line.

    Raises: ValueError naming the field and what was expected; a row is never half understood.
    """
    said = _known(row)
    _dollars_only(said)
    total, nano = _amount(said, "total"), _amount(said, "nano")
    subtotal, off = _amount(said, "subtotal"), _amount(said, "discount")
    if total is None and nano is None:
        raise ValueError("cost_total: expected an amount in USD, or cost_estimate_nano_usd")
    nano_usd = _whole_nano(nano) if nano is not None else 0
    if total is not None:
        told = nano_from_usd(total)
        # `cost_total` has passed through a float: where the two agree, the nano-dollars are exact
        nano_usd = (
            nano_usd if nano is not None and abs(told - nano_usd) <= MOST_FLOAT_NANO_USD else told
        )
    text = str(said.get("at") or "").strip()
    request_id = _id(said, "request_id", _REQUEST)
    return UsageLine(
        request_id=request_id,
        # a tax or a purchase names neither
        endpoint="none" if request_id is None and not said["endpoint"] else _endpoint(said),
        at=moment(text),
        at_text=text,
        units=_amount(said, "units"),
        unit=str(said["unit"]) if said.get("unit") else None,
        unit_price_usd=_amount(said, "unit_price"),
        percent_discount=_amount(said, "percent"),
        subtotal_nano_usd=None if subtotal is None else nano_from_usd(subtotal),
        discount_nano_usd=_discount(nano_usd, subtotal, off),
        nano_usd=nano_usd,
        source=source,
    )


def usage_total(row: Mapping[str, Any]) -> UsageTotal:
    """Return a row of a usage report. Raises: as `usage_line`."""
    said = _known(row)
    _dollars_only(said)
    total = _amount(said, "total")
    if total is None:
        raise ValueError("cost_total: expected an amount in USD")
    unit = str(said["unit"]) if said.get("unit") else None
    return UsageTotal(
        endpoint=_endpoint(said),
        unit=unit,
        quantity=_amount(said, "units"),
        nano_usd=nano_from_usd(total),
    )


def moment(text: str) -> datetime:
    """Return a moment in UTC, cut to microseconds. Raises: ValueError for anything else."""
    try:
        at = datetime.fromisoformat(_FINE_SECONDS.sub(r"\1", text.strip()))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"timestamp: expected a moment such as 2026-06-13T03:44:17Z, found {text[:40]!r}"
        ) from None
    return at


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are understood, under our names."""
    given = {str(name).strip().lower(): value for name, value in row.items()}
    found: dict[str, Any] = {}
    for own, names in NAMES.items():
        values = (given[name] for name in names if given.get(name) not in (None, ""))
        found[own] = next(values, None)
    return found


def _dollars_only(said: Mapping[str, Any]) -> None:
    currency = said.get("currency")
    if currency not in (None, "USD"):
        raise ValueError(f"currency: expected USD, found {str(currency)[:10]!r}")


def _endpoint(said: Mapping[str, Any]) -> str:
    endpoint = _id(said, "endpoint", _ENDPOINT)
    if endpoint is None:
        raise ValueError("endpoint_id: expected the id of an endpoint")
    return endpoint


def _id(said: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str | None:
    """Return an id, None where there is none: it is shown, and copied into a shell."""
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not (form.fullmatch(value.strip()) or not value.strip()):
        raise ValueError(f"{NAMES[name][0]}: expected an id, found {str(value)[:40]!r}")
    return value.strip() or None


def _amount(said: Mapping[str, Any], name: str) -> Decimal | None:
    """Return a number exactly; a refund is negative. Raises: ValueError for what is none."""
    value = said.get(name)
    if value is None:
        return None
    try:
        text = str(value).strip().removeprefix("$")
        number = Decimal("NaN" if "_" in text else text)
    except InvalidOperation:
        number = Decimal("NaN")
    least = -MOST_USD * (10**9 if name == "nano" else 1)
    if isinstance(value, bool) or not number.is_finite() or not least <= number <= -least:
        raise ValueError(f"{NAMES[name][0]}: expected a number, found {str(value)[:40]!r}")
    return number


def _whole_nano(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise ValueError(f"cost_estimate_nano_usd: expected a whole number, found {number}")
    return int(number)


def _discount(nano_usd: int, subtotal: Decimal | None, off: Decimal | None) -> int | None:
    """Return what was taken off: as it is stated, or as a lower bill than the list cost shows.

    What the statement does not lead to is no discount, and stays to be explained.
    """
    whole = None if subtotal is None else nano_from_usd(subtotal)
    if off is not None:
        stated = nano_from_usd(off)
        if whole is not None and abs(whole - stated - nano_usd) <= MOST_FLOAT_NANO_USD:
            return whole - nano_usd if stated else 0
        return max(0, stated)
    if whole is None or whole - nano_usd <= MOST_FLOAT_NANO_USD:
        return None  # FOCUS has a list cost and no discount: only a lower bill shows one
    return whole - nano_usd
