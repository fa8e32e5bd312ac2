"""Small networks for tests of saliency, and questions about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.pictures.intake import accept
from explorer.progress import Progress, silent
from explorer.vision.loaded import LoadedModel
from explorer.vision.question import Question
from explorer.vision.records import Preprocessing
from explorer.vision.stamp import png
from explorer.vision.taps import find_taps
from explorer.zoo import catalogue
from explorer.zoo.weight_records import WeightsChoice

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

RECIPE = Preprocessing(None, (12, 12), "bilinear", (0.5,), (0.25,), "the test's")


class Awkward(nn.Module):
    """One in-place ReLU used three times, in-place addition, a pooling whose windows overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(3, 2, padding=1)
        self.scores = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        """As ResNets do it."""
        x = self.pool(self.relu(self.first(x)))
        y = self.relu(self.second(x))
        y = self.second(y)
        y += x
        return self.scores(self.relu(y).mean((2, 3)))


class Linear(nn.Module):
    """Two scores, each a weighted sum of the pixels: its attributions are known exactly."""

    def __init__(self, side: int = 4) -> None:
        super().__init__()
        self.scores = nn.Linear(side * side, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Add pixels up."""
        return self.scores(x.flatten(1))


class Square(nn.Module):
    """The sum of squared pixels, and its negative."""

    def forward(self, x: Tensor) -> Tensor:
        """One score up, the other down."""
        total = (x * x).flatten(1).sum(1, keepdim=True)
        return torch.cat([total, -total], dim=1)


def awkward(seed: int = 0) -> nn.Module:
    """The awkward network as it is lent: evaluating, its weights without gradients."""
    torch.manual_seed(seed)
    return Awkward().eval().requires_grad_(False)


def lent(net: nn.Module, channels: int = 1, side: int = 12) -> LoadedModel:
    """A small network as the loader gives it out; it calls itself LeNet-5."""
    recipe = Preprocessing(
        None, (side, side), "bilinear", (0.5,) * channels, (0.25,) * channels, "the test's"
    )
    choice = WeightsChoice("tested", "Tested", "own", on_disk=True)
    classes = ("one", "two", "three")
    return LoadedModel(catalogue.find("lenet5"), choice, net, recipe, classes, torch.device("cpu"))


def noise(seed: int = 0, side: int = 24) -> Picture:
    """A picture of random pixels."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return accept(png(pixels), f"noise {seed}.png")


def ask(
    net: nn.Module,
    x: Tensor,
    *,
    target: int = 0,
    layer: str = "",
    chunk: int = 3,
    progress: Progress = silent,
    **settings: Any,
) -> Question:
    """A question about a class of a small network."""
    return Question(
        net, find_taps(net, x), x, settings, RECIPE, progress,
        target=target, layer=layer, chunk=chunk, classes=("one", "two", "three"),
    )  # fmt: skip
