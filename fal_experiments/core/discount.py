"""What an account pays less than the public price, as data, with where that is written."""

from collections.abc import Iterable
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from fal_experiments.core.model import Record, Text, read_record
from fal_experiments.core.money import Usd
from fal_experiments.core.strict_yaml import Document


class Discount(Record):
    """So many percent off for every endpoint that a pattern fits."""

    endpoint: Text
    """An endpoint's id, with `*` for any text: `fal-ai/kling-video/*`."""
    percent: Annotated[Usd, Field(gt=0, lt=100)]
    source: Text
    """A contract, a page, a mail: where somebody can look it up."""
    as_of: Text

    @property
    def left(self) -> Decimal:
        """What is left of each dollar."""
        return 1 - self.percent / 100


class Discounts(Record):
    """`presets/account/discounts.yaml` of a project."""

    discounts: tuple[Discount, ...]


def read_discounts(document: Document) -> tuple[Discount, ...]:
    """Return the discounts of an account. Raises: BadInput with file and line."""
    return read_record(Discounts, document).discounts


def discount_of(endpoint: str, discounts: Iterable[Discount]) -> Discount | None:
    """Return the first discount whose pattern fits an endpoint."""
    return next((one for one in discounts if fnmatchcase(endpoint, one.endpoint)), None)
