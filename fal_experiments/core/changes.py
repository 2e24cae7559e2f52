"""Which of the files that a batch was planned from are not what they were."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fal_experiments.core.plan import Cell


class Changes(NamedTuple):
    """The files that have changed or gone since, each in words such as `prompts/walk.md`."""

    prompts: Mapping[str, str] = {}
    """By the prompt's id."""
    presets: Mapping[str, str] = {}
    """By the preset's id: its file, or the snapshot of its schema."""
    inputs: Mapping[str, str] = {}
    """By the SHA-256 that the file had."""

    def of_cell(self, cell: Cell) -> tuple[str, ...]:
        """Return what has changed of what a cell is made of."""
        return tuple(dict.fromkeys(self._of_cell(cell)))

    def _of_cell(self, cell: Cell) -> Iterator[str]:
        if cell.at.prompt in self.prompts:
            yield self.prompts[cell.at.prompt]
        if cell.at.preset in self.presets:
            yield self.presets[cell.at.preset]
        for stamp in cell.inputs.values():
            changed = self.inputs.get(stamp.sha256 or "")
            if changed is not None:
                yield changed
