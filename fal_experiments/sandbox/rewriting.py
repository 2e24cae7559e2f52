"""Prompt enhancers: an endpoint that has one, switched on, says that it used other words."""

from typing import Any

from fal_experiments.core.control_kinds import FixedControl, KnobControl
from fal_experiments.core.preset import Preset

MARK = "(expanded by the sandbox)"
OUTPUT_FIELDS = ("actual_prompt", "revised_prompt", "prompt")
"""Where fal's endpoints tell the prompt that was used (references/fal-endpoints.json)."""
_ONLY_WHEN_REFUSED = "auto_fix"
"""Veo's knob rewrites only what a filter has refused, which nothing is here."""
_KNOWN_KNOBS = (
    "enable_prompt_expansion",
    "expand_prompt",
    "prompt_optimizer",
    "enhance_prompt",
    "prompt_extend",
)


def prompt_used(preset: Preset, arguments: dict[str, Any], prompt: str) -> str:
    """Return the words that an endpoint says it used.

    Args:
        arguments: with the provider's defaults: an enhancer that nobody switched off is on.
    """
    return f"{prompt} {MARK}" if _is_rewritten(preset, arguments) else prompt


def _is_rewritten(preset: Preset, arguments: dict[str, Any]) -> bool:
    control = preset.controls.get("prompt_enhancement")
    if isinstance(control, FixedControl):
        return _is_on(control.fixed)
    if isinstance(control, KnobControl) and control.knob != _ONLY_WHEN_REFUSED:
        sent = arguments.get(control.knob)
        return any(_is_on(choice.means) for choice in control.choices if choice.send == sent)
    return any(_is_on(arguments.get(knob)) for knob in _KNOWN_KNOBS)


def _is_on(value: Any) -> bool:
    """Tell whether a switch is on: true, or a way of rewriting that has a name (`fast`)."""
    return value is True or (isinstance(value, str) and value not in {"", "disabled", "off"})
