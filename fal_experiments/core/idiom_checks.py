"""Checks of idioms: marks that go to the wrong model, Hailuo's commands, sound, Kling's camera."""

from collections.abc import Iterator

from fal_experiments.core.camera_words import says_something_of_the_camera
from fal_experiments.core.idioms import MAX_HAILUO_COMMANDS, hailuo_command, nearest_command
from fal_experiments.core.prompt_findings import Remark
from fal_experiments.core.prompt_marks import (
    brackets,
    dialogue,
    forbids_subtitles,
    hailuo_brackets,
    kling_marks,
    sound_layers,
    veo_layers,
)
from fal_experiments.core.prompt_told import Check, Told, listed

MAX_LAYERS = 3
_DIRECTED = {"text-to-video", "image-to-video", "reference-to-video"}


def _commands(told: Told) -> Iterator[Remark]:
    if told.idiom.id != "hailuo":
        return
    found = list(brackets(told.text))
    known = [part for _, parts in found for part in parts if hailuo_command(part)]
    if len(known) > MAX_HAILUO_COMMANDS:
        yield Remark("hailuo-commands", f"{len(known)} camera commands: {listed(known)}", known[-1])
    for _, parts in found:
        for part in parts:
            if not hailuo_command(part):
                yield Remark(
                    "hailuo-unknown",
                    f"{listed([part])} is no command of Hailuo's{nearest_command(part)}",
                    part,
                )


def _foreign(told: Told) -> Iterator[Remark]:
    owners = {
        "hailuo": [whole for whole, _ in hailuo_brackets(told.text)],
        "kling": kling_marks(told.text),
        "veo": veo_layers(told.text),
    }
    for owner, marks in owners.items():
        if marks and owner != told.idiom.id:
            said = listed(list(dict.fromkeys(marks))[:3])
            yield Remark("foreign-idiom", f"{said}: marks of the idiom {owner}", marks[0])


def _silent(told: Told) -> Iterator[Remark]:
    if told.sound is not False:
        return
    layers = sound_layers(told.text)
    if layers:
        yield Remark(
            "audio-without-sound",
            f"{' and '.join(layers)} for a clip without sound",
            next(iter(layers.values())),
        )


def _layers(told: Told) -> Iterator[Remark]:
    layers = sound_layers(told.text)
    if len(layers) > MAX_LAYERS and told.sound is not False:
        yield Remark(
            "audio-layers",
            f"{len(layers)} layers of sound: {', '.join(layers)}",
            [*layers.values()][-1],
        )


def _subtitles(told: Told) -> Iterator[Remark]:
    if told.idiom.id != "veo" or told.sound is False:
        return
    spoken = dialogue(told.text)
    if spoken and not forbids_subtitles(told.text):
        yield Remark("no-subtitles", "dialogue without (no subtitles)", spoken[0])


def _kling_camera(told: Told) -> Iterator[Remark]:
    directed = told.task is None or told.task in _DIRECTED
    if told.idiom.id != "kling" or not directed or not told.languages:
        return
    if not says_something_of_the_camera(told.text):
        yield Remark("camera-missing", "nothing is said of the camera")


CHECKS: tuple[Check, ...] = (_commands, _foreign, _silent, _layers, _subtitles, _kling_camera)
