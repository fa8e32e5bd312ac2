"""Pooling: the largest or the mean value under a window, each channel by itself. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.convolution.geometry import check_numbers, check_window
from explorer.convolution.records import Geometry, Pooled
from explorer.convolution.sliding import padded, windows
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Pair, Pooling


def pool(x: Array, kind: Pooling, kernel: Pair, geometry: Geometry) -> Pooled:
    """Pool (C, H, W) under a window (k_h, k_w).

    Equal to `max_pool2d` and `avg_pool2d` of `torch.nn.functional`: padding counts as minus
    infinity for the largest and as zeros for the mean. Raises `BadRequest`.
    """
    check_numbers(x, "input")
    if any(2 * p > k for p, k in zip(geometry.padding, kernel, strict=True)):
        raise BadRequest(
            f"A pooling window may hang over the edge by half its size at most: choose a padding "
            f"of at most {min(kernel) // 2}."
        )
    check_window((x.shape[1], x.shape[2]), kernel, geometry)
    fill = -np.inf if kind == "max" else 0.0
    seen = windows(padded(x, geometry, fill), kernel, geometry)
    output: Array = seen.max(axis=(3, 4)) if kind == "max" else seen.mean(axis=(3, 4))
    return Pooled(x, kernel, geometry, kind, output)


def pool_all(x: Array, kind: Pooling) -> Pooled:
    """Pool with a window as large as the input (Lin, Chen and Yan, 2013): one number a channel."""
    return pool(x, kind, (x.shape[1], x.shape[2]), Geometry())
