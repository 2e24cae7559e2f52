"""The rules of `prompts lint`: what each is called, why it is one, and where that is known from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Level = Literal["advice", "error"]

_KIE = "kie-ai-video skill"
_FAL = "fal-video skill"
_AIVP = "aivp-video 0.3.0 skill"
_FORMATS = "aividpipeline prompt formats"
_OURS = "fal-exp"


class Rule(NamedTuple):
    """One thing that is looked for."""

    id: str
    level: Level
    reason: str
    source: str


_RULES = (
    Rule("unreadable", "error", "a file that cannot be read is a prompt for nobody", _OURS),
    Rule("empty", "error", "a request without a prompt is a request for anything", _OURS),
    Rule(
        "unfilled-variable",
        "error",
        "a model would be told the braces: `vars:` of a matrix fills {{ name }} and nothing else",
        _OURS,
    ),
    Rule("schema", "error", "the endpoint refuses it, in the words of its own schema", _OURS),
    Rule("no-prompt-knob", "error", "fal drops an unknown field without a word", _OURS),
    Rule(
        "shots-only",
        "error",
        "the model takes one prompt: give `text` for it beside the shots",
        _OURS,
    ),
    Rule(
        "camera-moves",
        "advice",
        "one move per clip, two in 10 s: several in a short clip blur into one another",
        f"{_KIE}, duration table",
    ),
    Rule(
        "camera-contradiction",
        "advice",
        "the model obeys one of the two, and each model another",
        f"{_KIE}, camera movement",
    ),
    Rule(
        "camera-missing",
        "advice",
        "Kling gives a static shot where nothing is said of the camera; say so if that is meant",
        f"{_KIE}, Kling 2.6",
    ),
    Rule(
        "actions",
        "advice",
        "one action takes 3 to 5 s: of more, some are hurried or left out",
        f"{_KIE}, duration table",
    ),
    Rule(
        "dialogue-length",
        "advice",
        "about one word a second stays in step with the lips; on Veo eight words in 8 s",
        f"{_KIE}, duration table and audio layers",
    ),
    Rule(
        "describes-image",
        "advice",
        "the image shows it already: describe the motion alone, or the two pull apart",
        f"{_KIE}, tip 6",
    ),
    Rule(
        "time-axis",
        "advice",
        "what is timed outside the clip, or twice, is left to chance",
        f"{_FORMATS}, time axis",
    ),
    Rule(
        "hailuo-commands",
        "advice",
        "Hailuo combines up to three camera commands",
        f"{_AIVP}, Hailuo-02 camera commands",
    ),
    Rule(
        "hailuo-unknown",
        "advice",
        "only the listed commands move Hailuo's camera; any other is read as words",
        f"{_AIVP}, Hailuo-02 camera commands",
    ),
    Rule(
        "foreign-idiom",
        "advice",
        "a model of another idiom reads the marks as words of the scene: give it a dialect",
        f"{_KIE}, model-specific styles",
    ),
    Rule(
        "audio-without-sound",
        "advice",
        "the clip will be silent: the words only take room from the picture",
        f"{_KIE}, audio-aware prompting",
    ),
    Rule(
        "audio-layers",
        "advice",
        "more than three layers of sound at once cover each other",
        f"{_KIE}, audio rules",
    ),
    Rule(
        "no-subtitles",
        "advice",
        "Veo writes spoken words into the picture unless the prompt ends on (no subtitles)",
        f"{_KIE}, audio rules",
    ),
    Rule(
        "shots",
        "advice",
        "Kling takes up to six shots, 15 s in all",
        f"{_AIVP}, Kling multi-shot",
    ),
    Rule(
        "sprite-grid",
        "advice",
        "video models take a checkerboard for a floor or a room; keep grids for still images",
        f"{_FAL}, sprite walk cycles",
    ),
    Rule(
        "sprite-camera",
        "advice",
        "frames of a sprite are cut out: a camera that moves spoils every one of them",
        f"{_FAL}, sprite walk cycles",
    ),
    Rule(
        "sprite-subjects",
        "advice",
        "a sprite is one figure: a second one crosses it and cannot be cut away",
        f"{_FAL}, sprite walk cycles",
    ),
    Rule(
        "sprite-background",
        "advice",
        "a neutral flat background is what keeps camera and character in place",
        f"{_FAL}, sprite walk cycles",
    ),
    Rule(
        "sprite-flourish",
        "advice",
        "early runs test motion and identity; cinematic words move light and lens instead",
        f"{_FAL}, prompt like direction",
    ),
    Rule(
        "marketing",
        "advice",
        "praise directs nothing: prompt like direction, not like marketing copy",
        f"{_FAL}, prompt like direction",
    ),
    Rule(
        "placeholder",
        "advice",
        "it looks like a gap that somebody meant to fill",
        _OURS,
    ),
    Rule(
        "stable-end",
        "advice",
        "a clip that is to be extended goes on from its last frame, which must be clean and still",
        f"{_KIE}, tip 8",
    ),
    Rule(
        "same-id",
        "advice",
        "a matrix that names both files is refused, and `prompts show` cannot choose",
        _OURS,
    ),
    Rule(
        "dialect-unused",
        "advice",
        "a dialect is found by the name of a preset, an idiom or a family",
        _OURS,
    ),
)
RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in _RULES})
