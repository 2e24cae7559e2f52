"""The idioms in which models expect a prompt: what each is, an example, and who speaks it.

Facts: the prompt rules of the kie-ai-video skill (Veo, Kling), the aivp-video 0.3.0 skill (Hailuo,
Seedance) and the prompt formats of aividpipeline (time axis, camera tags), read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from fal_experiments.core.model import nearest
from fal_experiments.core.preset import Preset

IdiomId = Literal["plain", "seedance", "kling", "veo", "hailuo"]


class Idiom(NamedTuple):
    """One way of writing a prompt."""

    id: IdiomId
    what: str
    example: str
    source: str


PLAIN = Idiom(
    "plain",
    "Sentences and nothing else: who does what, where, how the camera stands, in which light. "
    "Every model reads it, so it is what a model without a dialect of its own gets.",
    "The knight walks in place, side view facing right. Camera locked, plain background.",
    "kie-ai-video skill, universal formula",
)
SEEDANCE = Idiom(
    "seedance",
    "A time axis: each stretch of the clip has its seconds, its camera and one action, as "
    "`0-3s: …`, `[0s-3s] …` or, in the model's first language, `0-3秒：…`. Sound and style stand "
    "after it. `Lens switch.` cuts to another shot.",
    "0-3s: medium shot, static camera, the knight raises his sword. "
    "3-5s: he holds the pose, the cape settles.",
    "aividpipeline prompt formats, Seedance 2.0; aivp-video 0.3.0 skill",
)
KLING = Idiom(
    "kling",
    "Subject, action and context with the camera named, because Kling stands still where nothing "
    "is said. `[Camera: …]` tags a shot, `VISUAL:`, `AUDIO:`, `MUSIC:` and `VOICE:` delimit "
    'the layers, `[Elena, whispering]: "…"` gives a line to a speaker; several shots go into one '
    "clip.",
    "[Camera: medium shot, slow push-in] VISUAL: the smith lifts the blade from the fire. "
    "AUDIO: hammer on iron.",
    "kie-ai-video skill, Kling 2.6; aividpipeline prompt formats, Kling 3.0",
)
VEO = Idiom(
    "veo",
    "A long paragraph, then the layers of sound: dialogue as `The man says: …`, `SFX:` tied to "
    "what is seen, `Ambient:` for the place, music by its mood. `(no subtitles)` keeps spoken "
    "words off the picture.",
    "Medium shot of a smith at his anvil. The smith mutters: Almost there. SFX: hammer on iron. "
    "Ambient: a crackling fire. No background music. (no subtitles)",
    "kie-ai-video skill, audio-aware prompting",
)
HAILUO = Idiom(
    "hailuo",
    "Plain sentences with camera commands in square brackets, up to three of them: "
    "`[Push in, Pan left]`.",
    "A lighthouse on a cliff at dusk, waves break below it. [Push in, Tilt up]",
    "aivp-video 0.3.0 skill, Hailuo-02 camera commands",
)
IDIOMS: Mapping[str, Idiom] = MappingProxyType(
    {idiom.id: idiom for idiom in (PLAIN, SEEDANCE, KLING, VEO, HAILUO)}
)
FAMILY_IDIOMS: Mapping[str, Idiom] = MappingProxyType(
    {"seedance": SEEDANCE, "kling": KLING, "veo": VEO, "hailuo": HAILUO, "minimax": HAILUO}
)
"""Families that have an idiom. The others (wan, ltx, happy-horse, grok, …) read plain sentences."""

HAILUO_COMMANDS = (
    "Truck left",
    "Truck right",
    "Pan left",
    "Pan right",
    "Push in",
    "Pull out",
    "Pedestal up",
    "Pedestal down",
    "Tilt up",
    "Tilt down",
    "Zoom in",
    "Zoom out",
    "Shake",
    "Tracking shot",
    "Static shot",
)
MAX_HAILUO_COMMANDS = 3
_KNOWN_COMMANDS = {command.lower(): command for command in HAILUO_COMMANDS}


def idiom_of(preset: Preset) -> Idiom:
    """Return the idiom of a preset: the one that it names itself, or else that of its family."""
    if preset.dialect is not None and preset.dialect in IDIOMS:
        return IDIOMS[preset.dialect]
    return FAMILY_IDIOMS.get(preset.family, PLAIN)


def dialect_keys(preset: Preset) -> tuple[str, ...]:
    """Return the names under which a prompt may hold words for a preset, the nearest first.

    They are its id, the dialect that it names, its family and that family's idiom; but not those of
    a family whose idiom it does not speak: its commands would be read as words of the scene.
    """
    own = idiom_of(preset)
    keys = [preset.id, *([preset.dialect] if preset.dialect else [])]
    if FAMILY_IDIOMS.get(preset.family, own) is own:
        keys += [preset.family, own.id]
    return tuple(dict.fromkeys(keys))


def idiom_of_dialect(key: str) -> Idiom:
    """Return the idiom that a dialect of a prompt is written in, by the idiom or family it names.

    A key that is neither (a preset's id, a family without an idiom) is plain.
    """
    return IDIOMS.get(key) or FAMILY_IDIOMS.get(key, PLAIN)


def hailuo_command(written: str) -> str | None:
    """Return the camera command that is written, in Hailuo's spelling, or None for no command."""
    return _KNOWN_COMMANDS.get(" ".join(written.lower().replace("-", " ").split()))


def nearest_command(written: str) -> str:
    """Return `; did you mean Pan left?` for what is nearly a command, or nothing."""
    found = nearest(written.strip().lower(), set(_KNOWN_COMMANDS))
    for lowered, command in _KNOWN_COMMANDS.items():
        found = found.replace(f" {lowered}?", f" {command}?")
    return found
