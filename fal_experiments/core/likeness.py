"""How alike two results of one request are: was the seed obeyed, and is the model repeatable?"""

from decimal import ROUND_FLOOR, Decimal
from typing import Literal, NamedTuple

from fal_experiments.core.model import Record

Verdict = Literal["identical", "near", "different"]

NEAR_MEAN = Decimal("0.95")
"""Mean SSIM from which on two clips show the same. Measured on 480p and 720p clips of video models:
encoded again in H.264 they are at 0.99 (crf 23), 0.97 (crf 28 to 32), 0.94 (crf 36, plainly
spoilt); two clips made apart of one prompt are at 0.57 and 0.38."""

NEAR_DETAIL = Decimal("0.80")
"""The same where there is something to see. A sprite on a plain ground keeps a mean of 0.90 and
more when it is not there at all, so the mean alone would call any two seeds near. Measured:
encoded again at crf 40 0.87; moved by one pixel 0.75; other legs under the same body 0.49."""

NEAR_FRAMES = Decimal("0.9")
"""Share of the longer clip's frames that the shorter must have."""


class Decoded(Record):
    """What one of the two was when decoded. A still picture has one frame."""

    frames: int
    width_px: int
    height_px: int
    frames_sha256: str
    """Over the hashes of all frames; each is of pixel format, size and every visible value."""


class Scores(NamedTuple):
    """SSIM of pairs of frames with the same index; the means are over the pairs compared."""

    compared: int
    mean: float
    least: float
    detail: float | None
    """Mean over those parts of the frames that are not plain; None when all are."""


class Likeness(Record):
    """Two results of the same request side by side, or why they could not be compared."""

    v: Literal[1] = 1
    verdict: Verdict | None = None
    failed: str | None = None
    """Why there is no verdict; the other fields mean nothing then."""
    same_file: bool = False
    """The two files are equal byte by byte."""
    first: Decoded | None = None
    second: Decoded | None = None
    frames_compared: int = 0
    ssim_mean: Decimal | None = None
    """None where the sizes differ: pictures made larger or smaller are no longer the results."""
    ssim_least: Decimal | None = None
    ssim_detail: Decimal | None = None

    @property
    def in_words(self) -> str:
        """One sentence for a person."""
        first, second = self.first, self.second
        if self.verdict is None or first is None or second is None:
            return f"not compared: {self.failed}"
        if self.verdict == "identical":
            files = "the files too" if self.same_file else "the files differ around them"
            return f"identical: all {_frames(first.frames)} equal in every pixel, {files}"
        parts = []
        if _size(first) != _size(second):
            parts.append(f"{_size(first)} and {_size(second)} pixels")
        if first.frames != second.frames:
            parts.append(f"{first.frames} and {_frames(second.frames)}")
        if self.ssim_mean is not None:
            detail = f", {self.ssim_detail} where there is detail" if self.ssim_detail else ""
            parts.append(
                f"SSIM {self.ssim_mean} over {_frames(self.frames_compared)}{detail}, "
                f"least {self.ssim_least}"
            )
        return f"{self.verdict}: {'; '.join(parts)}"


def judge(first: Decoded, second: Decoded, scores: Scores | None, *, same_file: bool) -> Likeness:
    """Return how alike two decoded results are.

    `identical`: as many frames, and all of them equal. `near`: the same size, nearly as many
    frames, and SSIM above the two thresholds. `different`: anything else; the seed is ignored, or
    the model does not repeat itself.

    Args:
        scores: None when no frames could be compared, because the sizes differ.
    """
    mean = _score(scores.mean) if scores else None
    detail = _score(scores.detail) if scores and scores.detail is not None else None
    verdict: Verdict = "near" if _is_near(first, second, mean, detail) else "different"
    if (first.frames, first.frames_sha256) == (second.frames, second.frames_sha256):
        verdict = "identical"
    return Likeness(
        verdict=verdict,
        same_file=same_file,
        first=first,
        second=second,
        frames_compared=scores.compared if scores else 0,
        ssim_mean=mean,
        ssim_least=_score(scores.least) if scores else None,
        ssim_detail=detail,
    )


def _is_near(first: Decoded, second: Decoded, mean: Decimal | None, detail: Decimal | None) -> bool:
    fewer, more = sorted((first.frames, second.frames))
    return (
        _size(first) == _size(second)
        and fewer >= NEAR_FRAMES * more
        and mean is not None
        and mean >= NEAR_MEAN
        and (detail is None or detail >= NEAR_DETAIL)
    )


def _score(value: float) -> Decimal:
    """Return a score to four places, rounded down: what is shown never passes by rounding."""
    return Decimal(repr(value)).quantize(Decimal("0.0001"), rounding=ROUND_FLOOR)


def _size(decoded: Decoded) -> str:
    return f"{decoded.width_px} × {decoded.height_px}"


def _frames(count: int) -> str:
    return f"{count:,} frame" if count == 1 else f"{count:,} frames"
