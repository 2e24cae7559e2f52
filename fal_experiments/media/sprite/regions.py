"""Connected regions of a mask, found by its runs of pixels, and which of them are the figure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Row, column."""
Ints = NDArray[np.int64]


class Regions(NamedTuple):
    """The runs of a mask, row by row, and the region that each belongs to."""

    rows: Ints
    starts: Ints
    ends: Ints
    """First column behind the run."""
    of: Ints
    """Region of each run, counted from 0."""
    areas: Ints
    boxes: Ints
    """Region, then left, top, right, bottom; right and bottom lie behind it."""


def regions_of(mask: Mask) -> Regions:
    """Return the regions of a mask; pixels that touch at a corner belong together."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    of = _joined(rows, starts, ends, mask.shape[1] + 3)
    count = int(of.max()) + 1 if len(of) else 0
    areas = np.bincount(of, ends - starts, minlength=count).astype(np.int64)
    boxes = np.zeros((count, 4), np.int64)
    boxes[:, :2] = np.iinfo(np.int64).max
    for column, values, least in ((0, starts, True), (1, rows, True), (2, ends, False)):
        (np.minimum if least else np.maximum).at(boxes[:, column], of, values)
    np.maximum.at(boxes[:, 3], of, rows + 1)
    return Regions(rows, starts, ends, of, areas, boxes)


def painted(regions: Regions, wanted: Mask, shape: tuple[int, int]) -> Mask:
    """Return the mask of some of the regions; `wanted` has one entry for each."""
    runs = wanted[regions.of]
    marks = np.zeros((shape[0], shape[1] + 1), np.int32)
    np.add.at(marks, (regions.rows[runs], regions.starts[runs]), 1)
    np.add.at(marks, (regions.rows[runs], regions.ends[runs]), -1)
    inside: Mask = np.cumsum(marks, axis=1)[:, :-1] > 0
    return inside


def _joined(rows: Ints, starts: Ints, ends: Ints, width: int) -> Ints:
    """Return a region's number for each run: union-find over the runs that touch."""
    # Runs as intervals on one line; one row further down is `width` further on.
    begin, end = rows * width + starts, rows * width + ends
    low = np.searchsorted(end, begin + width, side="left")
    high = np.searchsorted(begin, end + width, side="right")
    counts = np.maximum(high - low, 0)
    above = np.repeat(np.arange(len(rows)), counts)
    offsets = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
    below = low[above] + offsets
    parent = list(range(len(rows)))
    for one, other in zip(above.tolist(), below.tolist(), strict=True):
        first, second = _root(parent, one), _root(parent, other)
        if first != second:
            parent[max(first, second)] = min(first, second)
    roots = np.array([_root(parent, index) for index in range(len(rows))], np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64) if len(roots) else roots


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


NEAR_SHARE = 0.06
"""Of the figure's height: so far beside it the middle of a part may lie, of a blade that
the codec cut off. A label under its feet reaches further."""
LEAST_SHARE = 0.002
"""Of its area: smaller specks are noise."""


def figure_of(mask: Mask) -> Mask | None:
    """Return the largest region of a mask with what belongs to it; None when there is nothing.

    What has its middle elsewhere, such as a label that was burnt into a corner, is left out.
    """
    regions = regions_of(mask)
    if not len(regions.areas):
        return None
    main = int(regions.areas.argmax())
    left, top, right, bottom = regions.boxes[main]
    reach = max(2, round(NEAR_SHARE * (bottom - top)))
    x, y = regions.boxes[:, [0, 2]].mean(axis=1), regions.boxes[:, [1, 3]].mean(axis=1)
    near = (x > left - reach) & (x < right + reach) & (y > top - reach) & (y < bottom + reach)
    large = regions.areas >= max(2.0, LEAST_SHARE * float(regions.areas[main]))
    return painted(regions, near & large, (mask.shape[0], mask.shape[1]))
