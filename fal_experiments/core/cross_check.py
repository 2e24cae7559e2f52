"""Usage totals against the lines of a bill: what the provider says in two places."""

from collections.abc import Iterable

from fal_experiments.core.model import Record
from fal_experiments.core.usage import UsageLine, UsageTotal

SMALL_NANO_USD = 10_000
"""A thousandth of a cent."""


class CrossCheck(Record):
    """An endpoint whose usage total is not the sum of its lines in the same window."""

    endpoint: str
    lines_nano_usd: int
    usage_nano_usd: int
    accepted: str = ""
    """What a person said of it."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"usage:{self.endpoint}"

    @property
    def key(self) -> str:
        """The name of exactly this difference: another one is another question."""
        return f"{self.name}:{self.usage_nano_usd - self.lines_nano_usd}"


def cross_check(lines: Iterable[UsageLine], totals: Iterable[UsageTotal]) -> list[CrossCheck]:
    """Return the endpoints whose usage total is not the sum of their lines, in one window.

    Amounts in usage totals pass through floats at the provider: a difference of less than a
    thousandth of a cent is none.
    """
    by_digest = {line.digest: line for line in lines}.values()
    of_lines: dict[str, int] = {}
    of_usage: dict[str, int] = {}
    for line in by_digest:
        of_lines[line.endpoint] = of_lines.get(line.endpoint, 0) + line.nano_usd
    for total in totals:
        of_usage[total.endpoint] = of_usage.get(total.endpoint, 0) + total.nano_usd
    return [
        CrossCheck(
            endpoint=endpoint,
            lines_nano_usd=of_lines.get(endpoint, 0),
            usage_nano_usd=of_usage.get(endpoint, 0),
        )
        for endpoint in sorted({*of_lines, *of_usage})
        if abs(of_lines.get(endpoint, 0) - of_usage.get(endpoint, 0)) >= SMALL_NANO_USD
    ]
