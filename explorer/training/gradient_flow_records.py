"""How large activations and gradients are along a network before it learns. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Batch: TypeAlias = Literal["digits", "noise"]

ACTIVATIONS = ("relu", "leaky relu", "elu", "gelu", "silu", "tanh", "sigmoid", "identity")
INITIALISATIONS = ("own", "he", "glorot", "lecun", "orthogonal", "too small", "too large", "zero")
NORMALISATIONS = ("none", "batch", "layer", "group")
SHALLOWEST, DEEPEST = 3, 200
NARROWEST, WIDEST = 8, 512
SAMPLES = 64
"""Pictures of a batch."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a chain is made of: four words that a recipe knows too, but for the skip."""

    activation: str = "relu"
    initialisation: str = "he"
    normalisation: str = "none"
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Bench:
    """What chains that are compared have in common: layers with weights, their width, the data.

    "digits" are the first of scikit-learn's, brought to mean 0 and variance 1 over the batch;
    "noise" is standard normal with labels at random.
    """

    depth: int = 50
    width: int = 64
    batch: Batch = "digits"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """One forward and one backward pass through a chain, layer by layer; arrays are (depth - 1,).

    `activations` are root mean squares of each layer's output over batch and units (what the next
    layer's normalisation and activation are given); `gradients` are the loss's by that output,
    `weights` by the layer's weights: Euclidean norms. The layer of the scores is left out. `spread`
    is the first output's standard deviation over the batch, its root mean square over units.
    Everything is in fp32: what is smaller than about 1e-45 is 0, what is larger than 3e38 is inf.
    """

    setup: Setup
    bench: Bench
    activations: np.ndarray
    gradients: np.ndarray
    weights: np.ndarray
    spread: float
    loss: float


@dataclass(frozen=True, slots=True)
class NetworkFlow:
    """The same through a network of the zoo: one entry a layer with weights, as they run.

    Labels are drawn at random; batch norm takes the batch's own statistics, dropout is off.
    """

    model: str
    title: str
    weights_title: str
    random: bool
    names: tuple[str, ...]
    activations: np.ndarray
    gradients: np.ndarray
    weights: np.ndarray
    loss: float
    pictures: int


@dataclass(frozen=True, slots=True)
class ZeroBlock:
    """A block whose last weights are zero, given a batch and a gradient from above.

    `changed` is max |out - in|, `output` max |out|; `passed` is max |gradient in - gradient out|,
    `gradient` max |gradient in|.
    """

    title: str
    how: str
    changed: float
    output: float
    passed: float
    gradient: float
