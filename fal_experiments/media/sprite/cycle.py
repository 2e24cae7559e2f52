"""After how long a figure looks the same again, and which frames make the best loop."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fal_experiments.media.sprite.ground import Ground, Masks

Floats = NDArray[np.float32]

SHORTEST_S, LONGEST_S = 0.25, 3.5
LEAST_FRAMES = 4
LEAST_CONFIDENCE = 0.35
SAME_CONFIDENCE = 0.8
"""Of periods that are so sure, of the surest, the shortest is taken: twice a period is one too."""
LEAST_MOTION = 1.0
"""Levels, RMS over the figure; below, there is only the noise of the codec."""
LEAST_RISE = 0.15
"""How much of the fall before a dip the difference must rise again behind it."""
STEP_DIP = 0.1
MOST_FEATURES = 12_000
WHOLE_CLIP_SEAM = 1.6
"""A clip with a seam no worse is a loop as a whole, though it shows no period."""


class Cycle(NamedTuple):
    """A period in frames, to a fraction of one, how sure it is, and whether it has two steps."""

    period: float
    confidence: float
    steps: int


class Window(NamedTuple):
    """Frames `first` to before `end`, and the seam between them."""

    first: int
    end: int
    seam: float


def differences(luma: Floats, masks: Masks | None, ground: Ground) -> Floats:
    """Return how far each frame is from each other: RMS of luma over the figure's part of it.

    Where there are masks, only what is in them counts.
    """
    if masks is not None:
        keys = ground.keys @ np.array([0.299, 0.587, 0.114], np.float32)
        luma = np.where(masks, luma - keys[:, None, None], np.float32(0))
        used = np.asarray(masks.any(axis=0))
        rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
        luma = luma[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    features = _thinned(luma)
    features -= features.mean(axis=0)
    squares = (features * features).sum(axis=1)
    apart = squares[:, None] + squares[None] - 2 * (features @ features.T)
    distances: Floats = np.sqrt(np.maximum(apart, 0) / features.shape[1])
    np.fill_diagonal(distances, 0)
    return distances


def _thinned(luma: Floats) -> Floats:
    """Return each frame as one row of at most MOST_FEATURES values, means of square blocks."""
    count, rows, columns = luma.shape
    block = max(1, int(np.ceil((rows * columns / MOST_FEATURES) ** 0.5)))
    rows, columns = max(1, rows // block) * block, max(1, columns // block) * block
    cut = luma[:, :rows, :columns]
    if block > 1 and rows >= block and columns >= block:
        cut = cut.reshape(count, rows // block, block, columns // block, block).mean(axis=(2, 4))
    return np.ascontiguousarray(cut.reshape(count, -1), dtype=np.float32)


def find_cycle(distances: Floats, fps: float) -> Cycle | str:
    """Return the period of a clip, or why none can be told.

    The difference of frames that are a lag apart falls to a dip at the period, at twice the
    period, and, less deep, at half of it, where the other leg is in front.
    """
    count = len(distances)
    shortest = max(LEAST_FRAMES, round(SHORTEST_S * fps))
    longest = min(count - LEAST_FRAMES, round(LONGEST_S * fps))
    if longest <= shortest + 1:
        return f"{count} frames are too few to repeat"
    squared = distances.astype(np.float64) ** 2
    lags = np.array([squared.diagonal(lag).mean() for lag in range(longest + 1)])
    if float(np.sqrt(lags.max())) < LEAST_MOTION:
        return "hardly anything moves"
    found = [dip for lag in range(shortest, longest) if (dip := _dip(lags, lag)) is not None]
    if not found:
        return "no pose comes back"
    best = max(dip.confidence for dip in found)
    if best < LEAST_CONFIDENCE:
        return f"no pose comes back surely (confidence {best:.2f})"
    chosen = next(dip for dip in found if dip.confidence >= SAME_CONFIDENCE * best)
    period = _refined(chosen.period, found)
    return Cycle(period, chosen.confidence, _steps(lags, period))


def _dip(lags: NDArray[np.float64], lag: int) -> Cycle | None:
    """Return the cycle that a local minimum stands for, None where there is none.

    Edges that move make the squared difference grow evenly with time, so a dip is a V, not a
    parabola, and its point lies between frames. How deep it goes there is told by its steepest
    slope, which is that of the first lag.
    """
    before, here, after = lags[lag - 1 : lag + 2]
    if not (here <= before and here < after):
        return None
    shift = 0.5 * (before - after) / (max(before, after) - here)
    floor = max(0.0, here - max(lags[1], max(before, after) - here) * abs(shift))
    peak = float(lags[1:lag].max())
    rise = float(lags[lag : lag + max(3, lag // 2) + 1].max())
    if rise - floor < LEAST_RISE * (peak - floor):
        return None
    return Cycle(lag + float(shift), 1 - float(np.sqrt(floor / peak)), 1)


def _refined(period: float, found: list[Cycle]) -> float:
    """Return a period more exactly: several of them are as long as the dip that they lead to."""
    for dip in found:
        times = round(dip.period / period)
        if times > 1 and abs(dip.period - times * period) <= 0.6:
            period = dip.period / times
    return period


def _steps(lags: NDArray[np.float64], period: float) -> int:
    """Return 2 where half a period later the figure is nearer to itself than around that."""
    quarter, half = round(period / 4), round(period / 2)
    if quarter < 2:
        return 1
    dip = lags[half - max(1, quarter // 2) : half + max(1, quarter // 2) + 1].min()
    around = min(lags[quarter : half + 1].max(), lags[half : 3 * quarter + 1].max())
    return 2 if dip < (1 - STEP_DIP) * around else 1


def best_window(distances: Floats, seen: Floats, cycle: Cycle) -> Window | str:
    """Return the loop of about one period that closes best.

    The frame behind its end should be its first one, and the step over the seam like any other.

    Args:
        distances: of figures put back to one place, by which the loop is chosen.
        seen: of the frames as they are, by which the seam is told.
    """
    count, period = len(distances), cycle.period
    spare = max(1, round(0.05 * period))
    best: tuple[float, int, int] | None = None
    for length in range(max(2, round(period) - spare), round(period) + spare + 1):
        for first in range(count - length):
            cost = _cost(distances, first, first + length)
            cost += 0.5 * abs(length - period) / period
            if best is None or cost < best[0] - 1e-9:
                best = (cost, first, first + length)
    if best is None:
        return "the clip ends before its first period does"
    return Window(best[1], best[2], seam_of(seen, best[1], best[2]) or 0.0)


def _cost(distances: Floats, first: int, end: int) -> float:
    step = _usual_step(distances, first, end)
    if step is None:
        return float("inf")
    at = [0, *([1] if end + 1 < len(distances) else []), *([-1] if first > 0 else [])]
    back = float(np.mean([distances[first + i, end + i] for i in at]))
    return (back + 0.5 * abs(float(distances[end - 1, first]) - step)) / step


def _usual_step(distances: Floats, first: int, end: int) -> float | None:
    """Return the usual difference of neighbours that differ: frames shown twice are no motion."""
    steps = distances.diagonal(1)[first : end - 1]
    steps = steps[steps > 0.05 * steps.max()] if len(steps) else steps
    usual = float(np.median(steps)) if len(steps) else 0.0
    return usual if usual > 0 else None


def seam_of(distances: Floats, first: int, end: int) -> float | None:
    """Return the seam of a loop; None where nothing moves in it."""
    step = _usual_step(distances, first, end)
    return None if step is None else float(distances[end - 1, first]) / step
