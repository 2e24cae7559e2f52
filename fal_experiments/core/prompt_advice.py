"""Lint of a whole matrix: every prompt with every preset that it goes to, under what is held."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, product

from fal_experiments.core.matrix import Hold, MatrixSpec
from fal_experiments.core.plan import Plan
from fal_experiments.core.preset import Preset
from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_findings import Finding, Remark, finding, merged
from fal_experiments.core.prompt_lint import lint
from fal_experiments.core.schema import EndpointSchema

MAX_FILLINGS = 64
"""Values of variables are tried so far, and the longest of each besides: limits are of length."""
MAX_HOLDS = 16
FEW_PRESETS = 3
"""Named one by one in a line; more are counted."""


def lint_matrix(
    spec: MatrixSpec,
    prompts: Sequence[Prompt],
    presets: Sequence[tuple[Preset, EndpointSchema | None]],
) -> dict[str, tuple[Finding, ...]]:
    """Return the findings of every prompt of a matrix, by its id; prompts without any are missing.

    Lengths and sound that vary as an axis are all looked at. A variable without value is an error.
    """
    found = {}
    for prompt in prompts:
        task = prompt.task or spec.task
        readers = [(preset, schema) for preset, schema in presets if preset.task == task]
        missing = sorted(prompt.variables - set(spec.vars))
        remarks = [
            finding(
                Remark("unfilled-variable", f"vars gives no value for {{{{ {name} }}}}", name),
                "prompt",
            )
            for name in missing
        ]
        tried = (
            lint(filled, readers, hold=hold, task=task)
            for filled, hold in product(list(_fillings(prompt, spec)), list(_holds(spec)))
        )
        all_found = merged([*remarks, *chain.from_iterable(tried)])
        if all_found:
            found[prompt.id] = all_found
    return found


def advice_of(plan: Plan) -> tuple[str, ...]:
    """Return advice on the prompts of a plan: a line each, at most one for a prompt and a rule.

    Errors are not among them: what a model refuses is a cell that the plan leaves out, with why.
    """
    used = {(cell.at.prompt, cell.at.preset) for cell in plan.cells}
    lines: dict[tuple[str, str], str] = {}
    for prompt in plan.prompts:
        presets = [
            (use.preset, use.snapshot)
            for name, use in plan.presets.items()
            if (prompt.id, name) in used
        ]
        for one in lint_matrix(plan.spec, [prompt], presets).get(prompt.id, ()):
            if one.level == "advice":
                lines.setdefault((prompt.id, one.rule), _line(prompt, one))
    return tuple(lines.values())


def _line(prompt: Prompt, one: Finding) -> str:
    where = "" if one.where in {"text", "prompt"} else f" ({one.where})"
    few = len(one.presets) <= FEW_PRESETS
    whom = f" ({one.told_to if few else f'{len(one.presets)} presets'})" if one.presets else ""
    return f"prompt {prompt.id}{where}: {one.message}{whom}; {one.reason} [{one.rule}]"


def _fillings(prompt: Prompt, spec: MatrixSpec) -> Iterator[Prompt]:
    """Yield the prompt with values of its variables; one without a value stands for itself."""
    named = {name: spec.vars.get(name, (name,)) for name in sorted(prompt.variables)}
    for values in islice(product(*named.values()), MAX_FILLINGS):
        yield prompt.filled(dict(zip(named, values, strict=True)))
    if named:
        yield prompt.filled({name: max(values, key=len) for name, values in named.items()})


def _holds(spec: MatrixSpec) -> Iterator[Hold]:
    """Yield what is held, with each length and sound that varies in its place."""
    varied = {key: spec.axes[key] for key in ("duration", "audio") if key in spec.axes}
    for values in islice(product(*varied.values()), MAX_HOLDS):
        stated = spec.hold.stated() | dict(zip(varied, values, strict=True))
        yield Hold.model_validate(stated)
