"""What theory says of a chain at initialisation, for layers so wide that sums become Gaussian.

No torch here. With weights of variance s / fan-in, a signal of mean square q becomes
s E[f(sqrt(q) z)^2] behind the next layer, and a gradient's mean square is multiplied by
s E[f'(sqrt(q) z)^2] on the way back, z standard normal: Poole et al. 2016 (arXiv 1606.05340),
Schoenholz et al. 2017 (arXiv 1611.01232). For ReLU both are s / 2 times, hence He et al. 2015's
s = 2. A skip adds the signal itself, and 1 to the gradient's factor (Yang and Schoenholz 2017,
arXiv 1712.08969). Behind a layer norm q is 1; behind a batch norm, over a large batch of unlike
samples, the gradient's factor is E[f'^2] / Var[f], for ReLU pi / (pi - 1) (Yang et al. 2019,
arXiv 1902.08129).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Flow, Setup

Array: TypeAlias = np.ndarray
Function: TypeAlias = Callable[[Any], Any]

_NODES, _SHARES = np.polynomial.hermite_e.hermegauss(160)
_SHARES = _SHARES / _SHARES.sum()
_LEAK = 0.01
"""torch's slope of a leaky ReLU below zero."""


def _sigmoid(x: Any) -> Any:
    return (1 + np.tanh(x / 2)) / 2


_below = np.vectorize(lambda x: (1 + math.erf(x / math.sqrt(2))) / 2, otypes=[np.float64])
"""The standard normal distribution function."""


def _density(x: Any) -> Any:
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


FUNCTIONS: Mapping[str, tuple[Function, Function]] = {
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    "leaky relu": (
        lambda x: np.where(x > 0, x, _LEAK * x),
        lambda x: np.where(x > 0, 1.0, _LEAK),
    ),
    "elu": (
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
    ),
    "gelu": (
        lambda x: x * _below(x),
        lambda x: _below(x) + x * _density(x),
    ),
    "silu": (
        lambda x: x * _sigmoid(x),
        lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))),
    ),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    "identity": (lambda x: x, np.ones_like),
}
"""Each activation with its derivative."""

STEEPEST: Mapping[str, float] = {"tanh": 1.0, "sigmoid": 0.25, "identity": 1.0}
"""The largest derivative, where it says something simple."""


@dataclass(frozen=True, slots=True)
class Theory:
    """Lines (depth - 1,) to be drawn beside what was measured.

    They begin where the measured ones do: activations at the first layer, gradients at the last.
    `rule` is LaTeX of the factor of a gradient's mean square from one layer to the one before,
    `filled` the same with the numbers of the middle layer; `factor` is its root's geometric mean
    over the layers, that of norms. `sentence` says what to see in it, `paper` and `link` whose it
    is.
    """

    activations: Array
    gradients: Array
    factor: float
    rule: str
    filled: str
    sentence: str
    paper: str
    link: str


def variance(setup: Setup, layers: int) -> float:
    """The s of a layer's weights: fan-in times their variance, in a chain of equal layers.

    `layers` is their number, which "own" of a chain with skips divides by.
    """
    he = 2.0
    known = {
        "he": he, "glorot": 1.0, "lecun": 1.0, "orthogonal": 1.0, "zero": 0.0,
        "too small": he * 0.1**2, "too large": he * 3.0**2,
        "own": he / layers if setup.skip else he,
    }  # fmt: skip
    if setup.initialisation not in known:
        raise BadRequest(f"There is no theory of the initialisation {setup.initialisation!r}.")
    return known[setup.initialisation]


def mean(function: Function, q: float) -> float:
    """The expectation of a function of a Gaussian with variance q."""
    return float(_SHARES @ np.broadcast_to(function(np.sqrt(q) * _NODES), _NODES.shape))


