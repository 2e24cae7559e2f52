"""Pixels as tensors. Like all modules that import torch, it is loaded where a model runs only."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from fal_experiments.core.metric_plugins import Shot


def pixels(shot: Shot) -> Any:
    """Return a picture as an array of height × width × RGB, 0 to 255; it may be written to."""
    flat = np.frombuffer(shot.rgb, np.uint8)
    return flat.reshape(shot.height_px, shot.width_px, 3).copy()


def unit_batch(shots: Sequence[Shot]) -> Any:
    """Return pictures of one size as a tensor of n × RGB × height × width, 0 to 1."""
    import torch

    stacked = np.stack([pixels(shot) for shot in shots])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255


def device() -> Any:
    """Return where to compute: the first GPU where there is one, else all cores."""
    import torch

    if torch.cuda.is_available():
        return torch.device("cuda")
    torch.set_num_threads(os.cpu_count() or 1)
    return torch.device("cpu")
