"""EfficientNet drawn small: Tan, Le, “EfficientNet: Rethinking Model Scaling for Convolutional
Neural Networks”, arXiv 1905.11946, section 3.3 and table 1."""

from __future__ import annotations

import math

from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal
from explorer.zoo.classics.pooled import PooledClassifier
from explorer.zoo.classics.small_mobilenet import AddedWhereItFits

DEPTH, WIDTH = 1.2, 1.1
"""The paper's alpha and beta. Its third scale, the resolution, stays: CIFAR-10 has no more."""

# Expansion, kernel size, width, how often, and the first one's stride.
STAGES = ((1, 3, 12, 1, 1), (4, 3, 16, 2, 2), (4, 5, 24, 2, 2), (4, 3, 40, 3, 1), (4, 5, 64, 2, 2))
STEM, HEAD = 16, 160


def _channels(width: int, scale: int) -> int:
    """A width at a scale, to the nearest multiple of four."""
    return 4 * round(width * WIDTH**scale / 4)


def _layer(
    channels: int, width: int, kernel_size: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution without bias, its batch norm and SiLU."""
    padding = kernel_size // 2
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel_size, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(width),
        nn.SiLU(),
    )


class SqueezeExcitation(nn.Module):
    """Weigh every channel by what the whole map holds (Hu, Shen, Sun, arXiv 1709.01507)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.average = nn.AdaptiveAvgPool2d(1)
        self.weigh = nn.Sequential(
            nn.Conv2d(channels, squeezed, 1), nn.SiLU(), nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Scale the channels."""
        scaled: Tensor = x * self.weigh(self.average(x))
        return scaled


class MBConv(AddedWhereItFits):
    """MobileNet v2's inverted residual with squeeze-and-excitation, a quarter of its input wide."""

    def __init__(
        self, channels: int, width: int, kernel_size: int, stride: int, expansion: int
    ) -> None:
        wide = channels * expansion
        expand = [_layer(channels, wide, 1)] if expansion > 1 else []
        layers = nn.Sequential(
            *expand,
            _layer(wide, wide, kernel_size, stride, groups=wide),
            SqueezeExcitation(wide, max(1, channels // 4)),
            nn.Conv2d(wide, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        super().__init__(layers, fits=stride == 1 and channels == width)


class SmallEfficientNet(PooledClassifier):
    """Five stages of MBConv; `scale` 0, 1, 2 makes it deeper and wider at once.

    A picture (N, 3, 32, 32) becomes (N, 10) scores.
    """

    def __init__(self, scale: int) -> None:
        channels = _channels(STEM, scale)
        layers: list[nn.Module] = [_layer(3, channels, 3)]
        for expansion, kernel_size, base_width, count, stride in STAGES:
            width = _channels(base_width, scale)
            for index in range(math.ceil(count * DEPTH**scale)):
                first = stride if index == 0 else 1
                layers.append(MBConv(channels, width, kernel_size, first, expansion))
                channels = width
        head = _channels(HEAD, scale)
        super().__init__(nn.Sequential(*layers, _layer(channels, head, 1)), head, classes=10)
        he_normal(self)
