"""The axes of a report: every value that occurs, in the order of the matrix; who stands where."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fal_experiments.core.ids import canonical_json
from fal_experiments.core.labels import hold_label, hold_name
from fal_experiments.core.model import Json
from fal_experiments.core.plan import Coordinates, Plan
from fal_experiments.core.report_model import (
    AxisValue,
    AxisView,
    InputView,
    LayoutView,
    PictureView,
    PresetView,
    PromptView,
)

NOWHERE = -1
"""The place of a cell on an axis that does not touch it."""


_Value = Callable[[Coordinates], str | None]
"""The value of a combination as canonical JSON; None where the axis does not touch it."""
_Word = Callable[[Json], str]


def short_titles(plan: Plan) -> dict[str, str]:
    """Return the titles without what stands behind their last ` · `, if they stay different."""
    whole = {name: use.preset.title for name, use in plan.presets.items()}
    short = {name: title.rpartition(" · ")[0] or title for name, title in whole.items()}
    return short if len(set(short.values())) == len(short) else whole


class _Axis(NamedTuple):
    """An axis before its values are labelled."""

    key: str
    label: str
    values: tuple[Json, ...]
    """Those that occur, in order."""
    of: _Value
    word: Callable[[Json], str]


class Axes:
    """The axes of a plan, and the place of each of its combinations on them."""

    def __init__(self, plan: Plan) -> None:
        places = [cell.at for cell in plan.cells] + [cell.at for cell in plan.left_out]
        self._plan = plan
        self._axes = [axis for axis in _axes(plan, places) if axis.values]
        self._ranks = [_ranks(axis.values) for axis in self._axes]
        self._prompts: dict[tuple[str, ...], int] = {}
        self._views: list[PromptView] = []
        for at in sorted(places, key=self.at):
            self._note_prompt(at)
        self.views = tuple(_view(axis) for axis in self._axes)

    def at(self, at: Coordinates) -> tuple[int, ...]:
        """Return the index of a combination's value on each axis, NOWHERE where it has none."""
        found = ((axis.of(at), ranks) for axis, ranks in zip(self._axes, self._ranks, strict=True))
        return tuple(NOWHERE if value is None else ranks[value] for value, ranks in found)

    def prompt(self, at: Coordinates) -> int:
        """Return the index of a combination's filled prompt in `prompts`."""
        return self._prompts[_prompt_key(at)]

    @property
    def prompts(self) -> tuple[PromptView, ...]:
        """Every prompt with its variables filled in, in the order of the grid."""
        return tuple(self._views)

    @property
    def presets(self) -> tuple[PresetView, ...]:
        """The values of the axis `preset`."""
        titles = short_titles(self._plan)
        return tuple(
            PresetView(
                key=preset.id,
                title=titles[preset.id],
                endpoint=preset.endpoint,
                seed_note="takes seeds" if preset.takes_seed else "no seed knob: repeats",
            )
            for preset in (self._plan.presets[str(key)].preset for key in self._values("preset"))
        )

    def inputs(self, pictures: Mapping[str, PictureView]) -> tuple[InputView, ...]:
        """Return the values of the axis `input` with their pictures."""
        keys = map(str, self._values("input"))
        return tuple(InputView(key=key, picture=pictures.get(key)) for key in keys)

    @property
    def layout(self) -> LayoutView:
        """Prompts, variables, inputs and seeds down; presets and the matrix's axes across."""
        keys = [axis.key for axis in self._axes]
        across = [key for key in keys if key == "preset" or key.startswith("axis:")]
        folded = [key for key in keys if key == "repeat" and len(self._values(key)) > 1]
        down = [key for key in keys if key not in across and key != "repeat"]
        return LayoutView(rows=tuple(down), columns=tuple(across), fold=tuple(folded))

    def _values(self, key: str) -> tuple[Json, ...]:
        return next((axis.values for axis in self._axes if axis.key == key), ())

    def _note_prompt(self, at: Coordinates) -> None:
        key = _prompt_key(at)
        if key in self._prompts:
            return
        prompt = next(p for p in self._plan.prompts if p.id == at.prompt).filled(at.vars)
        words = ", ".join(f"{name} {value}" for name, value in at.vars.items())
        view = PromptView(
            task=prompt.task or self._plan.spec.task,
            id=f"{prompt.id} · {words}" if words else prompt.id,
            text=prompt.whole_text,
        )
        self._prompts[key] = len(self._views)
        self._views.append(view)


def _axes(plan: Plan, places: Sequence[Coordinates]) -> list[_Axis]:
    """Return every axis in canonical order, those without values too."""
    spec = plan.spec
    probes = {cell.at.repeat for cell in plan.cells if cell.probe_of is not None}
    titles = short_titles(plan)
    by_name: list[tuple[str, str, Sequence[Json], _Value, _Word]] = [
        ("prompt", "Prompt", [p.id for p in plan.prompts], _plain("prompt"), str),
        *(
            (f"var:{name}", hold_name(name), values, _one_of("vars", name), _named(name))
            for name, values in spec.vars.items()
        ),
        ("input", "Input", [i.id for i in plan.inputs], _plain("input"), str),
        ("seed", "Seed", spec.seeds or (), _plain("seed"), lambda v: f"seed {v}"),
        (
            "repeat",
            "Repeat",
            sorted({at.repeat for at in places}),
            _plain("repeat"),
            lambda v: "seed probe" if v in probes else f"repeat {v}",
        ),
        ("preset", "Preset", list(plan.presets), _plain("preset"), lambda v: titles[str(v)]),
        *(
            (f"axis:{name}", hold_name(name), values, _one_of("axes", name), _named(name))
            for name, values in spec.axes.items()
        ),
    ]
    return [
        _Axis(key, label, _occurring(values, places, of), of, word)
        for key, label, values, of, word in by_name
    ]


def _plain(field: str) -> _Value:
    def value(at: Coordinates) -> str | None:
        found = getattr(at, field)
        return None if found is None else canonical_json(found)

    return value


def _one_of(field: str, name: str) -> _Value:
    def value(at: Coordinates) -> str | None:
        found = getattr(at, field)
        # null may be a value of its own
        return canonical_json(found[name]) if name in found else None

    return value


def _named(name: str) -> _Word:
    return lambda value: f"{hold_name(name)} {_short(value, name)}"


def _short(value: Json, name: str = "") -> str:
    return "null" if value is None else hold_label(name, value)


def _occurring(
    values: Sequence[Json], places: Sequence[Coordinates], of: _Value
) -> tuple[Json, ...]:
    seen = {of(at) for at in places}
    once = {canonical_json(value): value for value in values}
    return tuple(value for text, value in once.items() if text in seen)


def _ranks(values: Sequence[Json]) -> dict[str, int]:
    return {canonical_json(value): index for index, value in enumerate(values)}


def _view(axis: _Axis) -> AxisView:
    short = [_short(value) for value in axis.values]
    return AxisView(
        key=axis.key,
        label=axis.label,
        values=tuple(
            AxisValue(
                # `on` may be the word for true and a text of its own
                key=word if short.count(word) == 1 else canonical_json(value),
                label=axis.word(value),
            )
            for word, value in zip(short, axis.values, strict=True)
        ),
    )


def _prompt_key(at: Coordinates) -> tuple[str, ...]:
    return (at.prompt, *(f"{name}={value}" for name, value in sorted(at.vars.items())))
