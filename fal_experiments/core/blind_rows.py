"""What may meet in a blind test: clips of one prompt, input and seed by several presets. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Literal, NamedTuple

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.plan import Cell, Coordinates, Plan
from fal_experiments.core.wall_selection import Candidate
from fal_experiments.errors import BadInput

Kind = Literal["pair", "best-worst"]
REPEAT_EVERY = 10
"""After so many new ballots an old one comes again, sides swapped: does the rater agree with
themself?"""
MOST_SHOWN = 4
"""Clips of one ballot: more cannot be kept in mind."""


class Row(NamedTuple):
    """Cells that differ in nothing but their preset, one of each; `place` is shared by rows that
    differ in a knob which some of the presets lack."""

    place: str
    prompt: str
    """The id."""
    prompt_text: str
    cells: tuple[Cell, ...]


class Field(NamedTuple):
    """All that a blind test compares, and how much of the batch it leaves out."""

    rows: tuple[Row, ...]
    presets: tuple[str, ...]
    combinations: int
    without_clip: int
    alone: int
    """Clips that meet no other: the rest of their row has none."""

    @property
    def cells(self) -> dict[str, Cell]:
        """Every cell that is shown, by id, each once."""
        return {cell.cell_id: cell for row in self.rows for cell in row.cells}


def draw_up(plan: Plan, candidates: Sequence[Candidate], kind: Kind) -> Field:
    """Return the rows of the chosen combinations. Probes of seeds repeat a cell and are left out.

    Raises: BadInput when no row has two clips, or none has three for `best-worst`.
    """
    chosen = [one for one in candidates if not _is_aside(one)]
    cells = [one.cell for one in chosen if one.cell is not None and one.has_clip]
    rows = tuple(_rows(plan, cells))
    if not rows:
        raise BadInput(
            f"no two of the {len(cells)} clips can be compared",
            fix="clips of different presets for the same prompt, input and seed are needed",
        )
    if kind == "best-worst" and max(len(row.cells) for row in rows) < 3:
        raise BadInput(
            "no row has three clips to find the best and the worst of", fix="use --kind pair"
        )
    shown = {cell.cell_id for row in rows for cell in row.cells}
    seen = dict.fromkeys(cell.at.preset for row in rows for cell in row.cells)
    return Field(
        rows=rows,
        presets=tuple(sorted(seen, key=list(plan.presets).index)),
        combinations=len(chosen),
        without_clip=sum(not one.has_clip for one in chosen),
        alone=sum(cell.cell_id not in shown for cell in cells),
    )


def _is_aside(one: Candidate) -> bool:
    """Tell whether a combination was never to be a clip of its own."""
    return one.state in {"excluded", "duplicate"} or bool(one.cell and one.cell.probe_of)


def ballots_for(field: Field, kind: Kind, shown: int, asked: int | None) -> int:
    """Return how many ballots a rater is asked for: `asked` or what is usual, if there are so many.

    A tenth is added for those that come twice.
    """
    usual = max(12, (5 if kind == "pair" else 4) * len(field.presets))
    sets: set[frozenset[str]] = set()
    for row in field.rows:
        ids = [cell.cell_id for cell in row.cells]
        for clips in combinations(ids, min(2 if kind == "pair" else shown, len(ids))):
            sets.add(frozenset(clips))
            if len(sets) >= (asked or usual):
                return asked or usual
    return len(sets) + len(sets) // REPEAT_EVERY


def _rows(plan: Plan, cells: Sequence[Cell]) -> Iterator[Row]:
    prompts = {prompt.id: prompt for prompt in plan.prompts}
    places: dict[str, list[Cell]] = {}
    for cell in cells:
        places.setdefault(_place(cell.at), []).append(cell)
    for place, met in places.items():
        at = met[0].at
        text = prompts[at.prompt].filled(at.vars).plain_text
        seen = set()
        for values in _axis_values(met):
            row = tuple(cell for cell in met if _agrees(cell, values))
            ids = frozenset(cell.cell_id for cell in row)
            if len({cell.at.preset for cell in row}) > 1 and ids not in seen:
                seen.add(ids)
                yield Row(place, at.prompt, text, row)


def _place(at: Coordinates) -> str:
    return canonical_json([at.prompt, at.input, at.seed, at.repeat, at.vars])


def _axis_values(cells: Sequence[Cell]) -> Iterator[dict[str, str]]:
    """Yield each combination of values of the knobs that any of the cells has."""
    values: dict[str, dict[str, None]] = {}
    for cell in cells:
        for axis, value in cell.at.axes.items():
            values.setdefault(axis, {})[canonical_json(value)] = None
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


def _agrees(cell: Cell, values: Mapping[str, str]) -> bool:
    return all(canonical_json(value) == values[axis] for axis, value in cell.at.axes.items())
