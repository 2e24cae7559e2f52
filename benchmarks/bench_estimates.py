"""How near estimates are to bills: by the price rule alone, and after five own attempts.

Recorded bills are those of references/fal-platform.md 4.2 and of the presets' notes; each is one
request, so it stands for all attempts of its series. The sandbox's books are what it charges for
every preset that has a price, also with the faults that bills have. Each attempt of a series is
estimated from those before it, as a plan would.
"""

import itertools
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal
from statistics import median
from typing import Any, NamedTuple

from fal_experiments.core.estimate import seconds_asked
from fal_experiments.core.estimate_chain import Asked, Evidence, best_estimate
from fal_experiments.core.history import MIN_SAMPLES, samples_of
from fal_experiments.core.money import nano_from_usd
from fal_experiments.core.preset import Preset
from fal_experiments.sandbox.books import Done, charge
from fal_experiments.storage.bundled import bundled_root
from fal_experiments.storage.layout import Project
from fal_experiments.storage.project_files import PresetShelf

ATTEMPTS = 15
BAR_ERROR, BAR_IN_BAND = 0.05, 0.95
INPUT_S = Decimal(5)


class Series(NamedTuple):
    """Equal requests, and what each was billed."""

    asked: Asked
    billed: Sequence[int]


class Outcome(NamedTuple):
    """Errors as shares of the bill, and how often it lay between low and high."""

    series: int
    median_error: float
    worst_error: float
    in_band: float


def recorded() -> list[Series]:
    """Return the public bills that are of a bundled preset."""
    shelf = PresetShelf(Project(bundled_root()))
    omni, edit = Decimal("0.125"), Decimal("0.13")
    cases: list[tuple[str, dict[str, Any], str | None, list[Decimal]]] = [
        ("gemini-omni-flash-t2v", {"duration": 3}, None,
         [Decimal("3.008") * omni, Decimal("3.029333") * omni]),
        ("gemini-omni-flash-edit", {}, "5", [Decimal("5.034667") * edit]),
        ("seedance-2-mini-t2v", {"duration": "4", "resolution": "480p"}, None,
         [Decimal("38.8") * Decimal("0.007")]),
        ("nano-banana-2-t2i", {"resolution": "1K", "num_images": 1}, None,
         [Decimal("1.025") * Decimal("0.08")]),
        ("seedream-5-pro-t2i", {"image_size": "auto_2K", "num_images": 1}, None,
         [2 * Decimal("0.0675")]),
        ("kling-o3-pro-edit", {}, "10", [12 * Decimal("0.14")]),
    ]  # fmt: skip
    found = []
    for name, changes, input_s, usd in cases:
        preset = shelf.read(name)
        asked = Asked(preset, preset.arguments | changes, Decimal(input_s) if input_s else None)
        amounts = itertools.islice(itertools.cycle(map(nano_from_usd, usd)), ATTEMPTS)
        found.append(Series(asked, list(amounts)))
    return found


def sandbox_books(fault: str = "") -> Iterator[Series]:
    """Yield what the sandbox charges for the usual arguments of each preset with a price."""
    shelf = PresetShelf(Project(bundled_root()))
    for name in shelf.ids():
        preset = shelf.read(name)
        asked = Asked(preset, dict(preset.arguments), INPUT_S, INPUT_S)
        if best_estimate(asked, Evidence()).band is None:
            continue
        billed = [_billed(preset, asked, fault, number) for number in range(1, ATTEMPTS + 1)]
        yield Series(asked, billed)


def outcome(series: Sequence[Series], *, after: int, until: int) -> Outcome:
    """Return how well attempts `after` < n ≤ `until` of each series were estimated."""
    errors, inside = [], []
    for one in series:
        for number in range(after + 1, until + 1):
            band = best_estimate(one.asked, Evidence(_samples(one, number - 1))).band
            if band is None:
                raise ValueError(f"{one.asked.preset.id} has no price for these arguments")
            billed = one.billed[number - 1]
            errors.append(abs(band.expected - billed) / billed)
            inside.append(band.low <= billed <= band.high)
    return Outcome(len(series), median(errors), max(errors), sum(inside) / len(inside))


def _samples(one: Series, before: int) -> dict[str, Any]:
    return samples_of(
        {
            "row_id": f"b/{number}/1",
            "state": "done",
            "price_key": one.asked.price_key,
            "submitted_at": f"2026-11-{number:02}T10:00:00Z",
            "billed_nano_usd": billed,
        }
        for number, billed in enumerate(one.billed[:before], start=1)
    )


def _billed(preset: Preset, asked: Asked, fault: str, number: int) -> int:
    length_s = seconds_asked(preset, asked.arguments, INPUT_S) or INPUT_S
    bill = charge(preset, Done(asked.arguments, length_s, Decimal(10), INPUT_S))
    match fault:
        case "units rounded up":
            whole = bill.units.to_integral_value(rounding=ROUND_CEILING)
            return nano_from_usd(whole * bill.unit_price_usd)
        case "10 % discount":
            return round(bill.cost_nano_usd * 0.9)
        case "10 % dearer from the 6th":
            return round(bill.cost_nano_usd * (1.1 if number > MIN_SAMPLES else 1))
        case _:
            return bill.cost_nano_usd


def _print(name: str, series: Sequence[Series]) -> None:
    first = outcome(series, after=0, until=MIN_SAMPLES)
    later = outcome(series, after=MIN_SAMPLES, until=ATTEMPTS)
    parts = (
        f"{o.median_error:>8.2%}{o.worst_error:>9.2%}{o.in_band:>9.1%}" for o in (first, later)
    )
    print(f"{name:<34}{len(series):>6}   {'    '.join(parts)}")


def main() -> None:
    """Print the table."""
    print(f"estimates against bills; attempts 1–{MIN_SAMPLES} rest on the price rule, "
          f"{MIN_SAMPLES + 1}–{ATTEMPTS} on own attempts")  # fmt: skip
    print(f"bars: median error ≤ {BAR_ERROR:.0%}, bills in the band ≥ {BAR_IN_BAND:.0%}\n")
    print(f"{'':<34}{'series':>6}   {'price rule':^26}    {'own attempts':^26}")
    columns = f"{'median':>8}{'worst':>9}{'in band':>9}"
    print(f"{'':<40}   {columns}    {columns}")
    _print("recorded public bills", recorded())
    for fault in ("", "units rounded up", "10 % discount", "10 % dearer from the 6th"):
        _print(f"sandbox: {fault or 'as metered'}", list(sandbox_books(fault)))


if __name__ == "__main__":
    main()
