"""What a blind test says of its clips: what was done to them, and what can still tell. Pure."""

from collections.abc import Sequence

from fal_experiments.core.blind_alike import ClipFacts, differences

CLEANED = (
    "Names, tags, times and the messages of encoders were removed; all files of one prompt, input "
    "and seed are equally long."
)
PIXELS = (
    "A mark or logo inside a picture cannot be removed, and somebody who knows a model's style may "
    "recognise it."
)
CROPPED = (
    "The upper and lower edge of every picture is cut off: a name is printed there in practice "
    "clips."
)


def notes(
    groups: Sequence[Sequence[ClipFacts]], *, alike: bool, trim: bool, cropped: bool
) -> list[str]:
    """Return the lines that the page shows; `groups` are clips that may meet."""
    found = {name for group in groups for name in differences(group)}
    said = [CLEANED, *([CROPPED] if cropped else [])]
    said += _alike(found) if alike else _kept(found)
    if "sound" in found:
        said.append("Of clips that meet, some have sound and some have none: all are silent.")
    if "length" in found:
        said.append(
            "Clips differed in length: the longer ones were cut to the shortest."
            if trim
            else "Clips differ in length, which can tell them apart."
        )
    return [*said, PIXELS]


def _alike(found: set[str]) -> list[str]:
    said = ["Clips that meet were encoded anew to one size, one rate and one loudness."]
    if "rate" in found:
        said.append(
            "Their rates differed: each frame is held as a screen of 60 Hz holds it, which can be "
            "seen frame by frame."
        )
    if "shape" in found:
        said.append("Their shapes differed: narrower pictures stand between black bars.")
    return said


def _kept(found: set[str]) -> list[str]:
    telling = [
        words
        for name, words in (("size", "size"), ("shape", "shape"), ("rate", "frame rate"))
        if name in found
    ]
    said = ["Pictures are as they were delivered; the loudness of sound was made equal."]
    if telling:
        said.append(f"Clips that meet differ in {', '.join(telling)}, which can tell them apart.")
    return said
