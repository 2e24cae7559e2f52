"""How much at once, and when to stop trying: a limiter for each service, a breaker for each preset.

Pure bookkeeping; who waits and who sleeps is the runner's business.
"""

from dataclasses import dataclass, field


@dataclass
class Limiter:
    """How many jobs may be with a service at once.

    Halved when the service says `too many requests`, and raised by one after as many clean submits
    as it allows, up to what it was (additive increase, multiplicative decrease: RFC 5681, 3.1).
    """

    most: int
    allowed: int = 0
    round: int = 0
    """Counts the halvings. What was sent before the last one says nothing about the new number."""
    _clean: int = 0

    def __post_init__(self) -> None:
        self.allowed = self.allowed or self.most

    def busy(self, sent_in_round: int) -> None:
        """Take a refusal for load into account, once for all requests of a round."""
        if sent_in_round != self.round:
            return
        self.allowed = max(1, self.allowed // 2)
        self.round += 1
        self._clean = 0

    def clean(self) -> None:
        """Take an accepted submit into account."""
        if self.allowed >= self.most:
            return
        self._clean += 1
        if self._clean >= self.allowed:
            self.allowed += 1
            self._clean = 0


@dataclass
class Breaker:
    """Pauses a preset after so many equal failures in a row: the next one would fail as well."""

    after: int
    paused: dict[str, str] = field(default_factory=dict)
    """Presets that are paused, each with why, in words."""
    _last: dict[str, tuple[str, int]] = field(default_factory=dict)

    def succeeded(self, preset: str) -> None:
        """Take a success into account."""
        self._last.pop(preset, None)

    def failed(self, preset: str, kind: str, message: str) -> bool:
        """Take a failure into account; tells whether it is the one that pauses the preset."""
        before, count = self._last.get(preset, ("", 0))
        count = count + 1 if before == kind else 1
        self._last[preset] = (kind, count)
        if count < self.after or preset in self.paused:
            return False
        self.paused[preset] = f"{count} times in a row {kind}: {message}"
        return True
