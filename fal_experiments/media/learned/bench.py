"""Where metrics run: one process decodes a file, another one has the model and sees pixels only.

So a hostile file never meets a plug-in, and no plug-in, whatever it does, ends the command.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from fal_experiments.core.metric_plugins import (
    Described,
    MetricFacts,
    PluginRef,
    Seen,
    Shot,
)
from fal_experiments.core.metric_scores import BadScore, Score, checked_values, wanted_score
from fal_experiments.media.child import Child, JobEnded, process_context
from fal_experiments.media.learned.registry import found_plugins
from fal_experiments.media.limits import Limits

DESCRIBE = "fal_experiments.media.learned.host:describe"
SCORE = "fal_experiments.media.learned.host:score"
TAKE_SHOTS = "fal_experiments.media.learned.shots:take_shots"

_ALL = ""
"""Names the process that describes; no metric is called so."""

DECODING = Limits()
DESCRIBING = Limits(wall_s=60, cpu_s=60, memory_bytes=1 << 46)
SCORING = Limits(wall_s=1800, cpu_s=3600, memory_bytes=1 << 46)
"""Libraries of models reserve terabytes of addresses that they never touch: a limit on addresses
would end them all. What they are given has a known size."""


class MetricBench:
    """Describes and runs metrics, one result at a time; close it after use."""

    def __init__(self, *, decoding: Limits = DECODING, scoring: Limits = SCORING) -> None:
        self._context = process_context()
        self._decoding = decoding
        self._scoring = scoring
        self._lock = threading.Lock()
        self._children: dict[str, Child] = {}
        """A process for each metric, which keeps its model, and one that describes them all."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            children, self._children = list(self._children.values()), {}
        for child in children:
            child.dismiss()

    def describe_all(self, settings: Mapping[str, Mapping[str, str]]) -> list[Described]:
        """Return every metric as it is found here; a broken one with the reason.

        `settings`: what a person set of each metric's parameters, by name.
        """
        return [self.describe(ref, settings.get(ref.name, {})) for ref in found_plugins()]

    def describe(self, ref: PluginRef, settings: Mapping[str, str]) -> Described:
        """Return what one metric says of itself here."""
        found = Described(name=ref.name, package=ref.package, target=ref.target)
        try:
            told = self._kept_going(_ALL, DESCRIBE, (ref.target, dict(settings)), DESCRIBING)
            facts = MetricFacts.model_validate_json(told.facts)
        except JobEnded as exc:
            return found.model_copy(update={"broken": exc.reason})
        except ValidationError as exc:
            why = f"its facts: {exc.errors()[0]['msg']}"
            return found.model_copy(update={"broken": why})
        if facts.name != ref.name:
            why = f"it calls itself {facts.name}, its entry point {ref.name}"
            return found.model_copy(update={"broken": why})
        return found.model_copy(
            update={
                "facts": facts,
                "parameters": {**facts.parameters, **settings},
                "identity": told.identity,
                "missing": told.missing,
                "fix": told.fix,
            }
        )

    def take_shots(self, path: Path, count: int, longest_px: int) -> tuple[tuple[Shot, ...], str]:
        """Return frames of a file, or none and the reason why it cannot be decoded."""
        look = (path.absolute(), count, longest_px, self._decoding)
        try:
            return self._alone(TAKE_SHOTS, self._decoding, *look), ""
        except JobEnded as exc:
            return (), exc.reason.removeprefix("ValueError: ")

    def score(self, metric: Described, seen: Seen) -> Score:
        """Return the score of a result. It never fails: what stood in the way is `Score.failed`."""
        wanted = wanted_score(metric).model_copy(update={"shots": len(seen.shots)})
        assert metric.facts is not None  # noqa: S101 - `wanted_score` has asked already
        try:
            given = self._scored(metric, seen)
            values = checked_values(given, metric.facts)
        except JobEnded as exc:
            return wanted.model_copy(update={"failed": exc.reason})
        except BadScore as exc:
            return wanted.model_copy(update={"failed": str(exc)})
        return wanted.model_copy(update={"values": values})

    def _scored(self, metric: Described, seen: Seen) -> object:
        job = (metric.target, metric.parameters, seen)
        return self._kept_going(metric.name, SCORE, job, self._scoring)

    def _kept_going(self, name: str, job: str, arguments: tuple[Any, ...], limits: Limits) -> Any:
        """Give a job to the process of this name; after a failure the next one gets a new one."""
        with self._lock:
            child = self._children.pop(name, None)
        if child is None:
            child = Child(self._context, job, arguments, limits)
        else:
            child.give(job, arguments)
        given = child.answer_and_stay()
        with self._lock:
            self._children[name] = child
        return given

    def _alone(self, job: str, limits: Limits, *arguments: Any) -> Any:
        return Child(self._context, job, arguments, limits).answer()
