"""A batch made to be compared: clips long enough to drift, a scrub film, sound, a failure."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page

from fal_experiments.core.report_model import ReportModel
from tests.browser import batches
from tests.browser.clips import FPS, Clip, make_clip

KEYS = [f"{number:04x}c0ffee" for number in range(12)]
FRAME_S = 1 / FPS
TIMES = "[...document.querySelectorAll('#compare video.clip')].map((v) => v.currentTime)"
STILL = "[...document.querySelectorAll('#compare video')].every((v) => v.paused && !v.seeking)"
AT_REST = f"({STILL} && falExp.comparePlay.mode() === 'paused')"


def make_clips(folder: Path) -> list[Clip]:
    """Draw clips of 4 s, 3 s and 4 s; a bar crosses each from left to right."""
    shapes = ((128, 72, 4.0), (128, 72, 3.0), (96, 96, 4.0))
    return [
        make_clip(folder, f"long{n}", width_px=w, height_px=h, duration_s=s, hue=80 * n)
        for n, (w, h, s) in enumerate(shapes)
    ]


def model(clips: Sequence[Clip]) -> ReportModel:
    """Return the quickstart with these clips. The first two cells have sound, the first a proxy.

    The first and the fourth have a loop from 0.25 to 0.75 s; the fifth failed.
    """
    made = batches.quickstart(clips)
    first, second, *rest = made.cells
    loudness = [view.key for view in made.numbers].index("loudness_lufs")
    numbers = [*first.numbers, *[None] * (loudness + 1 - len(first.numbers))]
    numbers[loudness] = -18.5
    sound = {"has_audio": True, "proxy_href": clips[0].video_href, "numbers": tuple(numbers)}
    first = first.model_copy(update=sound)
    second = second.model_copy(update={"has_audio": True})
    waves = {KEYS[0]: (0, 100, 50, 0), KEYS[1]: ()}
    details = [
        detail.model_copy(update={"waveform": waves.get(detail.key, detail.waveform)})
        for detail in made.details
    ]
    return made.model_copy(update={"cells": (first, second, *rest), "details": tuple(details)})


def link(*numbers: int, **settings: object) -> str:
    """Return the address of a comparison of these cells; `c_` names are its settings."""
    words = [f"c-{name}={value}" for name, value in settings.items()]
    return "#" + "&".join(["compare=" + ".".join(KEYS[number] for number in numbers), *words])


def times(page: Page) -> list[float]:
    """Return where each clip stands, in the order of the panes."""
    found: list[float] = page.evaluate(TIMES)
    return found


def frames(page: Page) -> list[int]:
    """Return which frame each clip shows."""
    return [int(time_s * FPS + 1e-3) for time_s in times(page)]
