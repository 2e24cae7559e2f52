"""What a judge is shown: a prompt and pictures, and no name of a model, preset or file. Pure."""

import hashlib
from typing import NamedTuple


class Picture(NamedTuple):
    """A picture as it is sent."""

    media_type: str
    data: bytes


class Question(NamedTuple):
    """Two clips to compare, each as one picture."""

    prompt: str
    first: Picture
    second: Picture
    image: Picture | None = None
    """What both started from."""

    @property
    def evidence_sha256(self) -> str:
        """Hash over all that the judge sees, in its order."""
        whole = hashlib.sha256(hashlib.sha256(self.prompt.encode()).digest())
        for picture in (self.first, self.second, self.image):
            whole.update(hashlib.sha256(picture.data if picture else b"").digest())
        return whole.hexdigest()
