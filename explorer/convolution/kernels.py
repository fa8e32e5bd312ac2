"""Kernels everybody should have seen, at any size they exist in. No torch here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Pair


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel by name: `draw` gives it as (k_h, k_w); `sentence` says what it looks for."""

    name: str
    title: str
    sentence: str
    draw: Callable[[int, int], Array]


def named(name: str, size: Pair) -> Array:
    """Draw the kernel of this name. Raises `BadRequest` for a size it does not exist in."""
    for kernel in KERNELS:
        if kernel.name == name:
            return kernel.draw(*size)
    known = ", ".join(each.name for each in KERNELS)
    raise BadRequest(f"There is no kernel {name[:40]!r}; there are {known}.")


def _binomial(k: int) -> Array:
    """A row of Pascal's triangle: 1, 2, 1 for three."""
    row = np.ones(1)
    for _ in range(k - 1):
        row = np.convolve(row, [1.0, 1.0])
    return row


def _slope(k: int) -> Array:
    """The difference of right and left: −1, 0, 1 for three."""
    if k < 2:
        raise BadRequest(
            "A slope needs two positions to compare: choose a kernel at least 2 high and 2 wide."
        )
    return np.convolve(_binomial(k - 2), [-1.0, 0.0, 1.0]) if k > 2 else np.array([-1.0, 1.0])


def _bend(k: int) -> Array:
    """How far the middle lies below its neighbours: 1, −2, 1 for three."""
    if k < 3:
        raise BadRequest(
            "This kernel compares a middle with both neighbours: choose one at least 3 high and "
            "3 wide."
        )
    return np.convolve(_binomial(k - 2), [1.0, -2.0, 1.0])


def _middle(k: int) -> Array:
    row = np.zeros(k)
    row[k // 2] = 1.0
    return row


def _laplacian(h: int, w: int) -> Array:
    return np.outer(_bend(h), _middle(w)) + np.outer(_middle(h), _bend(w))


def _identity(h: int, w: int) -> Array:
    return np.outer(_middle(h), _middle(w))


def _emboss(h: int, w: int) -> Array:
    _slope(min(h, w))  # raises where there is no slope
    rows, columns = np.indices((h, w), dtype=np.float64)
    return (rows - h // 2) + (columns - w // 2) + _identity(h, w)


KERNELS = (
    Kernel(
        "sobel_x",
        "Sobel x: upright edges",
        "positive where it gets brighter to the right, negative where darker, 0 on flat ground",
        lambda h, w: np.outer(_binomial(h), _slope(w)),
    ),
    Kernel(
        "sobel_y",
        "Sobel y: level edges",
        "positive where it gets brighter downwards, negative where darker",
        lambda h, w: np.outer(_slope(h), _binomial(w)),
    ),
    Kernel(
        "laplacian",
        "Laplacian: edges of any direction",
        "positive beside something bright, negative on it, 0 on flat ground and even slopes",
        _laplacian,
    ),
    Kernel(
        "box",
        "Box blur",
        "the plain mean of all it sees",
        lambda h, w: np.full((h, w), 1.0 / (h * w)),
    ),
    Kernel(
        "gauss",
        "Gaussian blur",
        "a mean in which the middle counts most (binomial weights)",
        lambda h, w: np.outer(_binomial(h), _binomial(w)) / 2.0 ** (h + w - 2),
    ),
    Kernel(
        "sharpen",
        "Sharpen",
        "the pixel itself, and once more how it differs from its neighbours",
        lambda h, w: _identity(h, w) - _laplacian(h, w),
    ),
    Kernel(
        "emboss",
        "Emboss",
        "light from the lower right: the picture becomes a relief",
        _emboss,
    ),
    Kernel("identity", "Identity", "the pixel itself: nothing changes", _identity),
)
"""Edges, blurs, relief; slopes and bends widen by binomial smoothing, as Sobel's do."""
