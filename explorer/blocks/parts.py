"""A design as data: layers one behind the other, and places where paths part and join again.

With three ways of joining every block of the field is a few lines of data: a residual block adds
its path to the identity (an empty path), Inception and DenseNet concatenate, squeeze-and-excitation
multiplies. `explorer.blocks.build` makes modules of it. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Norm: TypeAlias = Literal["none", "batch", "layer", "group", "instance"]
Activation: TypeAlias = Literal[
    "none", "ReLU", "ReLU6", "tanh", "sigmoid", "SiLU", "hard-swish", "GELU"
]
Joining: TypeAlias = Literal["add", "concatenate", "multiply"]
Padding: TypeAlias = "tuple[int, int] | Literal['same']"
Pair: TypeAlias = tuple[int, int]

DEPTHWISE = 0
"""Stands in `Conv.groups` for as many groups as input channels."""


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution, with the normalisation and activation behind it.

    `padding` "same" keeps height and width at stride 1: (kernel - 1) * dilation / 2 on each side.
    """

    channels: int
    kernel: Pair = (3, 3)
    stride: int = 1
    padding: Padding = "same"
    dilation: int = 1
    groups: int = 1
    bias: bool = True
    norm: Norm = "none"
    activation: Activation = "none"


@dataclass(frozen=True, slots=True)
class DepthwiseConv:
    """A convolution of each channel by itself; `multiplier` output channels for each."""

    kernel: Pair = (3, 3)
    stride: int = 1
    padding: Padding = "same"
    dilation: int = 1
    multiplier: int = 1
    bias: bool = True
    norm: Norm = "none"
    activation: Activation = "none"


@dataclass(frozen=True, slots=True)
class Pool:
    """Maximum or average over a window."""

    how: Literal["max", "average"]
    kernel: Pair = (2, 2)
    stride: int = 2
    padding: Pair = (0, 0)


@dataclass(frozen=True, slots=True)
class GlobalPool:
    """The mean of every map: (N, C, H, W) becomes (N, C, 1, 1)."""


@dataclass(frozen=True, slots=True)
class Normalise:
    """A normalisation by itself, and an activation behind it (DenseNet's order)."""

    norm: Norm = "batch"
    activation: Activation = "none"


@dataclass(frozen=True, slots=True)
class Activate:
    """An activation by itself."""

    activation: Activation = "ReLU"


@dataclass(frozen=True, slots=True)
class Dropout:
    """Dropping numbers while training."""

    probability: float = 0.5


@dataclass(frozen=True, slots=True)
class Flatten:
    """(N, C, H, W) becomes (N, C * H * W)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A fully connected layer; `expects` says how many numbers it reads (None: what arrives)."""

    features: int
    expects: int | None = None
    bias: bool = True
    activation: Activation = "none"


@dataclass(frozen=True, slots=True)
class Join:
    """Paths that read the same input and are joined; an empty path passes it on as it is."""

    how: Joining
    paths: tuple[tuple[Part, ...], ...]
    activation: Activation = "none"
    title: str = ""


Layer: TypeAlias = (
    "Conv | DepthwiseConv | Pool | GlobalPool | Normalise | Activate | Dropout | Flatten | Linear"
)
Part: TypeAlias = "Layer | Join"