def theory(flow: Flow) -> Theory | None:
    """The lines for a chain, or None where no theory is at hand."""
    setup = flow.setup
    depth = len(flow.activations)
    first, last = float(flow.activations[0]), float(flow.gradients[-1])
    if setup.normalisation not in _RULES or not (0 < first < np.inf):
        return None
    s = variance(setup, depth - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        squares, factors, sizes = _followed(setup, s, first**2, flow.spread**2, depth)
        behind = np.concatenate([np.cumprod(factors[::-1])[::-1], [1.0]])
    known = factors > 0
    typical = float(np.exp(np.log(factors[known]).mean() / 2)) if known.any() else 0.0
    rule, paper, link = _RULES[setup.normalisation]
    middle = (depth - 1) // 2
    return Theory(
        np.sqrt(squares), last * np.sqrt(behind), typical,
        ("1 + " if setup.skip else "") + rule,
        _filled(setup, s, float(sizes[middle]), float(factors[middle])),
        _sentence(setup, s), paper, link,
    )  # fmt: skip


def without(flow: Flow) -> str:
    """Why there is no theory of a chain."""
    if flow.setup.normalisation not in _RULES:
        return "No theory of this normalisation is at hand; what was measured stands above."
    return "The first layer gives zeros or no numbers, so there is nothing to calculate with."


def _filled(setup: Setup, s: float, size: float, factor: float) -> str:
    """The factor of the middle layer, with its numbers."""
    plain = setup.normalisation == "none"
    slope = FUNCTIONS[setup.activation][1]
    expected = mean(lambda x: slope(x) ** 2, size if plain else 1.0)
    divided = "" if plain else f" / {size:.4g}"
    skip = "1 + " if setup.skip else ""
    return (
        rf"\chi = {skip}{s:.4g} \cdot {expected:.4g}{divided} = {factor:.4g},\quad "
        rf"\sqrt{{\chi}} = {np.sqrt(factor):.4g}"
    )


def _sentence(setup: Setup, s: float) -> str:
    """What to see in a factor."""
    words = [f"s = {s:.3g} by this initialisation; the numbers are the middle layer's."]
    if setup.skip:
        words.append("The 1 is the skip: whatever the weights, a gradient gets past them.")
    elif setup.normalisation == "batch":
        words.append("σ² is the variance over the batch, which is less than the mean square.")
    elif setup.normalisation == "none" and setup.activation == "relu":
        words.append("Half of what comes is above zero: χ is s / 2 whatever q (He et al., 2015).")
    elif setup.normalisation == "none" and setup.activation in STEEPEST:
        steepest = STEEPEST[setup.activation]
        most = steepest * np.sqrt(s)
        words.append(f"No slope is above {steepest:g}, so √χ is at most {most:.3g}.")
    return " ".join(words)


def _followed(
    setup: Setup, s: float, q: float, spread: float, depth: int
) -> tuple[Array, Array, Array]:
    """Mean squares behind each layer, each layer's factor on the way back, and what it is made of.

    That is q, or what a normalisation divides by.
    """
    f, slope = FUNCTIONS[setup.activation]
    kept = 1.0 if setup.skip else 0.0
    unit = mean(lambda x: f(x) ** 2, 1.0)
    squares, factors, sizes = [q], [], []
    for _ in range(depth - 1):
        if setup.normalisation == "none":
            sizes.append(q)
            factors.append(kept + s * mean(lambda x: slope(x) ** 2, q))
            q = kept * q + s * mean(lambda x: f(x) ** 2, q)
        else:
            # A normalisation divides gradients by the spread that it divides signals by.
            size = spread if setup.normalisation == "batch" else q
            sizes.append(size)
            factors.append(kept + (s * mean(lambda x: slope(x) ** 2, 1.0) / size if size else 0.0))
            q = kept * q + s * unit
            spread = kept * spread + s * (unit - mean(f, 1.0) ** 2)
        squares.append(q)
    return np.array(squares), np.array(factors), np.array(sizes)


_SCHOENHOLZ = "Schoenholz et al., Deep Information Propagation, 2017"
_RULES: Mapping[str, tuple[str, str, str]] = {
    "none": (
        r"s\,\mathbb{E}\left[f'(\sqrt{q}\,z)^2\right]",
        _SCHOENHOLZ,
        "https://arxiv.org/abs/1611.01232",
    ),
    "layer": (
        r"s\,\mathbb{E}\left[f'(z)^2\right] / q",
        _SCHOENHOLZ,
        "https://arxiv.org/abs/1611.01232",
    ),
    "batch": (
        r"s\,\mathbb{E}\left[f'(z)^2\right] / \sigma^2",
        "Yang et al., A Mean Field Theory of Batch Normalization, 2019",
        "https://arxiv.org/abs/1902.08129",
    ),
}
"""Of each normalisation: the gradient's factor, and whose theory it is."""
