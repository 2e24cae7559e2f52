"""Finds what a picture is of: a soft weight that is 1 on the subject and 0 on the ground."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from fal_experiments.sandbox.clips.warp import COLUMNS, ROWS
from fal_experiments.sandbox.clips.yuv import Bytes2D, Floats, Planes

_WIDTH, _HEIGHT = 96, 56


@dataclass(frozen=True)
class Subject:
    """Where the subject stands; places and extents are shares of width and height."""

    weight: Floats
    """At the nodes of the warp's grid."""
    detail: Floats
    """The same, finer, for placing a watermark where nothing is."""
    centre_u: float
    centre_v: float
    top_v: float
    feet_v: float
    half_width: float


def find_subject(planes: Planes) -> Subject:
    """Return the subject of a picture: what differs from its border and stands near the middle."""
    small = np.stack([_shrunk(plane) for plane in planes]).astype(np.float32)
    edges = (small[:, :4, :], small[:, :, :4], small[:, :, -4:])
    ground = np.median(np.concatenate([edge.reshape(3, -1) for edge in edges], axis=1), axis=1)
    apart = np.abs(small - ground[:, None, None])
    unlike = np.clip((apart[0] + 2 * apart[1] + 2 * apart[2] - 14) / 60, 0, 1)
    u, v = np.meshgrid((np.arange(_WIDTH) + 0.5) / _WIDTH, (np.arange(_HEIGHT) + 0.5) / _HEIGHT)
    near_middle = np.exp(-(((u - 0.5) / 0.34) ** 2) - ((v - 0.52) / 0.52) ** 4)
    found = unlike * near_middle + 0.02 * near_middle
    found = (found / found.max()).astype(np.float32)
    mass = found**2
    centre_u = float((mass * u).sum() / mass.sum())
    centre_v = float((mass * v).sum() / mass.sum())
    spread = float(np.sqrt((mass * (u - centre_u) ** 2).sum() / mass.sum()))
    rows = np.cumsum(mass.sum(axis=1)) / mass.sum()
    return Subject(
        weight=_softened(found),
        detail=found,
        centre_u=centre_u,
        centre_v=centre_v,
        top_v=float(np.searchsorted(rows, 0.03)) / _HEIGHT,
        feet_v=float(np.searchsorted(rows, 0.97) + 1) / _HEIGHT,
        half_width=max(0.06, 1.8 * spread),
    )


def _shrunk(plane: Bytes2D) -> Bytes2D:
    size = (_WIDTH, _HEIGHT)
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX))


def _softened(found: Floats) -> Floats:
    image = Image.fromarray((255 * np.sqrt(found)).astype(np.uint8))
    wide = image.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(4))
    nodes = wide.resize((COLUMNS + 1, ROWS + 1), Image.Resampling.BILINEAR)
    return np.asarray(nodes, dtype=np.float32) / 255
