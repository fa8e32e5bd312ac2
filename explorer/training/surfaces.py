"""Losses of two weights, drawn as landscapes: value, gradient, curvature. No torch here.

All functions take x and y as numbers or arrays of one shape and give float64. Gradients and second
derivatives are written out by hand; tests hold them to finite differences and to autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from explorer.errors import BadRequest
from explorer.training.surface_formulas import (
    BATCH,
    Parts,
    beale,
    bumps,
    direction,
    line_fit,
    quadratic,
    rosenbrock,
    saddle,
)

Array: TypeAlias = np.ndarray
Point: TypeAlias = tuple[float, float]
Pair: TypeAlias = tuple[Any, Any]
Hessian: TypeAlias = tuple[Any, Any, Any]
Kind: TypeAlias = Literal["quadratic", "curved"]


@dataclass(frozen=True, slots=True)
class Start:
    """A place to start from, with what it is for."""

    title: str
    at: Point


@dataclass(frozen=True, slots=True)
class Surface:
    """A loss of two weights x and y over a window `low` to `high`, four by three.

    `formula` is LaTeX, `least` the lowest value there is and `minima` where; `rate` is a learning
    rate with which gradient descent arrives. A "quadratic" one has the same curvature everywhere.
    `sampled` gives the gradient of a few of its examples (indices), where it is a mean over
    `examples` of them.
    """

    key: str
    title: str
    idea: str
    formula: str
    paper: str
    link: str
    low: Point
    high: Point
    least: float
    minima: tuple[Point, ...]
    starts: tuple[Start, ...]
    rate: float
    kind: Kind
    parts: Parts
    sampled: Callable[[Any, Any, Array], Pair] | None = None
    examples: int = 0

    def value(self, x: Any, y: Any) -> Any:
        """The loss at a place, or at many."""
        return self.parts[0](x, y)

    def gradient(self, x: Any, y: Any) -> Pair:
        """Its slopes by x and by y."""
        return self.parts[1](x, y)

    def hessian(self, x: Any, y: Any) -> Hessian:
        """Its second derivatives by xx, xy and yy."""
        return self.parts[2](x, y)

    def inside(self, x: float, y: float) -> bool:
        """Whether a place is in the window."""
        return self.low[0] <= x <= self.high[0] and self.low[1] <= y <= self.high[1]

    def curvatures(self, x: float, y: float) -> Point:
        """The smaller and the larger curvature at a place: eigenvalues of the Hessian."""
        with np.errstate(all="ignore"):
            xx, xy, yy = (float(each) for each in self.hessian(x, y))
        small, large = np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]]))
        return float(small), float(large)


_TURN = np.cos(np.pi / 6), np.sin(np.pi / 6)
_BOWL, _RAVINE = quadratic(1.0, 0.0, 1.0), quadratic(1.0, 0.0, 25.0)
_TURNED = quadratic(
    _TURN[0] ** 2 + 25 * _TURN[1] ** 2,
    -24 * _TURN[0] * _TURN[1],
    _TURN[1] ** 2 + 25 * _TURN[0] ** 2,
)
_FIT = line_fit()
_GOH = "Goh, Why Momentum Really Works, 2017", "https://distill.pub/2017/momentum/"
_NONE = ((0.0, 0.0),)

_ALL = (
    Surface(
        "bowl", "Bowl", "Equally steep on all sides: every optimiser should manage it.",
        r"f = \tfrac{1}{2}(x^2 + y^2)", *_GOH,
        (-4.0, -3.0), (4.0, 3.0), 0.0, _NONE,
        (Start("Aside", (-3.2, 2.2)), Start("Near", (0.8, -0.6))),
        0.1, "quadratic", _BOWL,
    ),
    Surface(
        "ravine", "Ravine", "25 times as steep across as along: a step that suits one direction "
        "is far too long or too short for the other.",
        r"f = \tfrac{1}{2}(x^2 + 25\,y^2)", *_GOH,
        (-4.0, -3.0), (4.0, 3.0), 0.0, _NONE,
        (Start("On the slope", (-3.6, 1.6)), Start("On the floor", (-3.6, 0.0))),
        0.07, "quadratic", _RAVINE,
    ),
    Surface(
        "turned", "Turned ravine", "The same ravine turned by 30 degrees: dividing each coordinate "
        "by its own size helps less, for now the steep direction is a mixture of both.",
        r"f = \tfrac{1}{2}(u^2 + 25\,v^2),\quad u = x\cos 30^\circ + y\sin 30^\circ,\;"
        r" v = y\cos 30^\circ - x\sin 30^\circ", *_GOH,
        (-4.0, -3.0), (4.0, 3.0), 0.0, _NONE,
        (Start("On the slope", (-3.6, -1.0)), Start("On the floor", (-3.0, -1.732))),
        0.07, "quadratic", _TURNED,
    ),
    Surface(
        "saddle", "Saddle", "Down on both sides, up before and behind: at the pass the gradient is "
        "zero, and close to it so small that leaving takes long.",
        r"f = \tfrac{1}{2}(x^2 - y^2) + \tfrac{1}{16}y^4",
        "Dauphin et al., Identifying and Attacking the Saddle Point Problem, 2014",
        "https://arxiv.org/abs/1406.2572",
        (-3.5, -2.625), (3.5, 2.625), -1.0, ((0.0, 2.0), (0.0, -2.0)),
        (Start("Beside the ridge", (-3.0, 0.001)), Start("On the ridge", (-3.0, 0.0))),
        0.1, "curved", saddle(),
    ),
    Surface(
        "beale", "Beale", "Flat plains between steep walls: gradients differ a thousandfold within "
        "one picture.",
        r"f = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        "Beale, On an Iterative Method for Finding a Local Minimum, 1958",
        "https://www.sfu.ca/~ssurjano/beale.html",
        (-4.5, -3.375), (4.5, 3.375), 0.0, ((3.0, 0.5),),
        (Start("Plain", (1.0, 1.6)), Start("Wall", (3.6, -1.8)), Start("Wrong side", (-2.0, 1.4))),
        0.01, "curved", beale(),
    ),
    Surface(
        "rosenbrock", "Rosenbrock", "A bent valley: its floor is soon reached, and then leads to "
        "the minimum almost without falling.",
        r"f = (1 - x)^2 + 100\,(y - x^2)^2",
        "Rosenbrock, An Automatic Method for Finding the Greatest or Least Value, 1960",
        "https://doi.org/10.1093/comjnl/3.3.175",
        (-2.4, -0.8), (2.4, 2.8), 0.0, ((1.0, 1.0),),
        (Start("Classic", (-1.2, 1.0)), Start("Below", (0.0, -0.6))),
        0.001, "curved", rosenbrock(),
    ),
    Surface(
        "noisy", "Noisy", f"A line fitted to 32 points, slope x and height y, where each step sees "
        f"{BATCH} of them: the gradient is right on the average only.",
        r"f = \tfrac{1}{2}\,\overline{(x\,a_i + y - b_i)^2},\quad i = 1 \ldots 32",
        "Robbins and Monro, A Stochastic Approximation Method, 1951",
        "https://doi.org/10.1214/aoms/1177729586",
        (-3.0, -2.2), (4.0, 3.05), _FIT.least, (_FIT.minimum,),
        (Start("Far", (-2.4, 2.6)), Start("At the minimum", _FIT.minimum)),
        0.1, "quadratic", _FIT.parts, _FIT.sampled, _FIT.examples,
    ),
    Surface(
        "bumps", "Bumps", "A wide bowl full of small hollows: who is too careful stays in the "
        "first one.",
        r"f = \tfrac{1}{10}(x^2 + y^2) + 1 - \cos 2x \,\cos 2y",
        "after Rastrigin, Systems of Extremal Control, 1974",
        "https://www.sfu.ca/~ssurjano/rastr.html",
        (-4.0, -3.0), (4.0, 3.0), 0.0, _NONE,
        (Start("Far", (-3.3, 1.1)), Start("Near", (-1.2, 0.5))),
        0.1, "curved", bumps(),
    ),
    Surface(
        "direction", "Direction only", "Only the direction of (x, y) counts, not its length, as "
        "for weights before a batch norm: every step leads outward, and the further out, the less "
        "it turns.",
        r"f = 1 - \frac{x}{\sqrt{x^2 + y^2}}",
        "Heo et al., AdamP, 2021", "https://arxiv.org/abs/2006.08217",
        (-2.0, -1.5), (4.0, 3.0), 0.0, ((1.0, 0.0), (2.0, 0.0), (3.0, 0.0)),
        (Start("Turned away", (-0.5, 0.6)), Start("Far out", (-1.5, 1.8))),
        0.3, "curved", direction(),
    ),
)  # fmt: skip
SURFACES: Mapping[str, Surface] = {each.key: each for each in _ALL}


def find(key: str) -> Surface:
    """Return a surface. Raises BadRequest for a name that none has."""
    if key not in SURFACES:
        raise BadRequest(f"There is no surface {key!r}; there is {', '.join(SURFACES)}.")
    return SURFACES[key]
