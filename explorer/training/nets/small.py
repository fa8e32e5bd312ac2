"""Softmax regression, a multi-layer perceptron and a small convolutional network."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from torch import Tensor, nn

from explorer.training.slots import ACTIVATIONS, normalisation

if TYPE_CHECKING:
    from explorer.training.nets.form import Form

DOUBLINGS = 3
"""How often the width of the small convolutional network doubles at most."""
_SMALLEST_MAP = 4


class Linear(nn.Module):
    """Softmax regression: one linear layer on all numbers of the input."""

    def __init__(self, shape: tuple[int, int, int], classes: int, form: Form) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.scores = nn.Linear(math.prod(shape), classes)

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.scores(self.flatten(x))
        return scores


class Perceptron(nn.Module):
    """`depth` fully connected layers, all but the last `width` wide."""

    def __init__(self, shape: tuple[int, int, int], classes: int, form: Form) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.hidden = nn.Sequential()
        features = math.prod(shape)
        for number in range(1, form.depth):
            self.hidden.add_module(f"linear{number}", nn.Linear(features, form.width))
            if form.normalisation != "none":
                norm = normalisation(form.normalisation, form.width, dimensions=2)
                self.hidden.add_module(f"norm{number}", norm)
            self.hidden.add_module(f"act{number}", ACTIVATIONS[form.activation]())
            features = form.width
        self.scores = nn.Linear(features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.scores(self.hidden(self.flatten(x)))
        return scores


class SmallCNN(nn.Module):
    """`depth` - 1 convolutions of 3 x 3, and a linear layer on the mean of their last maps.

    Maps are halved until they are about four pixels wide, evenly along the depth, and the width,
    `width` at first, doubles with each of the first three halvings.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, form: Form) -> None:
        super().__init__()
        self.features = nn.Sequential()
        channels, width, layers = shape[0], form.width, form.depth - 1
        halvings = min(layers, int(math.log2(max(min(shape[1:]) / _SMALLEST_MAP, 1))))
        for number in range(1, layers + 1):
            bias = form.normalisation in ("none", "local response")
            conv = nn.Conv2d(channels, width, 3, padding=1, bias=bias)
            self.features.add_module(f"conv{number}", conv)
            if form.normalisation != "none":
                norm = normalisation(form.normalisation, width)
                self.features.add_module(f"norm{number}", norm)
            self.features.add_module(f"act{number}", ACTIVATIONS[form.activation]())
            channels = width
            done = number * halvings // layers
            if done > (number - 1) * halvings // layers:
                self.features.add_module(f"pool{number}", nn.MaxPool2d(2))
                width = form.width * 2 ** min(done, DOUBLINGS)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.scores = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.scores(self.flatten(self.average(self.features(x))))
        return scores
