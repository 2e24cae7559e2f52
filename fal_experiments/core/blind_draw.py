"""Chance for a blind bundle: names and orders that follow from one secret and tell nothing. Pure.

The secret is drawn outside and sealed with the key. From it comes a stream of SHA-256 blocks, so
that a test can fix what a person cannot guess.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SECRET_BYTES = 32
_WORD_BYTES = 8


class Draw:
    """A stream of chance that follows from a secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"the secret has {len(secret)} bytes, not {SECRET_BYTES}")
        self._secret = secret
        self._count = 0
        self._given: set[str] = set()

    def name(self, chars: int) -> str:
        """Return hexadecimal digits that were not returned before."""
        while True:
            name = self._block().hex()[:chars]
            if name not in self._given:
                self._given.add(name)
                return name

    def below(self, end: int) -> int:
        """Return a number from 0 to `end` - 1; each is as likely, but for one part in 2^56."""
        return int.from_bytes(self._block()[:_WORD_BYTES], "big") % end

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in an order of which every one is as likely (Fisher and Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def _block(self) -> bytes:
        self._count += 1
        return hashlib.sha256(self._secret + self._count.to_bytes(_WORD_BYTES, "big")).digest()
