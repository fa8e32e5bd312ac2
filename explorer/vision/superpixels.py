"""Parts of a picture that are hidden together: superpixels or a grid."""

from __future__ import annotations

import numpy as np
import torch
from skimage.segmentation import slic
from torch import Tensor

from explorer.errors import BadRequest


def parts(x: Tensor, shape: str, count: int) -> Tensor:
    """Number the parts of an input (1, C, H, W) from 0, as (1, 1, H, W) whole numbers.

    "superpixels" follow colours and edges (SLIC, Achanta et al. 2012) and are about `count`;
    "grid" are equal rectangles, as many as fit into a square arrangement. Raises BadRequest where
    fewer than two come out.
    """
    numbers = _grid(x, count) if shape == "grid" else _slic(x, count)
    # SLIC may leave numbers out; captum wants none missing.
    found = np.unique(numbers, return_inverse=True)[1].reshape(x.shape[-2:])
    if found.max() < 1:
        raise BadRequest("The picture falls into one part only; choose the grid instead.")
    return torch.from_numpy(found.astype(np.int64))[None, None].to(x.device)


def _grid(x: Tensor, count: int) -> np.ndarray:
    height, width = x.shape[-2:]
    side = min(max(2, round(count**0.5)), height, width)
    rows, columns = (np.arange(length) * side // length for length in (height, width))
    numbers: np.ndarray = rows[:, None] * side + columns[None]
    return numbers


def _slic(x: Tensor, count: int) -> np.ndarray:
    picture = x.detach()[0].permute(1, 2, 0).cpu().double().numpy()
    low, high = picture.min(), picture.max()
    scaled = (picture - low) / (high - low if high > low else 1)
    colour = scaled if scaled.shape[2] == 3 else scaled[..., 0]
    axis = -1 if scaled.shape[2] == 3 else None
    numbers: np.ndarray = slic(colour, n_segments=count, start_label=0, channel_axis=axis)
    return numbers
