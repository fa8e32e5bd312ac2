"""Chains of equal layers, to any depth, with or without skips: what does depth do to a gradient?

The order within a layer is normalisation, activation, weights (He et al., “Identity Mappings in
Deep Residual Networks”, arXiv 1603.05027, figure 4e), so that a layer with a skip and weights of
zero is the identity, whatever the activation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from torch import Tensor, nn

from explorer.training.slots import ACTIVATIONS, normalisation

if TYPE_CHECKING:
    from explorer.training.nets.form import Form

LARGEST_MAP = 16
"""Pixels; larger pictures are averaged down to it first, so that depth stays affordable."""


class Layer(nn.Module):
    """Normalise, activate, convolve (or multiply by a matrix, where a map has one position)."""

    def __init__(self, kernel: int, form: Form) -> None:
        super().__init__()
        width = form.width
        self.norm = normalisation(form.normalisation, width)
        self.act = ACTIVATIONS[form.activation]()
        self.conv = nn.Conv2d(width, width, kernel, padding=kernel // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return f(x)."""
        z: Tensor = self.conv(self.act(self.norm(x)))
        return z


class SkippedLayer(Layer):
    """The same layer with its input added to its result."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x + f(x)."""
        return x + super().forward(x)


class Chain(nn.Module):
    """`depth` layers with weights: one that reads the input, equal ones, and the scores.

    Weights begin as He et al. (2015) have them, biases at zero.
    """

    layer: type[Layer] = Layer

    def __init__(self, shape: tuple[int, int, int], classes: int, form: Form) -> None:
        super().__init__()
        kernel = 1 if max(shape[1:]) == 1 else 3
        shrink = math.ceil(min(shape[1:]) / LARGEST_MAP)
        self.shrink = nn.AvgPool2d(shrink) if shrink > 1 else nn.Identity()
        self.stem = nn.Conv2d(shape[0], form.width, kernel, padding=kernel // 2)
        self.layers = nn.Sequential(*(self.layer(kernel, form) for _ in range(form.depth - 2)))
        self.norm = normalisation(form.normalisation, form.width)
        self.act = ACTIVATIONS[form.activation]()
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.scores = nn.Linear(form.width, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        x = self.act(self.norm(self.layers(self.stem(self.shrink(x)))))
        scores: Tensor = self.scores(self.flatten(self.average(x)))
        return scores


class ResidualChain(Chain):
    """The chain with a skip around every layer.

    A layer's weights begin smaller by the root of their number, so that a signal does not grow with
    the depth (Hayou et al., “Stable ResNet”, arXiv 2010.12859).
    """

    layer = SkippedLayer

    def __init__(self, shape: tuple[int, int, int], classes: int, form: Form) -> None:
        super().__init__(shape, classes, form)
        for each in self.layers.modules():
            if isinstance(each, nn.Conv2d):
                each.weight.detach().div_(math.sqrt(len(self.layers)))
