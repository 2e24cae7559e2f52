"""The sides of a matrix sheet: which dimensions go down and which across, and their headings."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, get_args

from fal_experiments.core.labels import hold_label, hold_name
from fal_experiments.core.model import Json, nearest
from fal_experiments.core.plan import Coordinates, Plan
from fal_experiments.errors import BadInput

Dimension = Literal["prompts", "presets", "axes", "inputs", "seeds", "repeats"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
"""In the order in which they are nested: a prompt has rows for its inputs, these for seeds."""


class Words(NamedTuple):
    """Text of a person, and what stands for it where a font has not all of its letters."""

    text: str
    instead: str = ""


class Lane(NamedTuple):
    """The heading of a row or a column."""

    group: Words
    """The same for lanes side by side, which share it: a prompt, a preset."""
    note: Words
    """Smaller print below: the prompt's text, the preset's id."""
    label: Words
    """What tells this lane from others of its group: `seed 2`."""


class Sides(NamedTuple):
    """Which dimensions go down and which across, outermost first; together all of them."""

    rows: tuple[Dimension, ...]
    columns: tuple[Dimension, ...]


def read_sides(rows: str | None, columns: str | None) -> Sides:
    """Return what `--rows prompts,seeds --columns presets` mean. Raises: BadInput.

    Without a word, presets and axes go across. Dimensions that are not named go down, in the order
    of DIMENSIONS, after those that are.
    """
    down = _named("--rows", rows)
    usual = [name for name in ("presets", "axes") if name not in down]
    across = _named("--columns", columns) if columns else usual or ["prompts"]
    twice = sorted(set(down) & set(across))
    if twice:
        raise BadInput(f"{twice[0]} cannot go down and across at once", fix="name it once")
    down = [*down, *(name for name in DIMENSIONS if name not in down and name not in across)]
    return Sides(_known(down), _known(across))


def _named(option: str, words: str | None) -> list[str]:
    named = [word.strip() for word in words.split(",")] if words else []
    for word in named:
        if word not in DIMENSIONS:
            raise BadInput(
                f"{option}: there is no dimension {word!r}{nearest(word, set(DIMENSIONS))}",
                fix=f"name some of {', '.join(DIMENSIONS)}, with commas between them",
            )
    return list(dict.fromkeys(named))


def _known(names: Sequence[str]) -> tuple[Dimension, ...]:
    return tuple(known for name in names for known in DIMENSIONS if known == name)


class Lanes:
    """The rows or the columns of a sheet, in order."""

    def __init__(
        self, plan: Plan, places: Iterable[Coordinates], side: Sequence[Dimension]
    ) -> None:
        found = {_key(at, side): at for at in places}
        ordered = sorted(found.values(), key=lambda at: [_rank(plan, at, d) for d in side])
        # What is the same in all of them need not be said in each, but for the outermost.
        told = [d for d in side if d == side[0] or len({_value(at, d) for at in ordered}) > 1]
        self._side = side
        self._index = {_key(at, side): index for index, at in enumerate(ordered)}
        self.headings = tuple(_heading(plan, at, told) for at in ordered)

    def index(self, at: Coordinates) -> int:
        """Return in which lane a combination stands."""
        return self._index[_key(at, self._side)]


def _key(at: Coordinates, side: Sequence[Dimension]) -> tuple[str, ...]:
    return tuple(_value(at, dimension) for dimension in side)


def _value(at: Coordinates, dimension: Dimension) -> str:
    match dimension:
        case "prompts":
            return f"{at.prompt}{sorted(at.vars.items())}"
        case "presets":
            return at.preset
        case "axes":
            return str(sorted((name, str(value)) for name, value in at.axes.items()))
        case "inputs":
            return at.input or ""
        case "seeds":
            return "" if at.seed is None else str(at.seed)
        case "repeats":
            return str(at.repeat)


def _rank(plan: Plan, at: Coordinates, dimension: Dimension) -> tuple[int, ...]:
    match dimension:
        case "prompts":
            words = (plan.spec.vars[name].index(value) for name, value in at.vars.items())
            return ([prompt.id for prompt in plan.prompts].index(at.prompt), *words)
        case "presets":
            return (list(plan.presets).index(at.preset),)
        case "axes":
            axes: Mapping[str, Sequence[Json]] = plan.spec.axes
            return tuple(list(axes[name]).index(value) for name, value in at.axes.items())
        case "inputs":
            inputs = [entry.id for entry in plan.inputs]
            return (inputs.index(at.input) if at.input in inputs else -1,)
        case "seeds":
            return (-1 if at.seed is None else list(plan.spec.seeds or (at.seed,)).index(at.seed),)
        case "repeats":
            return (at.repeat,)


def _heading(plan: Plan, at: Coordinates, shown: Sequence[Dimension]) -> Lane:
    """Put a prompt or a preset above the rest, with its text in smaller print."""
    first, *rest = shown
    group, note = _named_words(plan, at, first)
    label = [_named_words(plan, at, dimension)[0] for dimension in rest]
    texts = " · ".join(words.text for words in label if words.text)
    instead = " · ".join(words.instead or words.text for words in label if words.text)
    return Lane(group, note, Words(texts, instead))


def _named_words(plan: Plan, at: Coordinates, dimension: Dimension) -> tuple[Words, Words]:
    match dimension:
        case "prompts":
            prompt = next(p for p in plan.prompts if p.id == at.prompt).filled(at.vars)
            texts = [f"{name} {value}" for name, value in at.vars.items()]
            places = [plan.spec.vars[n].index(v) + 1 for n, v in at.vars.items()]
            numbers = [f"{name} {place}" for name, place in zip(at.vars, places, strict=True)]
            named = Words(" · ".join([prompt.id, *texts]), " · ".join([prompt.id, *numbers]))
            return named, Words(prompt.plain_text)
        case "presets":
            preset = plan.presets[at.preset].preset
            return Words(preset.title, preset.id), Words(preset.id)
        case "axes":
            held = (f"{hold_name(n)} {hold_label(n, v)}" for n, v in at.axes.items())
            return Words(", ".join(held)), Words("")
        case "inputs":
            return Words(at.input or "no input"), Words("")
        case "seeds":
            return Words("no seed" if at.seed is None else f"seed {at.seed}"), Words("")
        case "repeats":
            return Words(f"repeat {at.repeat}"), Words("")


def groups(lanes: Sequence[Lane]) -> list[tuple[int, int]]:
    """Return where each run of lanes with one group begins, and how many they are."""
    found, begin = [], 0
    for _, run in groupby(lanes, key=lambda lane: lane.group):
        many = len(list(run))
        found.append((begin, many))
        begin += many
    return found
