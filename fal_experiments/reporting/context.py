"""What the templates of the report need besides the model itself."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from fal_experiments.core.labels import Tone
from fal_experiments.core.report_axes import NOWHERE
from fal_experiments.core.report_model import CellView, PresetView, PromptView, ReportModel

_TONES: tuple[Tone, ...] = ("good", "busy", "person", "bad", "warn", "idle")


class _Segment(NamedTuple):
    """A stretch of the bar of states: from `start`, `length` cells wide."""

    tone: Tone
    start: int
    length: int


class _TableRow(NamedTuple):
    """A cell with the names of where it stands, for the table without scripts."""

    cell: CellView
    preset: PresetView
    variant: str
    """Such as `cfg scale 0.3`."""
    input: str


class _PromptGroup(NamedTuple):
    """The cells of one prompt."""

    prompt: PromptView
    rows: tuple[_TableRow, ...]


def page_context(model: ReportModel) -> dict[str, Any]:
    """Return the model, the bar of its states and its cells by prompt."""
    return {
        "model": model,
        "bar": tuple(_bar(model)),
        "groups": tuple(_prompt_groups(model)),
    }


def _bar(model: ReportModel) -> Iterator[_Segment]:
    start = 0
    for tone in _TONES:
        length = sum(model.states[cell.state].tone == tone for cell in model.cells)
        if length:
            yield _Segment(tone, start, length)
        start += length


def _prompt_groups(model: ReportModel) -> Iterator[_PromptGroup]:
    axes = {axis.key: (place, axis) for place, axis in enumerate(model.axes)}
    groups: dict[int, list[_TableRow]] = {}

    def label(cell: CellView, key: str) -> str:
        place, axis = axes[key]
        return axis.values[cell.at[place]].label if cell.at[place] != NOWHERE else ""

    for cell in model.cells:
        varied = (label(cell, key) for key in axes if key.startswith("axis:"))
        row = _TableRow(
            cell=cell,
            preset=model.columns[cell.at[axes["preset"][0]]],
            variant=", ".join(filter(None, varied)),
            input=label(cell, "input") if "input" in axes else "",
        )
        groups.setdefault(cell.prompt, []).append(row)
    for prompt, rows in sorted(groups.items()):
        yield _PromptGroup(model.prompts[prompt], tuple(rows))
