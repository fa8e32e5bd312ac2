"""The formulas of the surfaces, each with its first and second derivatives. No torch here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Parts: TypeAlias = tuple[
    Callable[[Any, Any], Any],
    Callable[[Any, Any], tuple[Any, Any]],
    Callable[[Any, Any], tuple[Any, Any, Any]],
]
"""Value, gradient (by x, by y) and second derivatives (by xx, xy, yy)."""

BATCH = 2
"""Points of the fitted line that one step sees."""
_POINTS = 32


def quadratic(xx: float, xy: float, yy: float) -> Parts:
    """Half of xx x^2 + 2 xy x y + yy y^2: its curvature is the same everywhere."""

    def value(x: Any, y: Any) -> Any:
        return (xx * x * x + 2 * xy * x * y + yy * y * y) / 2

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return xx * x + xy * y, xy * x + yy * y

    return value, gradient, lambda x, y: (xx + 0 * x, xy + 0 * x, yy + 0 * y)


def saddle() -> Parts:
    """(x^2 - y^2) / 2 + y^4 / 16: bounded below, unlike the pass alone."""

    def value(x: Any, y: Any) -> Any:
        return (x * x - y * y) / 2 + y**4 / 16

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return x, -y + y**3 / 4

    return value, gradient, lambda x, y: (1.0 + 0 * x, 0 * x, -1.0 + 0.75 * y * y)


def beale() -> Parts:
    """Sum over k = 1, 2, 3 of (c_k - x + x y^k)^2."""
    terms = ((1, 1.5), (2, 2.25), (3, 2.625))

    def value(x: Any, y: Any) -> Any:
        return sum((c - x + x * y**k) ** 2 for k, c in terms)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        rests = [(k, c - x + x * y**k) for k, c in terms]
        return (
            sum(2 * rest * (y**k - 1) for k, rest in rests),
            sum(2 * rest * k * x * y ** (k - 1) for k, rest in rests),
        )

    def hessian(x: Any, y: Any) -> tuple[Any, Any, Any]:
        rests = [(k, c - x + x * y**k) for k, c in terms]
        return (
            sum(2 * (y**k - 1) ** 2 for k, _ in rests),
            sum(2 * k * y ** (k - 1) * (x * (y**k - 1) + rest) for k, rest in rests),
            # y^(k-2) would divide by zero for k = 1, where its factor k - 1 is zero anyway.
            sum(
                2 * (k * x * y ** (k - 1)) ** 2 + 2 * rest * k * (k - 1) * x * y ** max(0, k - 2)
                for k, rest in rests
            ),
        )

    return value, gradient, hessian


def rosenbrock() -> Parts:
    """(1 - x)^2 + 100 (y - x^2)^2."""

    def value(x: Any, y: Any) -> Any:
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return 2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)

    return value, gradient, lambda x, y: (2 + 1200 * x * x - 400 * y, -400 * x, 200.0 + 0 * y)


def bumps() -> Parts:
    """(x^2 + y^2) / 10 + 1 - cos 2x cos 2y."""

    def value(x: Any, y: Any) -> Any:
        return (x * x + y * y) / 10 + 1 - np.cos(2 * x) * np.cos(2 * y)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return (
            x / 5 + 2 * np.sin(2 * x) * np.cos(2 * y),
            y / 5 + 2 * np.cos(2 * x) * np.sin(2 * y),
        )

    def hessian(x: Any, y: Any) -> tuple[Any, Any, Any]:
        both, mixed = np.cos(2 * x) * np.cos(2 * y), np.sin(2 * x) * np.sin(2 * y)
        return 0.2 + 4 * both, -4 * mixed, 0.2 + 4 * both

    return value, gradient, hessian


def direction() -> Parts:
    """1 - x / sqrt(x^2 + y^2): one minus the cosine of the angle to the x axis."""

    def value(x: Any, y: Any) -> Any:
        return 1 - x / np.hypot(x, y)

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        cube = np.hypot(x, y) ** 3
        return -y * y / cube, x * y / cube

    def hessian(x: Any, y: Any) -> tuple[Any, Any, Any]:
        fifth = np.hypot(x, y) ** 5
        return (
            3 * x * y * y / fifth,
            y * (y * y - 2 * x * x) / fifth,
            x * (x * x - 2 * y * y) / fifth,
        )

    return value, gradient, hessian


@dataclass(frozen=True, slots=True)
class LineFit:
    """Half the mean squared error of the line x a + y over a few fixed points (a, b)."""

    parts: Parts
    sampled: Callable[[Any, Any, Array], tuple[Any, Any]]
    examples: int
    minimum: tuple[float, float]
    least: float


def points() -> tuple[Array, Array]:
    """The points (a, b) the line is fitted to: slope 1.5, height 0.5, and a scatter."""
    number = np.arange(_POINTS)
    a = -1.5 + 3.6 * number / (_POINTS - 1)
    return a, 1.5 * a + 0.5 + 0.9 * np.sin(5.0 * number)


def line_fit() -> LineFit:
    """The least squares of `points`: a quadratic whose gradient can be estimated from a few."""
    a, b = points()
    xx, mean_a, mean_b = float(np.mean(a * a)), float(np.mean(a)), float(np.mean(b))
    ab, bb = float(np.mean(a * b)), float(np.mean(b * b))

    def value(x: Any, y: Any) -> Any:
        square = xx * x * x + y * y + bb + 2 * (mean_a * x * y - ab * x - mean_b * y)
        return square / 2

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return xx * x + mean_a * y - ab, mean_a * x + y - mean_b

    def sampled(x: Any, y: Any, chosen: Array) -> tuple[Any, Any]:
        rest = x * a[chosen] + y - b[chosen]
        return np.mean(rest * a[chosen]), np.mean(rest)

    slope, height = np.linalg.solve([[xx, mean_a], [mean_a, 1.0]], [ab, mean_b])
    best = (float(slope), float(height))
    parts = (value, gradient, lambda x, y: (xx + 0 * x, mean_a + 0 * x, 1.0 + 0 * y))
    return LineFit(parts, sampled, _POINTS, best, float(value(*best)))
