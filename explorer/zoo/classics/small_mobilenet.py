"""MobileNet v1 and v2 for pictures of 32 x 32 pixels, at half their width.

Both halve the map three times instead of five, so that 4 x 4 positions are left of 32 x 32.
"""

from __future__ import annotations

from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal
from explorer.zoo.classics.mobilenet import PAIRS, DepthwiseSeparable, convolution

WIDTH = 0.5
"""The papers' multiplier alpha: the share of channels that is kept in every layer."""


class SmallMobileNetV1(nn.Module):
    """The thirteen pairs of the paper's table 1; the first and the last stride are 1 here.

    A picture (N, 3, 32, 32) becomes (N, 10) scores.
    """

    def __init__(self) -> None:
        super().__init__()
        channels = int(32 * WIDTH)
        layers: list[nn.Module] = [convolution(3, channels, 3)]
        for full_width, stride in PAIRS:
            width = int(full_width * WIDTH)
            # From 32 pixels, the paper's last halving would leave 2 x 2.
            halves = stride if full_width < PAIRS[-1][0] else 1
            layers.append(DepthwiseSeparable(channels, width, halves))
            channels = width
        self.features = nn.Sequential(*layers)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(channels, 10)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        scores: Tensor = self.scores(self.average(self.features(x)).flatten(1))
        return scores


# Table 2 of Sandler et al., “MobileNetV2: Inverted Residuals and Linear Bottlenecks”, arXiv
# 1801.04381: expansion, width, how often, and the first one's stride, 2 in the paper for the sixth
# group too.
GROUPS = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 1),
    (6, 320, 1, 1),
)  # fmt: skip


class InvertedResidual(nn.Module):
    """Expand by a 1x1 convolution, look around channel by channel, project without activation."""

    def __init__(self, channels: int, width: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        expand = [convolution(channels, wide, 1)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *expand,
            convolution(wide, wide, 3, stride, groups=wide),
            nn.Conv2d(wide, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.adds = stride == 1 and channels == width

    def forward(self, x: Tensor) -> Tensor:
        """Add the input where the shapes allow it."""
        changed: Tensor = self.layers(x)
        return x + changed if self.adds else changed


class SmallMobileNetV2(nn.Module):
    """The seventeen bottlenecks of the paper's table 2, the map halved three times.

    A picture (N, 3, 32, 32) becomes (N, 10) scores.
    """

    def __init__(self) -> None:
        super().__init__()
        channels, last = int(32 * WIDTH), int(1280 * WIDTH)
        layers: list[nn.Module] = [convolution(3, channels, 3)]
        for expansion, full_width, count, stride in GROUPS:
            width = int(full_width * WIDTH)
            for index in range(count):
                first = stride if index == 0 else 1
                layers.append(InvertedResidual(channels, width, first, expansion))
                channels = width
        self.features = nn.Sequential(*layers, convolution(channels, last, 1))
        self.average = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(last, 10)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        scores: Tensor = self.scores(self.average(self.features(x)).flatten(1))
        return scores
