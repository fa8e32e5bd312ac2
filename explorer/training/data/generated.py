"""Data sets that are made up: points of the plane by scikit-learn, and drawn shapes. No torch here.

The same seed gives the same samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Shades: TypeAlias = npt.NDArray[np.float32]
Labels: TypeAlias = npt.NDArray[np.int64]

SIDE = 32
NOISE = 18.0
"""Standard deviation of the noise over a drawn shape, of 255."""
CONTRAST = 90.0
"""How far the colour of a shape is from the ground's at least, in the RGB cube of side 255."""

_TURNS = 1.5
_CENTRES = np.array([[-2.0, -2.0], [2.0, -2.0], [-2.0, 2.0], [2.0, 2.0]])


def points(key: str, count: int, seed: int) -> tuple[npt.NDArray[np.float32], Labels]:
    """Return `count` points (N, 2) of a set of the catalogue in random order, and their classes."""
    places, labels = _POINTS[key](count, seed)
    return places.astype(np.float32), labels.astype(np.int64)


def _moons(count: int, seed: int) -> tuple[Floats, Labels]:
    from sklearn.datasets import make_moons  # noqa: PLC0415 - most sets do without it

    places, labels = make_moons(count, noise=0.2, random_state=seed)
    return places, labels


def _circles(count: int, seed: int) -> tuple[Floats, Labels]:
    from sklearn.datasets import make_circles  # noqa: PLC0415

    places, labels = make_circles(count, noise=0.1, factor=0.5, random_state=seed)
    return places, labels


def _blobs(count: int, seed: int) -> tuple[Floats, Labels]:
    from sklearn.datasets import make_blobs  # noqa: PLC0415

    places, labels = make_blobs(count, centers=_CENTRES, cluster_std=1.2, random_state=seed)
    return places, labels


def _spirals(count: int, seed: int) -> tuple[Floats, Labels]:
    """Three arms of one and a half turns, a third of a turn apart, at radii up to 2."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % 3)
    along = np.sqrt(rng.uniform(0.01, 1.0, count))  # as many points a length, far out and near
    angle = 2 * np.pi * (_TURNS * along + labels / 3)
    places = 2 * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return places + rng.normal(0, 0.06, places.shape), labels


_POINTS: Mapping[str, Callable[[int, int], tuple[Floats, Labels]]] = {
    "moons": _moons,
    "circles": _circles,
    "spirals": _spirals,
    "blobs": _blobs,
}


def shapes(count: int, seed: int) -> tuple[npt.NDArray[np.uint8], Labels]:
    """Return `count` pictures (N, 3, 32, 32) of shapes, as many of each, and their classes.

    Place, size, turn and both colours are drawn at random; noise lies over all.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % len(_SHAPES))
    x, y = _own_coordinates(rng, count)
    inside = np.empty((count, 1, SIDE, SIDE), np.float32)
    for number, (shape, size) in enumerate(zip(_SHAPES, _sizes(rng, labels), strict=True)):
        mine = labels == number
        distance = shape(x[mine] / size, y[mine] / size) * size
        inside[mine, 0] = np.clip(0.5 - distance, 0, 1)  # an edge one pixel wide
    ground, colour = _colours(rng, count)
    drawn = rng.standard_normal((count, 3, SIDE, SIDE), np.float32)
    drawn *= NOISE  # in place from here on: it is much faster
    drawn += ground
    drawn += (colour - ground) * inside
    return np.rint(drawn, out=drawn).clip(0, 255, out=drawn).astype(np.uint8), labels


def _sizes(rng: np.random.Generator, labels: Labels) -> list[Shades]:
    """Half the extent in pixels, (n, 1, 1) for the pictures of each class."""
    sizes = rng.uniform(6, 11, len(labels)).astype(np.float32)
    return [sizes[labels == number][:, None, None] for number in range(len(_SHAPES))]


def _own_coordinates(rng: np.random.Generator, count: int) -> tuple[Shades, Shades]:
    """Where each pixel (N, H, W) is, in pixels from the shape's middle, along its own axes."""
    middle = ((SIDE - 1) / 2 + rng.uniform(-4, 4, (2, count, 1, 1))).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi, (count, 1, 1)).astype(np.float32)
    along = np.arange(SIDE, dtype=np.float32)
    right, below = along - middle[0], along[:, None] - middle[1]
    return (
        np.cos(angle) * right + np.sin(angle) * below,
        np.cos(angle) * below - np.sin(angle) * right,
    )


def _colours(rng: np.random.Generator, count: int) -> tuple[Shades, Shades]:
    """Two colours (N, 3, 1, 1) each that can be told apart."""
    ground, colour = rng.uniform(20, 235, (2, count, 3)).astype(np.float32)
    while (close := np.linalg.norm(colour - ground, axis=1) < CONTRAST).any():
        colour[close] = rng.uniform(20, 235, (int(close.sum()), 3))
    return ground[..., None, None], colour[..., None, None]


def _radius(x: Shades, y: Shades) -> Shades:
    return np.sqrt(x * x + y * y)


def _disc(x: Shades, y: Shades) -> Shades:
    return _radius(x, y) - 1


def _ring(x: Shades, y: Shades) -> Shades:
    return abs(_radius(x, y) - 0.75) - 0.25


def _square(x: Shades, y: Shades) -> Shades:
    return _farther(abs(x), abs(y)) - 0.8


def _triangle(x: Shades, y: Shades) -> Shades:
    return _farther(math.sqrt(0.75) * abs(x) - 0.5 * y, y) - 0.55


def _cross(x: Shades, y: Shades) -> Shades:
    return _farther(_farther(abs(x), abs(y)) - 1, -_farther(-abs(x), -abs(y)) - 0.3)


def _crescent(x: Shades, y: Shades) -> Shades:
    return _farther(_disc(x, y), 0.8 - _radius(x - 0.5, y))


def _farther(one: Shades, other: Shades) -> Shades:
    """Distance to what two outlines have in common."""
    distance: Shades = np.maximum(one, other)
    return distance


_SHAPES: tuple[Callable[[Shades, Shades], Shades], ...] = (
    _disc,
    _ring,
    _square,
    _triangle,
    _cross,
    _crescent,
)
"""About the signed distance to the outline, below 0 inside; in the order of the catalogue."""
