"""Metrics that come as plug-ins: what one must say of itself, what it is shown, what it returns.

A package adds a metric with an entry point of the group `fal_experiments.metrics`:

    [project.entry-points."fal_experiments.metrics"]
    my_score = "my_package.my_module:MyScore"

`MyScore()` gives a `MetricPlugin`. It runs in a process of its own that sees pixels, never files.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import Field

from fal_experiments.core.model import Record, Slug, Text, Whole

ENTRY_POINT_GROUP = "fal_experiments.metrics"


class ValueFacts(Record):
    """One number that a metric gives: what it means, and which way is better."""

    title: Text
    unit: Text
    direction: Literal["higher", "lower", "neither"]
    """Which way is better. `neither`: it describes."""
    low: Decimal | None = None
    high: Decimal | None = None
    """The range in which it can lie; None where it has no such border."""


class MetricFacts(Record):
    """What a metric says of itself. The texts are shown to people, so they are for people."""

    name: Slug
    version: Text
    """Raised whenever the same pixels would give other numbers; part of the key of the cache."""
    title: Text
    values: dict[Slug, ValueFacts]
    """Every number that `score` may give, by name."""
    source: Text
    """Who defined it, and where."""
    limits: Text
    """When it misleads."""
    needs: Text = "nothing more"
    """Packages and weights, with how to get them."""
    aliases: tuple[str, ...] = ()
    """Other names under which people ask for it."""
    parameters: dict[str, str] = {}
    """What a person may set, with the values that hold otherwise."""
    frames: Annotated[Whole, Field(ge=1, le=64)] = 8
    """How many frames it is shown, evenly from the first to the last."""
    longest_px: Annotated[Whole, Field(ge=64, le=3840)] = 512
    """The longer side of what it is shown; nothing is ever enlarged."""


class Shot(NamedTuple):
    """A picture as pixels: `rgb` has three bytes for each, line by line from the top left."""

    width_px: int
    height_px: int
    rgb: bytes
    at_s: Decimal = Decimal(0)
    """Seconds from the first frame of the clip."""


class Seen(NamedTuple):
    """What a metric is shown of a result."""

    prompt: str
    shots: tuple[Shot, ...]
    """Of a still picture one, of a clip several, the first and the last frame among them."""
    image: Shot | None = None
    """The picture that the model started from, where there was one."""


class Missing(NamedTuple):
    """Why a metric cannot run here, and how that is mended."""

    what: str
    fix: str


class MetricPlugin(Protocol):
    """A metric. It is made without arguments, in a process of its own.

    `facts` and `available` must be cheap: nothing heavy is imported for them.
    """

    facts: MetricFacts

    def available(self, parameters: Mapping[str, str]) -> Missing | None:
        """Tell what is missing to run with these parameters; None when nothing is."""
        ...

    def identity(self, parameters: Mapping[str, str]) -> Mapping[str, str]:
        """Return what else decides the numbers, the hash of the weights above all."""
        ...

    def score(self, seen: Seen, parameters: Mapping[str, str]) -> Mapping[str, float]:
        """Return the values by name; one that has no meaning for this result is left out.

        The model is loaded by the first call and kept. Whatever is raised becomes the reason why
        this result has no score; the next one is tried all the same.
        """
        ...


class PluginRef(NamedTuple):
    """Where a plug-in is, before any of its code has run."""

    name: str
    target: str
    """`package.module:attribute`."""
    package: str
    """The distribution that brings it, with its version."""


class Described(Record):
    """A plug-in as it was found here: ready, with something missing, or broken."""

    name: str
    package: str
    target: str
    facts: MetricFacts | None = None
    parameters: dict[str, str] = {}
    """Defaults, and what a person set in their place."""
    identity: dict[str, str] = {}
    missing: str = ""
    fix: str = ""
    broken: str = ""
    """Why it does not even say what it is."""

    @property
    def is_ready(self) -> bool:
        """Tell whether it can score here."""
        return self.facts is not None and not self.missing and not self.broken

    @property
    def state(self) -> Literal["ready", "missing", "broken"]:
        """One word for tables."""
        return "broken" if self.broken else "missing" if self.missing else "ready"

    def answers_to(self, name: str) -> bool:
        """Tell whether a person who writes this name means it."""
        return name == self.name or (self.facts is not None and name in self.facts.aliases)
