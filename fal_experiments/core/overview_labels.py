"""Numbers of the overview as people read them, with what they were computed from."""

from decimal import Decimal

from fal_experiments.core.keepers import Share
from fal_experiments.core.labels import seconds_label
from fal_experiments.core.money import format_usd, nano_from_usd
from fal_experiments.core.overview_model import Bar, Figure
from fal_experiments.core.overview_stats import LEAST_FOR_P95, Reading, median_of, quantile


def usd_label(usd: float) -> str:
    """Return dollars that were averaged, and so are no exact amount any more."""
    return format_usd(nano_from_usd(Decimal(repr(usd))))


def number_label(value: float) -> str:
    """Return a measured number to three significant digits, of thousands to the last one."""
    text = f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
    return text.replace("-", "−") if value < 0 else text


def percent_label(share: float) -> str:
    """Return `67 %`."""
    return f"{100 * share:.0f}{NBSP}%"


NBSP = "\u00a0"
"""Keeps `n 6` on one line."""

LABELS = {
    "usd": usd_label,
    "s": seconds_label,
    "share": percent_label,
    "": number_label,
}
"""How a number of a kind is written; any other unit stands behind the number."""


def label_of(value: float, unit: str = "") -> str:
    """Return a number with its unit."""
    written = LABELS.get(unit)
    return written(value) if written else f"{number_label(value)} {unit}"


def spread_note(reading: Reading, unit: str = "") -> str:
    """Return `95 %: $0.05–$0.061, n 6`, `$0.05–$0.061, n 3`, `all alike, n 3` or `n 1`.

    Where a ratio has less below its line than above it, n is `3 done of 4 cells`, and the range of
    too few of them is `too few for a range`.
    """
    of = "" if reading.made is None else f"{reading.made} done of "
    n = f"n{NBSP}{of}{reading.n}{' cells' if of else ''}"
    if reading.kind == "alone":
        return n
    if reading.kind in {"alike", "few"}:
        return f"{'all alike' if reading.kind == 'alike' else 'too few for a range'}, {n}"
    sure = f"95{NBSP}%: " if reading.kind == "interval" else ""
    low, high = label_of(reading.low, unit), label_of(reading.high, unit)
    if low == high:
        return f"{sure}{low}, {n}"
    # a unit that both have stands once
    for behind in (f"{NBSP}%", " s", f" {unit}" if unit not in LABELS else ""):
        if behind and low.endswith(behind) and high.endswith(behind) and " min" not in low + high:
            low = low.removesuffix(behind)
    to = " to " if "−" in low + high else "–"
    return f"{sure}{low}{to}{high}, {n}"


def bar_of(reading: Reading, unit: str = "") -> Bar:
    """Return a number as a plot draws it."""
    return Bar(
        value=reading.value,
        low=reading.low,
        high=reading.high,
        label=f"{label_of(reading.value, unit)} ({spread_note(reading, unit)})",
        is_spread=reading.is_spread,
    )


def reading_figure(reading: Reading | None, unit: str = "", why_not: str = "") -> Figure:
    """Return a number as a table shows it."""
    if reading is None:
        return Figure(value="–", note=why_not)
    return Figure(
        value=label_of(reading.value, unit),
        note=spread_note(reading, unit),
        number=reading.value,
    )


def share_reading(share: Share) -> Reading | None:
    """Return a share with Wilson's interval as a reading."""
    if share.value is None:
        return None
    return Reading(share.value, share.low, share.high, share.of, "interval")


def latency_figure(values: list[float]) -> Figure:
    """Return the median with p95; of too few values with the longest of them."""
    if not values:
        return Figure(value="–")
    n, middle = len(values), median_of(values)
    assert middle is not None  # noqa: S101 - there are values
    if n == 1:
        note = f"n{NBSP}1"
    elif n < LEAST_FOR_P95:
        note = f"longest {seconds_label(max(values))}, n{NBSP}{n}"
    else:
        note = f"p95 {seconds_label(quantile(values, 0.95))}, n{NBSP}{n}"
    return Figure(value=seconds_label(middle.value), note=note, number=middle.value)
