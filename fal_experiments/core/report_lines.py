"""What every list of the report is made of: a line with a label, and a link."""

from fal_experiments.core.labels import Tone
from fal_experiments.core.model import Record


class LabelledValue(Record):
    """One line of a fact list. `note` is smaller print; `tone` colours the value."""

    label: str
    value: str
    note: str = ""
    tone: Tone | None = None


class Link(Record):
    """A link to a file beside the report."""

    label: str
    href: str
