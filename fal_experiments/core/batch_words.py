"""A batch in one line for a person."""

from fal_experiments.core.report_model import LabelledValue
from fal_experiments.core.summary import BatchSummary


def batch_state(summary: BatchSummary, *, busy: bool) -> LabelledValue:
    """Return how it ended, or where it stands, with how many cells of how many are done."""
    done, cells = summary.counts.get("done", 0), summary.combinations
    counted = f"{done} of {cells} done"
    words = {
        "finished": "finished",
        "budget": "stopped by the budget",
        "interrupted": "interrupted",
        "account": "stopped: the account was refused",
        "storage": "stopped: the disk refused",
        "detached": "detached",
        "paused": "a preset was paused",
        "overcharged": "stopped: charged above the worst case",
    }
    if busy:
        return LabelledValue(label="running", value=counted, tone="busy")
    if "submission_unknown" in summary.counts:
        return LabelledValue(label="needs a person", value=counted, tone="person")
    if summary.finished is None:
        return LabelledValue(label="broke off", value=counted, tone="warn")
    bad = {"failed", "rejected"} & set(summary.counts)
    tone = "warn" if summary.finished != "finished" else "bad" if bad else "good"
    return LabelledValue.model_validate(
        {"label": words[summary.finished], "value": counted, "tone": tone}
    )
