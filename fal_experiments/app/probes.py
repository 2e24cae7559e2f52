"""Seed probes after a run: the two clips of each are compared once, and the finding is kept."""

from pathlib import Path

from pydantic import ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.core.fold import BatchState
from fal_experiments.core.likeness import Likeness
from fal_experiments.core.model import Record
from fal_experiments.core.seed_probe import finding
from fal_experiments.storage.atomic import write_text

LIKENESS_FILE = "likeness.json"


class KeptLikeness(Record):
    """A comparison and the two files that it is of, so that other files are compared anew."""

    v: int = 1
    first_sha256: str
    second_sha256: str
    likeness: Likeness


class _Pair(Record):
    preset: str
    first: Path
    second: Path
    first_sha256: str
    second_sha256: str
    kept_in: Path


def compare_probes(batch: Batch, state: BatchState) -> None:
    """Compare the clips of every seed probe whose two cells are done. Raises: StorageFailed."""
    pairs = _pairs(batch, state)
    waiting = [pair for pair in pairs if not (kept := _kept(pair)) or kept.failed]
    if not waiting:
        return
    with wiring.media_pool() as pool:
        jobs = [(pair, pool.compare(pair.first, pair.second)) for pair in waiting]
        for pair, job in jobs:
            seen = KeptLikeness(
                first_sha256=pair.first_sha256,
                second_sha256=pair.second_sha256,
                likeness=job.result(),
            )
            write_text(pair.kept_in, seen.model_dump_json(indent=1) + "\n")


def seed_findings(batch: Batch, state: BatchState) -> dict[str, str]:
    """Return what the seed probes of a batch showed, in words, by preset id."""
    found = {}
    for pair in _pairs(batch, state):
        likeness = _kept(pair)
        if likeness is not None:
            found[pair.preset] = finding(likeness)
    return found


def _pairs(batch: Batch, state: BatchState) -> list[_Pair]:
    root, pairs = batch.project.root, []
    for cell in batch.plan.cells:
        first = state.latest(cell.probe_of) if cell.probe_of else None
        second = state.latest(cell.cell_id)
        if first is None or second is None or first.asset is None or second.asset is None:
            continue
        pairs.append(
            _Pair(
                preset=cell.at.preset,
                first=root / first.asset.path,
                second=root / second.asset.path,
                first_sha256=first.asset.sha256,
                second_sha256=second.asset.sha256,
                kept_in=batch.folder.attempt(cell.cell_id, second.number) / LIKENESS_FILE,
            )
        )
    return pairs


def _kept(pair: _Pair) -> Likeness | None:
    """Return an earlier comparison of the same two files; a damaged one is made again."""
    try:
        kept = KeptLikeness.model_validate_json(pair.kept_in.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    same = (kept.first_sha256, kept.second_sha256) == (pair.first_sha256, pair.second_sha256)
    return kept.likeness if same else None
