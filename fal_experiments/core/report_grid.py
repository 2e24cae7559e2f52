"""Where each combination stands in the report: prompt × seed down, preset × axes across."""

from collections.abc import Mapping

from fal_experiments.core.labels import hold_label, hold_name, value_label
from fal_experiments.core.plan import Coordinates, Plan
from fal_experiments.core.report_model import ColumnView, PictureView, RowView


class Grid:
    """Rows (prompt × input × seed × repeat) and columns (preset × axes) of a plan."""

    def __init__(self, plan: Plan, inputs: Mapping[str, PictureView]) -> None:
        places = [cell.at for cell in plan.cells] + [cell.at for cell in plan.left_out]
        prompts = {prompt.id: i for i, prompt in enumerate(plan.prompts)}
        presets = {preset: i for i, preset in enumerate(plan.presets)}
        input_ranks = {file.id: i for i, file in enumerate(plan.inputs)}
        seeds = {seed: i for i, seed in enumerate(plan.spec.seeds or ())}

        def row_rank(at: Coordinates) -> tuple[int, tuple[int, ...], int, int, int]:
            seed = seeds.get(at.seed, 0) if at.seed is not None else 0
            words = tuple(plan.spec.vars[name].index(value) for name, value in at.vars.items())
            return (prompts[at.prompt], words, input_ranks.get(at.input or "", 0), seed, at.repeat)

        rows = sorted({_row_key(at): at for at in places}.values(), key=row_rank)
        columns = sorted(
            {_column_key(at): at for at in places}.values(),
            key=lambda at: (presets[at.preset], _axis_rank(plan, at)),
        )
        self._row_index = {_row_key(at): i for i, at in enumerate(rows)}
        self._column_index = {_column_key(at): i for i, at in enumerate(columns)}
        self.rows = tuple(_row_view(plan, at, inputs) for at in rows)
        self.columns = tuple(_column_view(plan, at) for at in columns)

    def place(self, at: Coordinates) -> tuple[int, int]:
        """Return the row and the column of a combination."""
        return self._row_index[_row_key(at)], self._column_index[_column_key(at)]


def _row_key(at: Coordinates) -> str:
    words = "|".join(f"{name}={value}" for name, value in at.vars.items())
    seed = "" if at.seed is None else at.seed
    return f"{at.prompt}|{words}|{at.input or ''}|{seed}|{at.repeat}"


def _column_key(at: Coordinates) -> str:
    return "|".join([at.preset, *(f"{name}={value_label(v)}" for name, v in at.axes.items())])


def _axis_rank(plan: Plan, at: Coordinates) -> tuple[int, ...]:
    axes = plan.spec.axes
    return tuple(list(axes[name]).index(value) for name, value in at.axes.items())


def _seed_label(plan: Plan, at: Coordinates) -> str:
    seed = "no seed" if at.seed is None else f"seed {at.seed}"
    if at.repeat > plan.spec.repeats:
        return f"{seed} · probe"
    return f"{seed} · repeat {at.repeat}" if plan.spec.repeats > 1 else seed


def _row_view(plan: Plan, at: Coordinates, inputs: Mapping[str, PictureView]) -> RowView:
    prompt = next(p for p in plan.prompts if p.id == at.prompt).filled(at.vars)
    words = ", ".join(f"{name} {value}" for name, value in at.vars.items())
    return RowView(
        key=_row_key(at),
        prompt=f"{prompt.id} · {words}" if words else prompt.id,
        prompt_text=prompt.whole_text,
        task=prompt.task or plan.spec.task,
        input=at.input,
        input_picture=inputs.get(at.input or ""),
        seed_label=_seed_label(plan, at),
    )


def _column_view(plan: Plan, at: Coordinates) -> ColumnView:
    preset = plan.presets[at.preset].preset
    return ColumnView(
        key=_column_key(at),
        preset=preset.id,
        title=preset.title,
        endpoint=preset.endpoint,
        variant=", ".join(f"{hold_name(n)} {hold_label(n, v)}" for n, v in at.axes.items()),
        seed_note="takes seeds" if preset.takes_seed else "no seed knob: repeats",
    )
