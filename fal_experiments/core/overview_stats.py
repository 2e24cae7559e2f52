"""What a handful of numbers tell, and how sure that is: medians, quantiles, ratios. Pure.

Intervals are at 95 % and need `LEAST` values; below that only the values' own range is given.
"""

from collections.abc import Sequence
from functools import cache
from math import exp, isclose, sqrt
from statistics import median
from typing import Literal, NamedTuple

LEAST = 6
"""With fewer values not even their whole range covers the median in 95 of 100 cases."""
LEAST_FOR_P95 = 5
LEAST_MADE = 3
"""Of things that were made for the money; what fewer tell of a ratio is no interval."""
EQUAL_TO = 1e-9
"""Relative; sums of floats that stand for equal prices differ by less."""
Z_95 = 1.959963984540054


class Reading(NamedTuple):
    """A number with how far it may be off. `interval`: 95 %; `range`: least and most of the values;
    `alike`: the values are equal; `alone`: there is one; `few`: too few of `n` have a value of
    their own (money was spent, and nothing was made) to tell how far it is off. Of `alone` and
    `few` low and high are the value, and tell nothing.
    """

    value: float
    low: float
    high: float
    n: int
    kind: Literal["interval", "range", "alike", "alone", "few"]
    made: int | None = None
    """Of a ratio: for how many of `n` there is something below the line. None: for all."""

    @property
    def is_spread(self) -> bool:
        """True where low and high differ from each other."""
        return self.low < self.high

    @property
    def tells_spread(self) -> bool:
        """True where low and high say how far the value may be off."""
        return self.kind not in {"alone", "few"}


def median_of(values: Sequence[float]) -> Reading | None:
    """Return the median with the interval between two of the values, None for no values.

    No shape of the distribution is assumed: the chance that the median of what the values are
    drawn from lies between the k-th least and the k-th largest of n is 1 − 2·P(Binomial(n, ½) < k)
    (David and Nagaraja, Order Statistics, 3rd ed. 2003, section 7.1). Ties make it more.
    """
    if not values:
        return None
    ordered = sorted(values)
    n = len(ordered)
    middle = median(ordered)
    if n == 1:
        return Reading(middle, middle, middle, 1, "alone")
    if ordered[0] == ordered[-1]:
        return Reading(middle, middle, middle, n, "alike")
    if n < LEAST:
        return Reading(middle, ordered[0], ordered[-1], n, "range")
    k = interval_rank(n)
    return Reading(middle, ordered[k - 1], ordered[n - k], n, "interval")


@cache
def interval_rank(n: int) -> int:
    """Return the largest k for which the k-th values from both ends hold the median at 95 %.

    Raises: ValueError below LEAST values, where there is none.
    """
    outside, ways, k = 0, 1, 0
    whole = 1 << n
    # in whole numbers: 2 × outside ÷ 2^n ≤ 0.05; `ways` is n over k
    while 40 * (outside + ways) <= whole:
        outside += ways
        ways = ways * (n - k) // (k + 1)
        k += 1
    if k == 0:
        raise ValueError(f"{n} values hold no interval of 95 %")
    return k


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share lies, between neighbours where it falls there.

    Definition 7 of Hyndman and Fan, The American Statistician 50 (1996), the default of NumPy and
    R. Raises: ValueError without values.
    """
    if not values:
        raise ValueError("there is no quantile of nothing")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def ratio_of(tops: Sequence[float], bottoms: Sequence[float]) -> Reading | None:
    """Return Σ tops ÷ Σ bottoms over pairs, None where the bottoms add up to nothing.

    The interval is the linearised one of the ratio's logarithm with Student's t, so that it ends
    above 0: Cochran, Sampling Techniques, 3rd ed. 1977, section 6.4, without its correction for
    finite populations. A pair with a bottom of 0 (money spent for no clip) counts as any other; the
    range of fewer pairs could not hold it, and is not told then. A pair of two zeros says nothing.
    """
    pairs = [(t, b) for t, b in zip(tops, bottoms, strict=True) if t or b]
    n, whole, top = len(pairs), sum(bottoms), sum(tops)
    if whole <= 0:
        return None
    ratio = top / whole
    if n == 1:
        return Reading(ratio, ratio, ratio, 1, "alone")
    each = [t / b for t, b in pairs if b > 0]
    made = len(each)
    if made == n and isclose(min(each), max(each), rel_tol=EQUAL_TO):
        return Reading(each[0], each[0], each[0], n, "alike")
    if made < (n if n < LEAST else LEAST_MADE) or ratio <= 0:
        return Reading(ratio, ratio, ratio, n, "few", made)
    if n < LEAST:
        return Reading(ratio, min(*each, ratio), max(*each, ratio), n, "range")
    rests = (t / top - b / whole for t, b in pairs)
    half = student_t(n - 1) * sqrt(n / (n - 1) * sum(rest * rest for rest in rests))
    few = made if made < n else None
    return Reading(ratio, ratio * exp(-half), ratio * exp(half), n, "interval", few)


def student_t(freedom: int) -> float:
    """Return the two-sided 95 % quantile of Student's t, to 0.004 from 5 degrees of freedom on.

    Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    z = Z_95
    terms = (
        (z**3 + z) / (4 * freedom),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3),
    )
    return z + sum(terms)
