"""A quiet chord for clips with sound: sines that follow from the order, faded at both ends."""

import numpy as np

from fal_experiments.sandbox.clips.order import ClipOrder, generator
from fal_experiments.sandbox.clips.yuv import Floats

RATE_HZ = 48_000
_LOUDNESS = 0.06
_FADE_S = 0.15
_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 5, 9), (0, 7, 12))


def chord(order: ClipOrder) -> Floats:
    """Return mono samples from -1 to 1, as long as the clip, at `RATE_HZ`."""
    chance = generator("tone", order.endpoint, order.prompt, order.seed)
    count = round(order.frame_count / order.fps * RATE_HZ)
    t_s = np.arange(count) / RATE_HZ
    root_hz = 220 * 2 ** (int(chance.integers(-5, 7)) / 12)
    sound = np.zeros(count)
    for step in _CHORDS[int(chance.integers(len(_CHORDS)))]:
        beat = 1 + 0.25 * np.sin(2 * np.pi * chance.uniform(0.2, 0.8) * t_s)
        sound += beat * np.sin(2 * np.pi * root_hz * 2 ** (step / 12) * t_s) / 3
    edge = np.minimum(1, np.minimum(t_s, t_s[::-1]) / _FADE_S)
    return (_LOUDNESS * sound * edge).astype(np.float32)
