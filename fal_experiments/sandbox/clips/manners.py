"""How each family of models moves a picture: displacements of a grid as a function of time.

A manner answers "what does this place show": it returns, in shares of the picture's height, how
far beside each node the content is taken from. At 0 s every manner returns zero, since a real
image-to-video clip begins with its input.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fal_experiments.sandbox.clips.order import ClipOrder, generator
from fal_experiments.sandbox.clips.subject import Subject
from fal_experiments.sandbox.clips.yuv import Floats

_TURN = 2 * math.pi


@dataclass(frozen=True)
class Stage:
    """The grid that is moved: places from the subject's centre, in shares of the height."""

    x: Floats
    y: Floats
    subject: Subject
    body: Floats
    """1 on the subject, 0 on the ground."""
    rise: Floats
    """0 at the subject's feet, 1 at its top, and on outside of it."""
    side: Floats
    """-1 left of the subject's middle, 1 right of it, smooth between."""


@dataclass(frozen=True)
class Temper:
    """What prompt, seed and the other arguments change about a manner."""

    tempo: float
    strength: float
    phase: float
    direction: int
    wander: float


class Moment(NamedTuple):
    """When in the clip, and how long the clip is."""

    t_s: float
    length_s: float


class Shift(NamedTuple):
    """How far beside each node its content is taken from, in shares of the height."""

    dx: Floats
    dy: Floats


Manner = Callable[[Stage, Temper, Moment], Shift]


def stage_for(subject: Subject, u: Floats, v: Floats, aspect: float) -> Stage:
    """Return the grid seen from the subject; `aspect` is width ÷ height."""
    tall = max(0.1, subject.feet_v - subject.top_v)
    return Stage(
        x=(u - subject.centre_u) * aspect,
        y=v - subject.centre_v,
        subject=subject,
        body=subject.weight,
        rise=np.clip((subject.feet_v - v) / tall, -0.3, 1.3),
        side=np.tanh(2.5 * (u - subject.centre_u) / subject.half_width).astype(np.float32),
    )


def temper_of(order: ClipOrder) -> Temper:
    """Return tempo and strength by the prompt and arguments, phase and direction by the seed."""
    words = generator("words", order.prompt)
    chance = generator("chance", order.endpoint, order.seed)
    knobs = generator("knobs", order.flavour)
    return Temper(
        tempo=float(words.uniform(0.72, 1.35) * knobs.uniform(0.95, 1.05)),
        strength=float(words.uniform(0.8, 1.2) * chance.uniform(0.75, 1.25)),
        phase=float(chance.uniform(0, _TURN)),
        direction=1 if chance.random() < 0.5 else -1,
        wander=float(chance.uniform(-1, 1)),
    )


def manner_of(order: ClipOrder) -> Manner:
    """Return the manner of an endpoint: its own, its family's, or one by its name's hash."""
    for part, manner in _BY_NAME.items():
        if part in order.endpoint or part == order.family:
            return manner
    spare = list(_BY_NAME.values())
    return spare[int(generator("manner", order.endpoint).integers(len(spare)))]


