"""Bends a picture by a coarse grid of displacements: a real image warp at a few ms a frame."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fal_experiments.sandbox.clips.yuv import Bytes2D, Floats, Planes

COLUMNS, ROWS = 24, 14
_PAD_SHARE = 0.10
"""How far a displacement may reach past the edge, as a share of the longer side."""


class MeshWarp:
    """One picture, ready to be sampled through any displacement of the grid's nodes.

    `u` and `v` are the nodes' places, 0 to 1, with shape (ROWS + 1, COLUMNS + 1).
    """

    def __init__(self, planes: Planes) -> None:
        height, width = planes.y.shape
        self.width_px, self.height_px = width, height
        self._pad_px = 2 * int(max(width, height) * _PAD_SHARE / 2)
        # Even node positions, so that the chroma planes have nodes at the same places.
        xs = 2 * np.rint(np.linspace(0, width / 2, COLUMNS + 1)).astype(int)
        ys = 2 * np.rint(np.linspace(0, height / 2, ROWS + 1)).astype(int)
        self._x, self._y = (a.astype(np.float32) for a in np.meshgrid(xs, ys))
        self.u, self.v = self._x / width, self._y / height
        self._sources = [
            Image.fromarray(_extended(plane, self._pad_px // scale))
            for plane, scale in zip(planes, (1, 2, 2), strict=True)
        ]
        self._boxes = {scale: _boxes(xs // scale, ys // scale) for scale in (1, 2)}

    def __call__(self, dx_px: Floats, dy_px: Floats) -> Planes:
        """Return the picture where each place shows what stood `dx_px`, `dy_px` beside it."""
        pad = self._pad_px
        x = np.clip(self._x + dx_px, -pad, self.width_px + pad) + pad
        y = np.clip(self._y + dy_px, -pad, self.height_px + pad) + pad
        full = np.stack([x, y], axis=-1)
        bent = []
        for source, scale in zip(self._sources, (1, 2, 2), strict=True):
            size = (self.width_px // scale, self.height_px // scale)
            mesh = list(zip(self._boxes[scale], _quads(full / scale), strict=True))
            image = source.transform(size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
            bent.append(np.asarray(image))
        return Planes(*bent)


def _extended(plane: Bytes2D, pad_px: int) -> Bytes2D:
    return np.pad(plane, pad_px, mode="symmetric")


def _boxes(xs: NDArray[np.int_], ys: NDArray[np.int_]) -> list[tuple[int, int, int, int]]:
    x, y = xs.tolist(), ys.tolist()
    return [(x[i], y[j], x[i + 1], y[j + 1]) for j in range(ROWS) for i in range(COLUMNS)]


def _quads(nodes: Floats) -> list[tuple[float, ...]]:
    """Return the corners of each cell in Pillow's order: NW, SW, SE, NE."""
    corners = (nodes[:-1, :-1], nodes[1:, :-1], nodes[1:, 1:], nodes[:-1, 1:])
    flat = np.concatenate(corners, axis=-1).reshape(-1, 8)
    return [tuple(row) for row in flat.tolist()]
