"""Who watches the one decode of a clip: pictures, measurements, loops, each on its own."""

from fractions import Fraction
from typing import Protocol

from av.video.frame import VideoFrame


class Observer(Protocol):
    """Is shown every frame of a clip once, in the order of showing.

    A frame's planes are valid during the call only; what is kept of it is copied.
    """

    def offer(self, at_s: Fraction, frame: VideoFrame, /) -> None:
        """Look at the next frame; `at_s` is its time as the container tells it."""
        ...