def _walk(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """A walk in place: bob, sway of the upper body, striding legs; the ground sways a little."""
    on = _rising(at.t_s, 0.5) * temper.strength
    step = _TURN * 0.95 * temper.tempo * at.t_s
    legs = stage.body * np.clip(1 - 1.9 * stage.rise, 0, 1)
    stride = math.sin(step + temper.phase) * temper.direction
    bob = 0.015 * on * math.cos(2 * (step + temper.phase))
    sway = 0.030 * on * math.sin(step + temper.phase + 0.6)
    drift = 0.016 * on * temper.wander * math.sin(_TURN * at.t_s / (1.6 * at.length_s))
    dx = -stage.body * np.clip(stage.rise, 0, 1) * sway - legs * 0.055 * on * stride * stage.side
    lift = np.maximum(0, stride * stage.side) * legs * 0.040 * on
    return Shift(dx + drift * (1 - 0.8 * stage.body), stage.body * bob + lift)


def _push_in(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """A slow push-in on the subject with a drift, and a breath in the body."""
    way = _eased(at.t_s / at.length_s)
    closer = 1 / (1 + (0.05 + 0.055 * temper.strength) * way) - 1
    drift = 0.045 * temper.strength * way * temper.direction
    tilt = 0.020 * temper.wander * way
    breath = 0.010 * temper.strength * _rising(at.t_s, 0.8)
    breath *= math.sin(_TURN * 0.42 * temper.tempo * at.t_s)
    dx = stage.x * closer + drift * (1 - 0.55 * stage.body)
    dy = stage.y * closer + tilt + stage.body * stage.rise * breath
    return Shift(dx, dy)


def _elastic_pan(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """A lateral pan; the subject squashes and stretches from its feet like something soft."""
    on = _rising(at.t_s, 0.4) * temper.strength
    swing = math.sin(_TURN * 0.20 * temper.tempo * at.t_s) * temper.direction
    beat = (1.05 * temper.tempo * at.t_s + temper.phase / _TURN) % 1
    spring = math.exp(-2.2 * beat) * math.cos(_TURN * 1.6 * beat)
    squash = 0.075 * on * spring
    tall = stage.subject.feet_v - stage.subject.top_v
    dx = -0.080 * on * swing * (1 - 0.35 * stage.body) + stage.x * stage.body * squash
    dx = dx + stage.body * stage.rise * 0.020 * on * math.cos(_TURN * 0.20 * temper.tempo * at.t_s)
    dx = dx - stage.body * stage.rise * 0.020 * on
    return Shift(dx, stage.body * stage.rise * tall * squash + 0.008 * on * temper.wander * swing)


def _orbit(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """A camera that swings around the subject: parallax, shear and a keystone."""
    angle = temper.strength * temper.direction
    angle *= math.sin(_TURN * 0.17 * temper.tempo * at.t_s) * (0.9 + 0.1 * temper.wander)
    near = stage.body - 0.35
    dx = -angle * (0.060 * near + 0.030 * stage.x * stage.x - 0.05 * stage.y * (1 - stage.body))
    dy = angle * 0.10 * stage.x * stage.y
    turned = (
        0.30 * stage.body * stage.x * (1 - math.cos(angle))
        + 0.10 * stage.body * abs(angle) * stage.x
    )
    lean = 0.10 * angle * stage.body * stage.y
    bob = 0.010 * _rising(at.t_s, 0.5) * math.sin(_TURN * 1.5 * temper.tempo * at.t_s)
    return Shift(dx + turned + lean, dy + stage.body * bob)


def _crane(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """A crane: the view rises or sinks, rolls a little and leans in."""
    way = _eased(at.t_s / at.length_s)
    roll = 0.045 * temper.strength * temper.wander * way
    closer = 1 / (1 + 0.09 * way) - 1
    rise = 0.055 * temper.strength * temper.direction * way
    hover = 0.006 * _rising(at.t_s, 0.6) * math.sin(_TURN * 0.5 * temper.tempo * at.t_s)
    dx = stage.x * closer - stage.y * roll
    dy = stage.y * closer + stage.x * roll + rise * (1 - 0.5 * stage.body) + hover * stage.body
    return Shift(dx, dy)


def _wind(stage: Stage, temper: Temper, at: Moment) -> Shift:
    """Wind: a wave runs through the subject from its feet up, as through cloth."""
    on = _rising(at.t_s, 0.6) * temper.strength
    wave = _TURN * (0.8 * temper.tempo * at.t_s - 0.9 * stage.rise) + temper.phase
    free = stage.body * np.clip(stage.rise, 0, 1)
    dx = free * 0.020 * on * np.sin(wave) * temper.direction
    dy = free * 0.006 * on * np.cos(wave)
    gust = 0.010 * on * temper.wander * math.sin(_TURN * 0.11 * at.t_s)
    return Shift(dx + gust * (1 - stage.body), dy)


# The first name that stands in the endpoint, or is the family, decides.
_BY_NAME: dict[str, Manner] = {
    "seedance-2": _orbit,
    "seedance": _walk,
    "kling": _push_in,
    "hailuo": _elastic_pan,
    "veo": _crane,
    "wan": _wind,
}


def _rising(t_s: float, over_s: float) -> float:
    """Return 0 at the start and 1 from `over_s` on, without a jolt."""
    share = min(1.0, t_s / over_s)
    return share * share * (3 - 2 * share)


def _eased(share: float) -> float:
    """Return how far a camera move has come: a soft start, hardly slower at the end."""
    share = min(1.0, max(0.0, share))
    return share * share * (2.2 - 1.2 * share)
