"""What a judge could be asked about a batch, what it has answered already, and what that means."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pydantic import ValidationError

from fal_experiments.app import wiring
from fal_experiments.app.batch import Batch
from fal_experiments.core.derived import Derived
from fal_experiments.core.fold import BatchState
from fal_experiments.core.ids import canonical_json, sha256_hex
from fal_experiments.core.judge_cost import JudgeRow, Prices
from fal_experiments.core.judge_question import Picture, Question
from fal_experiments.core.judging import (
    Judge,
    Judgement,
    Outcome,
    Pair,
    Rubric,
    outcome_of,
    pairs_of,
    question_key,
)
from fal_experiments.core.plan import Cell
from fal_experiments.errors import BadInput
from fal_experiments.storage.json_lines import JsonLines
from fal_experiments.storage.project_files import read_user_text

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
MOST_IMAGE_BYTES = 8 * 2**20
"""A larger input image is not shown: endpoints refuse bodies of more than about 20 MB."""


class Ask(NamedTuple):
    """A question in one of its two orders."""

    pair: Pair
    first: Cell
    second: Cell
    key: str


class Bout(NamedTuple):
    """All pairs of a batch before one judge."""

    batch: Batch
    judge: Judge
    pairs: tuple[Pair, ...]
    sha256s: Mapping[str, str]
    """Of each cell's clip."""
    folders: Mapping[str, Path]
    """Where each cell's pictures are."""
    known: dict[str, Judgement]
    """Answers by the key of their question."""

    def orders(self, pair: Pair) -> tuple[Ask, Ask]:
        """Return the two questions of a pair."""
        one, other = pair
        return self._ask(pair, one, other), self._ask(pair, other, one)

    def _ask(self, pair: Pair, first: Cell, second: Cell) -> Ask:
        shas = (self.sha256s[first.cell_id], self.sha256s[second.cell_id])
        return Ask(pair, first, second, question_key(self.judge, *shas))

    def waiting(self) -> list[Ask]:
        """Return the questions without an answer, both orders of a pair together."""
        asks = (ask for pair in self.pairs for ask in self.orders(pair))
        return [ask for ask in asks if ask.key not in self.known]

    def outcomes(self, missing: Mapping[str, str]) -> list[Outcome]:
        """Return the verdict of every pair; `missing` has the reasons for missing answers."""
        found = []
        for pair in self.pairs:
            forward, back = self.orders(pair)
            why = missing.get(forward.key) or missing.get(back.key) or ""
            answers = (self.known.get(forward.key), self.known.get(back.key))
            found.append(outcome_of(pair, *answers, why))
        return found


def read_rubric(path: Path | None) -> Rubric:
    """Return a person's rubric, or the built-in one. Raises: BadInput."""
    if path is None:
        return wiring.built_in_rubric()
    text = read_user_text(path, str(path))
    if not text.strip():
        raise BadInput(f"{path}: the rubric is empty")
    return Rubric.of(f"{path.stem}@{sha256_hex(text)[:8]}", text)


def draw_up(batch: Batch, state: BatchState, judge: Judge) -> Bout:
    """Return what there is to judge. Raises: BadInput where nothing can be compared."""
    sha256s, folders = {}, {}
    for cell in batch.plan.cells:
        attempt = state.latest(cell.cell_id)
        if attempt is not None and attempt.asset is not None:
            sha256s[cell.cell_id] = attempt.asset.sha256
            folders[cell.cell_id] = batch.folder.attempt(cell.cell_id, attempt.number)
    pairs = tuple(pairs_of(batch.plan.cells, sha256s.keys()))
    if not pairs:
        raise BadInput(
            f"{batch.name} has no two clips to compare",
            fix="a judge compares clips of different presets for the same prompt, seed and input",
        )
    known = {answer.key: answer for answer in judgements(batch).read()}
    return Bout(batch, judge, pairs, sha256s, folders, known)


def judgements(batch: Batch) -> JsonLines[Judgement]:
    """Return the answers of all judges about a batch."""
    return JsonLines(batch.folder.judgements, Judgement)


def judge_ledger(batch: Batch) -> JsonLines[JudgeRow]:
    """Return what judging has cost in this project."""
    return JsonLines(batch.project.judge_ledger, JudgeRow)


def earlier_judges(batch: Batch) -> list[Judge]:
    """Return every judge that has answered about a batch, the latest last."""
    found: dict[str, Judge] = {}
    for answer in judgements(batch).read():
        name = canonical_json([answer.model, answer.rubric_sha256, answer.settings])
        rubric = Rubric(answer.rubric, "", answer.rubric_sha256)
        found.pop(name, None)
        found[name] = Judge(answer.model, rubric, answer.settings)
    return list(found.values())


class Estimate(NamedTuple):
    """What asking may cost: one call a question, and at most so many tries. None: not known."""

    calls: int
    expected_nano_usd: int | None
    most_nano_usd: int | None


def estimate(bout: Bout, prices: Prices, ledger: Iterable[JudgeRow], tries: int) -> Estimate:
    """Return what the questions that wait may cost."""
    calls = len(bout.waiting())
    worst = prices.worst_nano_usd(ledger, bout.judge.model)
    if worst is None:
        return Estimate(calls, None, None)
    most = worst * calls * tries if prices.usd_per_call is not None else None
    return Estimate(calls, worst * calls, most)


def question(bout: Bout, ask: Ask) -> Question | str:
    """Return what the judge is to see, or why it cannot be shown."""
    pictures = []
    for cell in (ask.first, ask.second):
        picture = _sheet(bout.folders[cell.cell_id])
        if picture is None:
            where = f"{cell.at.prompt} × {cell.at.preset}, {cell.run_label}"
            return f"{where} has no contact sheet: run `fal-exp render {bout.batch.name}`"
        pictures.append(picture)
    return Question(ask.pair.one.prompt_text, pictures[0], pictures[1], _image(bout, ask.pair.one))


def _sheet(folder: Path) -> Picture | None:
    try:
        derived = Derived.model_validate_json((folder / "derived.json").read_bytes())
    except (OSError, ValidationError):
        return None
    made = derived.sheet.picture if derived.sheet else derived.poster
    return _picture(folder / made.file) if made else None


def _image(bout: Bout, cell: Cell) -> Picture | None:
    stamp = cell.inputs.get("image")
    path = bout.batch.input_files().get(stamp.sha256 or "") if stamp else None
    return _picture(path) if path else None


def _picture(path: Path) -> Picture | None:
    media_type = MEDIA_TYPES.get(PurePosixPath(path.name).suffix.lower())
    try:
        if media_type is None or path.stat().st_size > MOST_IMAGE_BYTES:
            return None
        return Picture(media_type, path.read_bytes())
    except OSError:
        return None
