"""What judges and plug-in metrics said of one clip, for the drawer of the report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fal_experiments.core.judging import Outcome
from fal_experiments.core.labels import Tone, plural
from fal_experiments.core.metric_plugins import MetricFacts
from fal_experiments.core.metric_scores import Score
from fal_experiments.core.plan import Cell
from fal_experiments.core.report_lines import LabelledValue

MOST_VERDICTS = 24
MOST_REASON_CHARS = 400
_NO_UNIT = {"index", "ratio", "share", "score"}


@dataclass(frozen=True)
class Judged:
    """All pairs of a batch before one judge."""

    judge: str
    """`judged by MODEL with rubric v1`."""
    outcomes: Sequence[Outcome]

    @cached_property
    def of_cell(self) -> Mapping[str, Sequence[Outcome]]:
        """The pairs that have an answer, by the id of each of their two cells."""
        found: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            for cell in outcome.pair if outcome.answers else ():
                found.setdefault(cell.cell_id, []).append(outcome)
        return found


def verdict_lines(cell: Cell, judged: Iterable[Judged]) -> tuple[LabelledValue, ...]:
    """Return how a clip fared in its pairs, with the reasons in the judge's words."""
    lines: list[LabelledValue] = []
    for one in judged:
        mine = one.of_cell.get(cell.cell_id, ())
        lines += [_line(cell, outcome, one.judge) for outcome in mine]
    more = len(lines) - MOST_VERDICTS
    if more > 0:
        note = "judgements.jsonl of the batch has them all"
        return (*lines[:MOST_VERDICTS], LabelledValue(label="and", value=f"{more} more", note=note))
    return tuple(lines)


def _line(cell: Cell, outcome: Outcome, judge: str) -> LabelledValue:
    one, other = outcome.pair
    rival = other if one.cell_id == cell.cell_id else one
    value, tone = _verdict(cell, outcome)
    reasons = " — ".join(dict.fromkeys(_short(a.reason) for a in outcome.answers if a.reason))
    return LabelledValue(
        label=f"against {rival.at.preset}, {rival.run_label}",
        value=value,
        tone=tone,
        note=" · ".join(part for part in (judge, reasons) if part),
    )


def _verdict(cell: Cell, outcome: Outcome) -> tuple[str, Tone]:
    match outcome.verdict:
        case "won":
            return ("won", "good") if outcome.winner == cell.at.preset else ("lost", "bad")
        case "tie":
            return "tie", "idle"
        case "disagreed":
            return "a tie: each order was answered otherwise", "idle"
        case _:
            return "one order is not judged", "idle"


def _short(reason: str) -> str:
    return reason if len(reason) <= MOST_REASON_CHARS else f"{reason[:MOST_REASON_CHARS]}…"


def score_lines(
    scores: Iterable[Score], facts: Mapping[str, MetricFacts]
) -> Iterator[LabelledValue]:
    """Yield what plug-in metrics said of a clip, each with the version that said it.

    `facts` are those of the plug-ins that are installed now, by name: what a number is called, its
    unit and which way is better. Without them it stands under its own name.
    """
    for score in scores:
        if score.failed is not None:
            title = facts[score.metric].title if score.metric in facts else score.metric
            yield LabelledValue(label=title, value="no score", note=score.failed)
        for name, value in score.values.items():
            yield _score(score, name, f"{value:f}", facts.get(score.metric))


def _score(score: Score, name: str, value: str, facts: MetricFacts | None) -> LabelledValue:
    about = facts.values.get(name) if facts else None
    label = score.metric if name == score.metric else f"{score.metric} · {name}"
    set_to = ", ".join(f"{name} {value}" for name, value in score.parameters.items())
    notes = [
        f"{about.direction} is better" if about and about.direction != "neither" else "",
        f"version {score.version}, {plural(score.shots, 'frame')}",
        set_to,
        facts.limits if facts else "",
    ]
    return LabelledValue(
        label=about.title if about else label,
        value=f"{value} {about.unit}" if about and about.unit not in _NO_UNIT else value,
        note=" · ".join(note for note in notes if note),
    )
