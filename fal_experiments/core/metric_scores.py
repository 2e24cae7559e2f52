"""Scores of plug-in metrics: kept beside an attempt, found again by what decides them, summed."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import fmean, median
from typing import Literal, NamedTuple

from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.metric_plugins import Described, MetricFacts
from fal_experiments.core.model import Record

DIGITS = 6


class BadScore(ValueError):
    """A plug-in returned something that is no score."""


class Score(Record):
    """What one metric said of one result, or why it said nothing."""

    metric: str
    version: str
    parameters: dict[str, str]
    identity: dict[str, str] = {}
    """What else decides the numbers: hashes of weights."""
    shots: int = 0
    """How many frames it was shown."""
    values: dict[str, Decimal] = {}
    failed: str | None = None

    @property
    def key(self) -> str:
        """What decides the numbers, beside the file itself."""
        decides = [self.metric, self.version, self.parameters, self.identity]
        return sha256_hex(canonical_json(decides))


class KeptScores(Record):
    """`metrics.json` of an attempt: all scores of its file, whatever version gave them."""

    v: Literal[1] = 1
    asset_sha256: str
    scores: tuple[Score, ...] = ()

    def find(self, asset_sha256: str, wanted: Score) -> Score | None:
        """Return the score that asking again would give; a failed one is asked for again."""
        if asset_sha256 != self.asset_sha256:
            return None
        found = (one for one in self.scores if one.key == wanted.key and one.failed is None)
        return next(found, None)

    def with_score(self, asset_sha256: str, score: Score) -> "KeptScores":
        """Return the scores with one more, in the place of one of the same key.

        Scores of another file are forgotten: they are not of what lies beside this record now.
        """
        others = [s for s in self.scores if s.key != score.key]
        kept = others if asset_sha256 == self.asset_sha256 else []
        return KeptScores(asset_sha256=asset_sha256, scores=(*kept, score))


def wanted_score(metric: Described) -> Score:
    """Return what identifies a score of this metric, without its values."""
    assert metric.facts is not None  # noqa: S101 - only metrics that are ready are asked for
    return Score(
        metric=metric.name,
        version=metric.facts.version,
        parameters=metric.parameters,
        identity=metric.identity,
    )


def checked_values(given: object, facts: MetricFacts) -> dict[str, Decimal]:
    """Return what a plug-in gave as exact numbers. Raises: BadScore, in words."""
    if not isinstance(given, Mapping) or not given:
        raise BadScore(f"it returned {type(given).__name__}, not values by name")
    values: dict[str, Decimal] = {}
    for name, value in given.items():
        if name not in facts.values:
            raise BadScore(f"it returned a value {name!r}, which is not among its facts")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadScore(f"{name} is a {type(value).__name__}, not a number")
        if not math.isfinite(value):
            raise BadScore(f"{name} is {value}, not a finite number")
        values[name] = Decimal(f"{value:.{DIGITS}g}")
    return values


class PresetScore(NamedTuple):
    """A value over the results of one preset. `scored` of `results` have it."""

    preset: str
    metric: str
    value: str
    scored: int
    results: int
    mean: float | None
    median: float | None
    least: float | None
    most: float | None


def score_table(metric: Described, scores: Iterable[tuple[str, Score]]) -> list[PresetScore]:
    """Return one row for each value and preset, presets in the order in which they came.

    Results without a score stay in `results`: a mean over what could be scored must not look like
    one over everything.
    """
    by_preset: dict[str, list[Score]] = {}
    for preset, score in scores:
        by_preset.setdefault(preset, []).append(score)
    names = list(metric.facts.values) if metric.facts else []
    rows = []
    for name in names:
        for preset, found in by_preset.items():
            numbers = [float(s.values[name]) for s in found if name in s.values]
            rows.append(
                PresetScore(
                    preset=preset,
                    metric=metric.name,
                    value=name,
                    scored=len(numbers),
                    results=len(found),
                    mean=fmean(numbers) if numbers else None,
                    median=median(numbers) if numbers else None,
                    least=min(numbers, default=None),
                    most=max(numbers, default=None),
                )
            )
    return rows
