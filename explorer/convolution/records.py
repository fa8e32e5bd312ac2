"""What a layer on a small input is and gives: plain numbers, pairs and arrays. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[int, int]
PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]
Activation: TypeAlias = Literal["none", "relu", "tanh", "sigmoid"]
Pooling: TypeAlias = Literal["max", "average"]
Normalisation: TypeAlias = Literal["batch", "layer", "instance", "group", "local response"]

PADDING_MODES: tuple[PaddingMode, ...] = get_args(PaddingMode)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
NORMALISATIONS: tuple[Normalisation, ...] = get_args(Normalisation)


@dataclass(frozen=True, slots=True)
class Geometry:
    """How a window slides: down and across, in pixels. `padding` is added on each side.

    `output_padding` belongs to transposed convolutions alone: rows and columns added at the end.
    """

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    mode: PaddingMode = "zeros"
    output_padding: Pair = (0, 0)


@dataclass(frozen=True, slots=True)
class Convolved:
    """One convolution and all that went into it.

    `input` is (C_in, H, W), `weight` (C_out, C_in / groups, k_h, k_w), `bias` (C_out,). `sums` are
    the weighted sums with the bias, `output` what the activation makes of them, both
    (C_out, H_out, W_out).
    """

    input: Array
    weight: Array
    bias: Array
    geometry: Geometry
    activation: Activation
    sums: Array
    output: Array


@dataclass(frozen=True, slots=True)
class Pooled:
    """One pooling: `input` (C, H, W), `output` (C, H_out, W_out), the window (k_h, k_w)."""

    input: Array
    kernel: Pair
    geometry: Geometry
    kind: Pooling
    output: Array


@dataclass(frozen=True, slots=True)
class Transposed:
    """One transposed convolution: every input position stamps the kernel onto the output.

    `input` is (C_in, H, W), `weight` (C_in, C_out, k_h, k_w), `output` (C_out, H_out, W_out).
    `stamps` (H_out, W_out) counts how many products each output position is the sum of, for one
    channel in: where they differ between neighbours, a checkerboard shows.
    """

    input: Array
    weight: Array
    bias: Array
    geometry: Geometry
    output: Array
    stamps: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Normalised:
    """Activations (N, C, H, W) before and after a normalisation.

    `shares` numbers the set of values each one's statistics come from, `mean` and `std` are those
    of its set (biased: divided by the number of values). Local response normalisation has no
    such sets: `shares` is -1, `mean` 0 and `std` the divisor of each value.
    """

    kind: Normalisation
    before: Array
    after: Array
    shares: npt.NDArray[np.int64]
    mean: Array
    std: Array


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """The kernels a network begins with, as it learned them, or as chance made them.

    `weight` is (C_out, C_in / groups, k_h, k_w). `random` says that nothing was learned.
    """

    model: str
    title: str
    layer: str
    weight: Array
    bias: Array
    stride: Pair
    padding: Pair
    weights_title: str
    random: bool
