"""Which cells of a batch a wall shows, and in which place of the grid each stands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from fal_experiments.core.fold import BatchState
from fal_experiments.core.labels import value_label
from fal_experiments.core.model import nearest
from fal_experiments.core.plan import Cell, Coordinates, LeftOutCell, Plan
from fal_experiments.core.reasons import reason
from fal_experiments.core.wall_grid import MOST_PANES, Layout
from fal_experiments.errors import BadInput

Axis = Literal["prompts", "presets", "seeds", "inputs"]
AXES: tuple[Axis, ...] = ("prompts", "presets", "seeds", "inputs")


class Filters(NamedTuple):
    """Which cells are wanted; an empty filter lets all through."""

    presets: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    inputs: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    """Cell ids or their beginnings, which also give the order."""
    rows: Axis | None = None
    columns: Axis | None = None
    with_gaps: bool = False


class Candidate(NamedTuple):
    """A combination of the plan, and whether there is a clip of it."""

    at: Coordinates
    cell: Cell | None
    state: str
    reason: str
    has_clip: bool

    @property
    def name(self) -> str:
        """How messages call it."""
        run = self.cell.run_label if self.cell else f"seed {self.at.seed}"
        return f"{self.at.prompt} × {self.at.preset}, {run}"


class Place(NamedTuple):
    """A candidate and where it stands, counted from 0."""

    candidate: Candidate
    row: int
    column: int


def select(plan: Plan, state: BatchState, filters: Filters) -> list[Candidate]:
    """Return the wanted combinations in the order of the plan, or in that of `--cell`.

    Raises: BadInput for a filter that names what the batch does not have.
    """
    _check_known(plan, filters)
    every = [_of_cell(state, cell) for cell in plan.cells]
    if filters.cells:
        every = [_by_id(every, written) for written in filters.cells]
    else:
        every += [_of_left_out(left_out) for left_out in plan.left_out]
    wanted = [candidate for candidate in every if _passes(candidate.at, filters)]
    if not wanted:
        raise BadInput(
            "no cell of the batch passes all of the filters",
            fix="leave one of --preset, --prompt, --seed, --input, --cell away",
        )
    return wanted


def _of_cell(state: BatchState, cell: Cell) -> Candidate:
    attempt = state.latest(cell.cell_id)
    return Candidate(
        cell.at,
        cell,
        state.cell_state(cell.cell_id),
        reason(state, cell),
        has_clip=attempt is not None and attempt.asset is not None,
    )


def _of_left_out(cell: LeftOutCell) -> Candidate:
    return Candidate(cell.at, None, cell.state, cell.reason, has_clip=False)


def _by_id(candidates: Sequence[Candidate], written: str) -> Candidate:
    found = [c for c in candidates if c.cell and c.cell.cell_id.startswith(written)]
    if len(found) == 1:
        return found[0]
    ids = [c.cell.cell_id for c in found if c.cell]
    if ids:
        raise BadInput(f"{written} fits several cells: {', '.join(ids)}", fix="write more of it")
    known = {c.cell.cell_id for c in candidates if c.cell}
    raise BadInput(
        f"there is no cell {written} in the batch{nearest(written, known)}",
        fix="`fal-exp status --json` lists the cells",
    )


def _passes(at: Coordinates, filters: Filters) -> bool:
    return all(
        not wanted or value in wanted
        for value, wanted in (
            (at.preset, filters.presets),
            (at.prompt, filters.prompts),
            (at.seed, filters.seeds),
            (at.input, filters.inputs),
        )
    )


def _check_known(plan: Plan, filters: Filters) -> None:
    places = [cell.at for cell in plan.cells] + [cell.at for cell in plan.left_out]
    for flag, written, known in (
        ("--preset", filters.presets, set(plan.presets)),
        ("--prompt", filters.prompts, {prompt.id for prompt in plan.prompts}),
        ("--seed", map(str, filters.seeds), {str(at.seed) for at in places if at.seed is not None}),
        ("--input", filters.inputs, {at.input for at in places if at.input}),
    ):
        for word in written:
            if word not in known:
                has = ", ".join(sorted(known)) or "none"
                raise BadInput(
                    f"{flag} {word}: the batch does not have it{nearest(word, known)}",
                    fix=f"it has: {has}",
                )


def ordered(plan: Plan, found: Sequence[Candidate], filters: Filters) -> tuple[Place, ...]:
    """Return where each candidate stands under `--rows` and `--columns`, at least one of them.

    With both, combinations that share a place (two seeds, say) stand in rows below each other.
    With one, the others follow each other along it.
    """
    rows = _ranked(plan, found, filters.rows)
    columns = _ranked(plan, found, filters.columns)
    if rows is None or columns is None:
        return _along(found, rows, columns)
    shared: dict[tuple[int, int], list[Candidate]] = {}
    for candidate, row, column in zip(found, rows, columns, strict=True):
        shared.setdefault((row, column), []).append(candidate)
    heights = {
        row: max(len(group) for (at_row, _), group in shared.items() if at_row == row)
        for row in set(rows)
    }
    tops = {row: sum(height for other, height in heights.items() if other < row) for row in heights}
    return tuple(
        Place(candidate, tops[row] + index, column)
        for (row, column), group in shared.items()
        for index, candidate in enumerate(group)
    )


def _along(
    found: Sequence[Candidate], rows: list[int] | None, columns: list[int] | None
) -> tuple[Place, ...]:
    counts: dict[int, int] = {}
    places = []
    for candidate, line in zip(found, rows or columns or [], strict=True):
        index = counts[line] = counts.get(line, -1) + 1
        row, column = (line, index) if rows is not None else (index, line)
        places.append(Place(candidate, row, column))
    return tuple(places)


def grid_of(places: Sequence[Place]) -> Layout:
    """Return the columns and rows that the places need. Raises: BadInput when they are too many."""
    columns = max(place.column for place in places) + 1
    layout = Layout(columns, max(place.row for place in places) + 1)
    if layout.places > MOST_PANES:
        raise BadInput(
            f"a wall of {layout} has {layout.places} places, at most {MOST_PANES} are possible",
            fix="choose fewer cells with --prompt, --preset or --seed",
        )
    return layout


def _ranked(plan: Plan, found: Sequence[Candidate], axis: Axis | None) -> list[int] | None:
    """Return the line of each candidate along an axis; lines that nobody stands on are left out."""
    if axis is None:
        return None
    first: Mapping[str, int] = {}
    if axis == "prompts":
        first = {prompt.id: rank for rank, prompt in enumerate(plan.prompts)}
    elif axis == "presets":
        first = {preset: rank for rank, preset in enumerate(plan.presets)}
    keys = [_KEYS[axis](candidate.at) for candidate in found]
    seen = {key: index for index, key in reversed(list(enumerate(keys)))}
    lines = sorted(set(keys), key=lambda key: (first.get(key[0], 0), seen[key]))
    return [lines.index(key) for key in keys]


def _values(values: Mapping[str, object]) -> str:
    return ",".join(f"{name}={value_label(value)}" for name, value in values.items())


_KEYS: Mapping[Axis, Callable[[Coordinates], tuple[str, str]]] = {
    "prompts": lambda at: (at.prompt, _values(at.vars)),
    "presets": lambda at: (at.preset, _values(at.axes)),
    "seeds": lambda at: (str(at.seed), str(at.repeat)),
    "inputs": lambda at: (at.input or "", ""),
}
