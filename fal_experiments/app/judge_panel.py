"""What judges have said of the clips of a batch, for its report."""

from fal_experiments.app.batch import Batch
from fal_experiments.app.judge import draw_up, earlier_judges
from fal_experiments.core.fold import BatchState
from fal_experiments.core.report_cell_judge import Judged
from fal_experiments.errors import BadInput


def judged_of(batch: Batch, state: BatchState) -> tuple[Judged, ...]:
    """Return all pairs before each judge that has answered, the latest judge last.

    A file of judgements that cannot be read does not keep the report from being written:
    `fal-exp judge` names its fault.
    """
    if not batch.folder.judgements.exists():
        return ()
    try:
        judges = earlier_judges(batch)
        return tuple(
            Judged(judge.in_words, draw_up(batch, state, judge).outcomes({})) for judge in judges
        )
    except BadInput:
        return ()
