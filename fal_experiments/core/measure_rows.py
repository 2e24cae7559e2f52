"""Measurements of a batch as rows, one a clip, and summed up per preset, each with its n."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from fal_experiments.core.derived import Derived
from fal_experiments.core.measures import Measures
from fal_experiments.core.metric import Metric
from fal_experiments.core.metrics import CLIP_METRICS
from fal_experiments.core.model import Record
from fal_experiments.core.plan import Cell

PROBE_COLUMNS = ("width_px", "height_px", "fps", "frames", "duration_s", "size_bytes", "has_audio")
TAG_COLUMNS = (
    "colour_range", "colour_matrix", "colour_primaries", "colour_transfer", "pixel_aspect",
)  # fmt: skip

ARROWS = {"higher": "↑", "lower": "↓", "neither": ""}


class ClipRow(Record):
    """One cell of a batch with what was measured of its clip, or why nothing was."""

    cell: str
    prompt: str
    preset: str
    run: str
    derived: Derived | None

    @property
    def measures(self) -> Measures | None:
        """What was measured; None before rendering, or when that failed."""
        return self.derived.measures if self.derived else None

    @property
    def why_not(self) -> str:
        """Why nothing was measured; empty where something was."""
        if self.measures is not None:
            return ""
        if self.derived is not None and self.derived.failed:
            return self.derived.failed
        return "not measured yet: fal-exp render"

    def flat(self) -> dict[str, Any]:
        """Return the row with one value a column; None where a measurement makes no sense."""
        row: dict[str, Any] = {name: getattr(self, name) for name in KEY_COLUMNS}
        row["not_measured"] = self.why_not
        probe = self.derived.probe if self.derived else None
        row |= {name: getattr(probe, name) if probe else None for name in PROBE_COLUMNS}
        measures = self.measures
        row |= {name: getattr(measures.tags, name) if measures else None for name in TAG_COLUMNS}
        for metric in CLIP_METRICS:
            row[metric.name] = measures.value(metric.name) if measures else None
        row["missing"] = (
            "; ".join(f"{k}: {v}" for k, v in measures.missing.items()) if measures else ""
        )
        return row


KEY_COLUMNS = ("cell", "prompt", "preset", "run")


class Summary(Record):
    """One measurement over the clips of a preset."""

    n: int
    """Clips that have it."""
    of: int
    """Clips of the preset, with those where it is missing or that were never made."""
    median: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None


def clip_row(cell: Cell, derived: Derived | None) -> ClipRow:
    """Return the row of a cell."""
    return ClipRow(
        cell=cell.cell_id,
        prompt=cell.at.prompt,
        preset=cell.at.preset,
        run=cell.run_label,
        derived=derived,
    )


def summed(rows: Sequence[ClipRow]) -> dict[str, dict[str, Summary]]:
    """Return every measurement per preset: median, range, and how many clips it is of."""
    presets = dict.fromkeys(row.preset for row in rows)
    return {
        preset: {
            metric.name: _summary(metric, [row for row in rows if row.preset == preset])
            for metric in CLIP_METRICS
        }
        for preset in presets
    }


def _summary(metric: Metric, rows: Iterable[ClipRow]) -> Summary:
    every = [row.measures.value(metric.name) if row.measures else None for row in rows]
    values = [value for value in every if value is not None]
    if not values:
        return Summary(n=0, of=len(every))
    middle = round(median(values), metric.places)
    return Summary(n=len(values), of=len(every), median=middle, least=min(values), most=max(values))


def metric_label(metric: Metric) -> str:
    """Return a measurement's name with unit and the way that is better: `flicker, levels ↓`."""
    return f"{metric.title}, {metric.unit} {ARROWS[metric.direction]}".rstrip()


def value_text(value: Decimal | None) -> str:
    """Return a measured number for people, `–` where there is none."""
    return "–" if value is None else f"{value:f}"
