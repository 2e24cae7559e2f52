"""Bills as the fault script wants them: what a job is charged, and what is told of it, when."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

from fal_experiments.core.money import nano_from_usd, usd_from_nano
from fal_experiments.sandbox.bill_faults import (
    BillCorrected,
    BilledAs,
    BilledTwice,
    BillListedTwice,
    BillMissing,
    BillNanoOnly,
    BillPages,
    Bills403,
    Bills500,
    Discount,
    Estimate429,
    LowBalance,
    Orphan,
    PriceChanged,
    UnitsRounded,
)
from fal_experiments.sandbox.fault_kinds import AimedFault
from fal_experiments.sandbox.faults import Occasion
from fal_experiments.sandbox.history import Booking
from fal_experiments.sandbox.jobs import BILL_AS, Also, Charge, Job, Outcome, new_request_id
from fal_experiments.sandbox.queries import platform_error
from fal_experiments.sandbox.strikes import Strikes
from fal_experiments.sandbox.wire import Refusal

ALL = "all"
"""Whom a question about bills is about."""


class Bills:
    """The script's faults of bills. Without a script nothing is changed."""

    def __init__(self, strikes: Strikes) -> None:
        self._strikes = strikes

    def charged(self, job: Job, outcome: Outcome) -> Outcome:
        """Return an outcome with the charge that the script wants for it."""
        if outcome.charge is None or not self._strikes.can_strike("bill"):
            return outcome
        number = self._strikes.next_number("bill", ALL)
        identity = f"{job.body_sha256} {job.endpoint}"
        occasion = Occasion("bill", job.endpoint, identity, job.take, job.request_id)
        charge, headers, also = outcome.charge, dict(outcome.headers), list(outcome.also)
        for fault in self._strikes.all_on(occasion):
            match fault:
                case BilledAs():
                    headers[BILL_AS] = fault.to
                case Orphan():
                    also.append(Also(new_request_id(job.sent_at), job.endpoint, charge))
                case BilledTwice():
                    also.append(Also(job.request_id, job.endpoint, charge, after_s=2.5))
                case PriceChanged() if number < fault.after:
                    pass
                case _:
                    charge = _changed(charge, fault)
        return replace(outcome, charge=charge, headers=headers, also=tuple(also))

    def told(self, bookings: Sequence[Booking]) -> list[dict[str, Any]]:
        """Return the events of bookings, as this one answer tells them."""
        return [event for booking in bookings for event in self._told(booking)]

    def refuse(self) -> None:
        """Refuse a question about bills, if the script wants it. Raises: Refusal."""
        match self._of_question("bills", Bills500, Bills403):
            case Bills500():
                raise platform_error(500, "server_error", "Internal server error")
            case Bills403():
                message = "This API key is not permitted to perform this action."
                raise platform_error(403, "authorization_error", message)

    def most_lines(self, usual: int) -> int:
        """Return how many lines a page may hold."""
        if not self._strikes.can_strike("page"):
            return usual
        fault = self._strikes.first_on(Occasion("page", ALL, ALL, 0))
        return min(usual, fault.limit) if isinstance(fault, BillPages) else usual

    def limit_estimates(self) -> None:
        """Refuse a question for an estimate that comes too soon. Raises: Refusal."""
        if not self._strikes.can_strike("estimate"):
            return
        number = self._strikes.next_number("estimate", ALL) + 1
        fault = self._strikes.first_on(Occasion("estimate", ALL, ALL, number))
        if isinstance(fault, Estimate429) and number % fault.every == 0:
            error = {"type": "rate_limited", "message": "Too many requests"}
            raise Refusal(429, {"error": error}, {"retry-after": str(fault.retry_after_s)})

    def balance_usd(self) -> Decimal | None:
        """Return what the account has left by the script; None where the books say it."""
        if not self._strikes.can_strike("account"):
            return None
        fault = self._strikes.first_on(Occasion("account", ALL, ALL, 0))
        return fault.usd if isinstance(fault, LowBalance) else None

    def _of_question(self, hook: Any, *kinds: type) -> AimedFault | None:
        if not self._strikes.can_strike(hook):
            return None
        number = self._strikes.next_number(hook, ALL)
        fault = self._strikes.first_on(Occasion(hook, ALL, ALL, number))
        return fault if isinstance(fault, kinds) else None

    def _told(self, booking: Booking) -> list[dict[str, Any]]:
        if not self._strikes.can_strike("event", "late"):
            return [_event(booking)]
        identity = f"{booking.identity} {booking.at}"
        asked = self._strikes.next_number("event", identity)
        about = (booking.endpoint, identity)
        if self._strikes.first_on(Occasion("late", *about, asked, booking.request_id)):
            return []
        event, times = _event(booking), 1
        for fault in self._strikes.all_on(Occasion("event", *about, 0, booking.request_id)):
            match fault:
                case BillMissing():
                    return []
                case BillListedTwice():
                    times = 2
                case BillNanoOnly():
                    event = _nano_only(event)
                case BillCorrected() if asked >= fault.after:
                    event = _event(replace(booking, charge=_off(booking.charge, fault.percent)))
        return [event] * times


def exact_json(body: Any) -> bytes:
    """Return JSON in which a Decimal is a number with all its digits."""
    numbers: list[str] = []

    def keep(value: Any) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"{type(value).__name__} is no JSON")
        numbers.append(f"{value:f}")
        return f"\0{len(numbers) - 1}\0"

    text = json.dumps(body, separators=(",", ":"), default=keep)
    for index, number in enumerate(numbers):
        text = text.replace(f'"\\u0000{index}\\u0000"', number)
    return text.encode()


def _changed(charge: Charge, fault: AimedFault) -> Charge:
    match fault:
        case UnitsRounded():
            units = charge.units.to_integral_value(rounding=ROUND_CEILING)
            return _priced(charge, units, charge.unit_price_usd)
        case PriceChanged():
            return _priced(charge, charge.units, charge.unit_price_usd * fault.factor)
        case Discount():
            return _off(charge, fault.percent)
        case _:
            return charge


def _priced(charge: Charge, units: Decimal, usd: Decimal) -> Charge:
    cost = nano_from_usd(units * usd)
    return replace(charge, units=units, unit_price_usd=usd, cost_nano_usd=cost)


def _off(charge: Charge, percent: Decimal) -> Charge:
    """Return a charge with a discount of its full price."""
    full = nano_from_usd(charge.units * charge.unit_price_usd)
    off = nano_from_usd(usd_from_nano(full) * percent / 100)
    return replace(charge, cost_nano_usd=full - off, percent_discount=percent)


def _event(booking: Booking) -> dict[str, Any]:
    charge = booking.charge
    cost = usd_from_nano(charge.cost_nano_usd)
    full = usd_from_nano(nano_from_usd(charge.units * charge.unit_price_usd))
    subtotal = full if charge.percent_discount is not None else cost
    return {
        "request_id": booking.request_id,
        "endpoint_id": booking.endpoint,
        # nine digits of a second, as fal writes them
        "timestamp": booking.at.replace("Z", f"{booking.fine_digits}Z"),
        "output_units": charge.units,
        "unit_price": charge.unit_price_usd,
        "percent_discount": charge.percent_discount,
        "cost_subtotal": subtotal,
        "cost_discount": subtotal - cost,
        "cost_total": cost,
        "cost_estimate_nano_usd": charge.cost_nano_usd,
    }


def _nano_only(event: dict[str, Any]) -> dict[str, Any]:
    told = {"request_id", "endpoint_id", "timestamp", "cost_estimate_nano_usd", "unit_price"}
    return {k: v for k, v in event.items() if k in told} | {"output_units": None}
