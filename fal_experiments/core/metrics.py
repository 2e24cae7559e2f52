"""Every measurement by its name, and the page that explains them all."""

from collections.abc import Iterator
from itertools import groupby

from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics_of_file import FILE_METRICS, SOUND_METRICS
from fal_experiments.core.metrics_of_identity import ANCHOR_METRICS, PAIR_METRICS, START_METRICS
from fal_experiments.core.metrics_of_picture import DETAIL_METRICS, LIGHT_METRICS, MOTION_METRICS

CLIP_METRICS = (
    *FILE_METRICS,
    *SOUND_METRICS,
    *DETAIL_METRICS,
    *LIGHT_METRICS,
    *MOTION_METRICS,
    *START_METRICS,
    *ANCHOR_METRICS,
)
"""What is measured of one clip, in the order of tables."""

METRICS = {metric.name: metric for metric in (*CLIP_METRICS, *PAIR_METRICS)}

GROUP_TITLES = {
    "file": "File and timing",
    "sound": "Sound",
    "detail": "Detail",
    "light": "Light",
    "motion": "Motion",
    "identity": "Identity",
    "pair": "Two clips",
}


def metrics_page(intro: str) -> str:
    """Return the Markdown page of all measurements below an introduction."""
    parts = [intro.rstrip(), ""]
    for group, metrics in groupby(METRICS.values(), lambda metric: metric.group):
        parts += [f"## {GROUP_TITLES[group]}", "", *_lines(metrics), ""]
    return "\n".join(parts)


def _lines(metrics: Iterator[Metric]) -> Iterator[str]:
    for metric in metrics:
        yield f"- **`{metric.name}`** ({metric.unit}; {metric.better}). {metric.says}"
        yield f"  *Source:* {metric.source} *Limits:* {metric.limits}"
