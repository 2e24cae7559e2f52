"""Plug-in metrics of a batch: which there are, scoring what has no score yet, sums by preset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.app.cell_files import SCORES_FILE
from fal_experiments.core.fold import BatchState
from fal_experiments.core.metric_plugins import Described, Seen, Shot
from fal_experiments.core.metric_scores import KeptScores, Score, wanted_score
from fal_experiments.core.model import nearest
from fal_experiments.core.plan import Cell
from fal_experiments.errors import BadInput
from fal_experiments.storage.atomic import write_text

if TYPE_CHECKING:
    from fal_experiments.media.learned.bench import MetricBench

_LIST = "`fal-exp metrics list` names them all"

Progress = Callable[[int, int], None]
"""Called with how many results are done, of how many."""
Settings = Mapping[str, Mapping[str, str]]


class Scored(NamedTuple):
    """A result with what one metric said of it, and whether that was known before."""

    cell: Cell
    metric: str
    score: Score
    from_before: bool


class _Result(NamedTuple):
    cell: Cell
    clip: Path
    image: Path | None
    sha256: str
    kept_in: Path


def read_settings_of_metrics(words: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return `metric.parameter=value` as parameters by metric. Raises: BadInput."""
    settings: dict[str, dict[str, str]] = {}
    for word in words:
        name, _, value = word.partition("=")
        metric, _, parameter = name.partition(".")
        if not (metric and parameter and "=" in word):
            raise BadInput(
                f"--set {word}: expected METRIC.PARAMETER=VALUE",
                fix="for example --set clip_score.model=/models/clip",
            )
        settings.setdefault(metric, {})[parameter] = value
    return settings


def describe_metrics(settings: Settings) -> list[Described]:
    """Return every metric as it is found here. Raises: BadInput for a setting of none of them."""
    with wiring.metric_bench() as bench:
        found = bench.describe_all(settings)
    known = {metric.name for metric in found}
    for name, given in settings.items():
        if name not in known:
            raise BadInput(f"there is no metric {name}{nearest(name, known)}", fix=_LIST)
        facts = next(metric.facts for metric in found if metric.name == name)
        for parameter in given:
            if facts is not None and parameter not in facts.parameters:
                raise BadInput(
                    f"{name} has no parameter {parameter}"
                    f"{nearest(parameter, set(facts.parameters))}",
                    fix=f"it has: {', '.join(facts.parameters) or 'none'}",
                )
    return found


def choose_metrics(found: Sequence[Described], names: Sequence[str]) -> list[Described]:
    """Return the metrics that are meant: those named, or all that can run here.

    Raises: BadInput for a name that there is not, and for one that cannot run, with what to do.
    """
    if not names:
        ready = [metric for metric in found if metric.is_ready]
        if not ready:
            raise BadInput("no metric can run here", fix=f"{_LIST}, with what each needs")
        return ready
    chosen: list[Described] = []
    for name in names:
        metric = next((m for m in found if m.answers_to(name)), None)
        if metric is None:
            known = {m.name for m in found}
            raise BadInput(f"there is no metric {name}{nearest(name, known)}", fix=_LIST)
        if not metric.is_ready:
            why = metric.broken and f"it is broken: {metric.broken}"
            raise BadInput(
                f"{metric.name} cannot run here: {why or metric.missing}",
                fix=metric.fix or f"tell the authors of {metric.package}",
            )
        if metric not in chosen:
            chosen.append(metric)
    return chosen


def run_metrics(
    batch: Batch, state: BatchState, metrics: Sequence[Described], progress: Progress
) -> list[Scored]:
    """Score every result of a batch that has no such score yet, and keep what was found.

    A result that cannot be scored is in the list with its reason. Raises: StorageFailed.
    """
    results = list(_results(batch, state))
    scored: list[Scored] = []
    progress(0, len(results))
    with wiring.metric_bench() as bench:
        for done, result in enumerate(results, start=1):
            shown = _Shown(bench, result)
            scored += [_score(bench, shown, result, metric) for metric in metrics]
            progress(done, len(results))
    return scored


def _score(bench: "MetricBench", shown: "_Shown", result: _Result, metric: Described) -> Scored:
    kept = _kept(result)
    known = kept.find(result.sha256, wanted_score(metric))
    if known is not None:
        return Scored(result.cell, metric.name, known, from_before=True)
    seen, why = shown.to(metric)
    if seen is None:
        score = wanted_score(metric).model_copy(update={"failed": why})
    else:
        score = bench.score(metric, seen)
    kept = kept.with_score(result.sha256, score)
    write_text(result.kept_in, kept.model_dump_json(indent=1) + "\n")
    return Scored(result.cell, metric.name, score, from_before=False)


class _Shown:
    """Frames of one result; metrics that look at it alike share them."""

    def __init__(self, bench: "MetricBench", result: _Result) -> None:
        self._bench = bench
        self._result = result
        self._taken: dict[tuple[Path, int, int], tuple[tuple[Shot, ...], str]] = {}

    def to(self, metric: Described) -> tuple[Seen | None, str]:
        """Return what a metric is shown, or why there is nothing to show."""
        assert metric.facts is not None  # noqa: S101 - only metrics that are ready are run
        clip, image = self._result.clip, self._result.image
        if not clip.exists():
            return None, "its file is not where it was stored"
        look = (metric.facts.frames, metric.facts.longest_px)
        shots, why = self._take(clip, *look)
        if why:
            return None, why
        start: Shot | None = None
        if image is not None and image.exists():
            pictures, why = self._take(image, 1, look[1])
            if why:
                return None, f"its input image: {why}"
            start = pictures[0]
        return Seen(self._result.cell.prompt_text, shots, start), ""

    def _take(self, path: Path, count: int, longest_px: int) -> tuple[tuple[Shot, ...], str]:
        key = (path, count, longest_px)
        if key not in self._taken:
            self._taken[key] = self._bench.take_shots(*key)
        return self._taken[key]


def _results(batch: Batch, state: BatchState) -> Iterator[_Result]:
    copies = batch.input_files()
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        if attempt is None or attempt.asset is None:
            continue
        stamp = cell.inputs.get("image")
        yield _Result(
            cell=cell,
            clip=batch.project.root / attempt.asset.path,
            image=copies.get(stamp.sha256) if stamp and stamp.sha256 else None,
            sha256=attempt.asset.sha256,
            kept_in=batch.folder.attempt(cell.cell_id, attempt.number) / SCORES_FILE,
        )


def _kept(result: _Result) -> KeptScores:
    """Return earlier scores; a damaged record is made again."""
    try:
        return KeptScores.model_validate_json(result.kept_in.read_bytes())
    except (FileNotFoundError, ValidationError):
        return KeptScores(asset_sha256=result.sha256)
