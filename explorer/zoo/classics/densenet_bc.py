"""DenseNet-BC for CIFAR-10: Huang, Liu, van der Maaten, Weinberger, “Densely Connected
Convolutional Networks”, arXiv 1608.06993, sections 3 and 4.2 and table 2."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal
from explorer.zoo.classics.pooled import PooledClassifier


class DenseLayer(nn.Module):
    """A 1x1 bottleneck of four times the growth rate, a 3x3 convolution; its maps are appended."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        width = 4 * growth
        self.squeeze = nn.Sequential(
            nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, width, 1, bias=False)
        )
        self.grow = nn.Sequential(
            nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, growth, 3, padding=1, bias=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Hand on everything that came, and `growth` new maps."""
        return torch.cat([x, self.grow(self.squeeze(x))], dim=1)


class DenseNetBC(PooledClassifier):
    """Three dense blocks; between them a transition keeps half of the channels and halves the map.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. `depth` is 6n + 4: n layers of two
    convolutions in each block.
    """

    def __init__(self, depth: int, growth: int) -> None:
        layers, remainder = divmod(depth - 4, 6)
        if remainder or layers < 1:
            raise ValueError(f"a depth is 6n + 4, such as 40 or 100, not {depth}")
        channels = 2 * growth
        features: list[nn.Module] = [nn.Conv2d(3, channels, 3, padding=1, bias=False)]
        for block in range(3):
            grown = channels + layers * growth
            features.append(
                nn.Sequential(
                    *(DenseLayer(channels + index * growth, growth) for index in range(layers))
                )
            )
            channels = grown
            if block < 2:
                features.append(_transition(channels))
                channels //= 2
        whole = nn.Sequential(*features, nn.BatchNorm2d(channels), nn.ReLU())
        super().__init__(whole, channels, classes=10)
        he_normal(self)


def _transition(channels: int) -> nn.Sequential:
    """Batch norm, ReLU, a 1x1 convolution to half of the channels, 2x2 average pooling."""
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, channels // 2, 1, bias=False),
        nn.AvgPool2d(kernel_size=2),
    )
