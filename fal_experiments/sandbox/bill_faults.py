"""Kinds of faults of bills: what is charged otherwise than metered, and what is told late.

The list is that of what people complain of (references/peers.md D2). Those of `BillFault` change
the books themselves, the others only what the platform API tells of them.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from fal_experiments.core.model import Record, Text, Whole


def _number(value: Any) -> float:
    """Take a number of any kind, and nothing that merely turns into one."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"expected a number, found {value!r}")  # noqa: TRY004  pydantic wants it
    return float(value)


Number = Annotated[float, BeforeValidator(_number)]
Count = Annotated[Whole, Field(ge=1, le=1_000_000)]


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"expected a number, found {value!r}")  # noqa: TRY004  pydantic wants it
    return Decimal(value)


Percent = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100)]


class Aimed(Record):
    """What every fault but the clock's can say: whom it strikes, and how often."""

    endpoint: Text | None = None
    """A pattern of endpoint ids such as `lab/tiny/*`; of a file, the endpoint that made it."""
    share: Annotated[Number, Field(ge=0, le=1)] = 1.0
    """The chance on each occasion."""
    times: Count | None = None
    """At most so many strikes in the life of the state folder."""
    first: Count | None = None
    """Only the first so many occasions of each request, job or file."""


class BillFault(Aimed):
    """A fault of what a job is charged. The books are true: they hold what is charged."""


class BilledAs(BillFault):
    """The job is booked under another endpoint, which the result's header says."""

    do: Literal["billed_as"]
    to: Text = "fal-ai/another/endpoint"


class UnitsRounded(BillFault):
    """The bill rounds units up; the result's header has them unrounded."""

    do: Literal["units_rounded"]


class PriceChanged(BillFault):
    """From some charge on a unit costs more or less, which nobody announced."""

    do: Literal["price_changed"]
    factor: Annotated[Decimal, BeforeValidator(_exact), Field(gt=0, le=100)] = Decimal("1.1")
    after: Annotated[Whole, Field(ge=0)] = 0
    """So many jobs are still charged at the old price."""


class Discount(BillFault):
    """The account has a discount."""

    do: Literal["discount"]
    percent: Percent = Decimal(10)


class BilledTwice(BillFault):
    """The platform ran a request twice and charges for both runs."""

    do: Literal["billed_twice"]


class Orphan(BillFault):
    """Somebody else on the key bought the same at the same time."""

    do: Literal["orphan"]


class CancelBilled(Aimed):
    """A job that is cancelled while it runs is charged all the same."""

    do: Literal["cancel_billed"]


class EventFault(Aimed):
    """A fault of one line of the bill."""

    do: str


class BillLate(EventFault):
    """The line is not there yet, the `first` times that it is asked for."""

    do: Literal["bill_late"]
    first: Count | None = 1


class BillMissing(EventFault):
    """The line never appears, though usage totals have the charge."""

    do: Literal["bill_missing"]


class BillListedTwice(EventFault):
    """The line stands twice in the answer, word for word."""

    do: Literal["bill_listed_twice"]


class BillNanoOnly(EventFault):
    """The line has neither cost_total nor units, only nano-dollars (fal-platform.md 8.5)."""

    do: Literal["bill_nano_only"]


class BillCorrected(EventFault):
    """After it was told a few times, the line has another amount: a refund."""

    do: Literal["bill_corrected"]
    percent: Percent = Decimal(10)
    after: Annotated[Whole, Field(ge=0)] = 1


class BillsFault(Aimed):
    """A fault of every question about bills. `first` counts the questions."""


class BillPages(BillsFault):
    """A page of billing events holds no more than so many lines."""

    do: Literal["bill_pages"]
    limit: Count = 2


class Bills500(BillsFault):
    """GET models/billing-events fails."""

    do: Literal["bills_500"]


class Bills403(BillsFault):
    """No key may read bills."""

    do: Literal["bills_403"]


class Estimate429(BillsFault):
    """POST models/pricing/estimate is limited: each `every`-th question is refused."""

    do: Literal["estimate_429"]
    every: Count = 3
    retry_after_s: Annotated[Whole, Field(ge=0, le=600)] = 1


class LowBalance(Aimed):
    """The account has so much left, whatever was spent."""

    do: Literal["balance"]
    usd: Annotated[Decimal, BeforeValidator(_exact)] = Decimal(1)


BillKind = (
    BilledAs
    | UnitsRounded
    | PriceChanged
    | Discount
    | BilledTwice
    | Orphan
    | CancelBilled
    | BillLate
    | BillMissing
    | BillListedTwice
    | BillNanoOnly
    | BillCorrected
    | BillPages
    | Bills500
    | Bills403
    | Estimate429
    | LowBalance
)
