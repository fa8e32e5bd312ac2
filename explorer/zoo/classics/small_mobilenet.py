"""MobileNet v1 and v2 for pictures of 32 x 32 pixels, at half their width.

Both halve the map three times instead of five, so that 4 x 4 positions are left of 32 x 32.
"""

from __future__ import annotations

from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal
from explorer.zoo.classics.mobilenet import PAIRS, convolution, separable
from explorer.zoo.classics.pooled import PooledClassifier

WIDTH = 0.5
"""The papers' multiplier alpha: the share of channels that is kept in every layer."""


class SmallMobileNetV1(PooledClassifier):
    """The thirteen pairs of the paper's table 1; the first and the last stride are 1 here.

    A picture (N, 3, 32, 32) becomes (N, 10) scores.
    """

    def __init__(self) -> None:
        # From 32 pixels, the paper's last halving would leave 2 x 2.
        pairs = [(width, stride if width < PAIRS[-1][0] else 1) for width, stride in PAIRS]
        super().__init__(*separable(WIDTH, 1, pairs), classes=10)
        he_normal(self)


# Table 2 of Sandler et al., “MobileNetV2: Inverted Residuals and Linear Bottlenecks”, arXiv
# 1801.04381: expansion, width, how often, and the first one's stride, 2 in the paper for the sixth
# group too.
GROUPS = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 1),
    (6, 320, 1, 1),
)  # fmt: skip


class AddedWhereItFits(nn.Module):
    """Layers whose input is added to their result, where they change neither its size nor width."""

    def __init__(self, layers: nn.Sequential, *, fits: bool) -> None:
        super().__init__()
        self.layers = layers
        self.adds = fits

    def forward(self, x: Tensor) -> Tensor:
        """Change the input, and add it where the shapes allow it."""
        changed: Tensor = self.layers(x)
        return x + changed if self.adds else changed


class InvertedResidual(AddedWhereItFits):
    """Expand by a 1x1 convolution, look around channel by channel, project without activation."""

    def __init__(self, channels: int, width: int, stride: int, expansion: int) -> None:
        wide = channels * expansion
        expand = [convolution(channels, wide, 1)] if expansion > 1 else []
        layers = nn.Sequential(
            *expand,
            convolution(wide, wide, 3, stride, groups=wide),
            nn.Conv2d(wide, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        super().__init__(layers, fits=stride == 1 and channels == width)


class SmallMobileNetV2(PooledClassifier):
    """The seventeen bottlenecks of the paper's table 2, the map halved three times.

    A picture (N, 3, 32, 32) becomes (N, 10) scores.
    """

    def __init__(self) -> None:
        channels, last = int(32 * WIDTH), int(1280 * WIDTH)
        layers: list[nn.Module] = [convolution(3, channels, 3)]
        for expansion, full_width, count, stride in GROUPS:
            width = int(full_width * WIDTH)
            for index in range(count):
                first = stride if index == 0 else 1
                layers.append(InvertedResidual(channels, width, first, expansion))
                channels = width
        features = nn.Sequential(*layers, convolution(channels, last, 1))
        super().__init__(features, last, classes=10)
        he_normal(self)
