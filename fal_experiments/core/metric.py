"""What a measurement is called, in which unit, which way is better, and what it cannot tell."""

from typing import Literal, NamedTuple

Direction = Literal["higher", "lower", "neither"]
"""Which way is better. `neither`: it describes; what is good depends on what was asked for."""

Group = Literal["file", "sound", "detail", "light", "motion", "identity", "pair"]


class Metric(NamedTuple):
    """One measurement. The texts are what `docs/metrics.md` and the console say of it."""

    name: str
    """As in JSON and CSV; it ends in its unit where it has one."""
    title: str
    """As in the report."""
    unit: str
    direction: Direction
    group: Group
    says: str
    """How it is computed, in one or two sentences."""
    source: str
    """Who defined it, or what it was checked against."""
    limits: str
    """When it misleads."""
    places: int = 2
    """Decimal places that are kept."""

    @property
    def better(self) -> str:
        """Return `higher is better`, `lower is better` or `describes`."""
        return "describes" if self.direction == "neither" else f"{self.direction} is better"
