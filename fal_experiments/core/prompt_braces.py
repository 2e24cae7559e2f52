"""Braces that no variable fills: a model would be told them, so a plan with them is refused."""

import re
from collections.abc import Sequence

from fal_experiments.core.prompt import Prompt
from fal_experiments.core.prompt_lint import lint_alone
from fal_experiments.errors import BadInput

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def check_braces(prompts: Sequence[Prompt]) -> None:
    """Refuse braces that `vars` cannot fill, in the words of `fal-exp prompts lint`.

    Raises: BadInput with the prompt and how to write the variable.
    """
    for index, prompt in enumerate(prompts):
        if not any("{{" in text or "}}" in text for text in prompt.texts):
            continue
        for found in lint_alone(prompt):
            if found.rule == "unfilled-variable":
                where = "" if found.where in {"text", "prompt"} else f" ({found.where})"
                raise BadInput(
                    f"prompt {prompt.id}{where}: {found.message}",
                    fix=_mend(found.quote),
                    path=("prompts", index),
                )


def _mend(quote: str) -> str:
    """Return how to write what may be meant: `{{ Hero-Name }}` is `{{ hero_name }}`."""
    name = re.sub(r"[^a-z0-9]+", "_", quote.lower()).strip("_")
    if _NAME.fullmatch(name) is None:
        return "close the braces around a name of vars, or leave them out"
    return f"write {{{{ {name} }}}}, and vars: {{{name}: [...]}}"
