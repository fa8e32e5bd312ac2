"""MobileNet v1: Howard et al., “MobileNets: Efficient Convolutional Neural Networks for Mobile
Vision Applications”, arXiv 1704.04861, section 3 and table 1."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from explorer.zoo.classics.pooled import PooledClassifier

# Table 1: width of each pointwise convolution and stride of the depthwise one before it. The
# table prints stride 2 for the last one too; its map stays 7x7, so it can only be 1.
PAIRS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2),
    (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
)  # fmt: skip


def convolution(
    channels: int, width: int, kernel_size: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution without bias, its batch norm and its rectifier."""
    return nn.Sequential(
        nn.Conv2d(
            channels, width, kernel_size, stride, kernel_size // 2, groups=groups, bias=False
        ),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )


class DepthwiseSeparable(nn.Module):
    """One 3x3 kernel per channel, then a 1x1 convolution that mixes the channels (figure 3)."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.depthwise = convolution(channels, channels, 3, stride, groups=channels)
        self.pointwise = convolution(channels, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Look around, then mix."""
        mixed: Tensor = self.pointwise(self.depthwise(x))
        return mixed


def separable(
    width: float, stem_stride: int, pairs: Sequence[tuple[int, int]]
) -> tuple[nn.Sequential, int]:
    """The ordinary convolution and the pairs after it, and how many channels they leave.

    `width` is the share of channels that is kept in every layer.
    """
    channels = int(32 * width)
    layers: list[nn.Module] = [convolution(3, channels, 3, stem_stride)]
    for full_width, stride in pairs:
        layers.append(DepthwiseSeparable(channels, int(full_width * width), stride))
        channels = int(full_width * width)
    return nn.Sequential(*layers), channels


class MobileNetV1(PooledClassifier):
    """Thirteen depthwise separable convolutions after an ordinary one.

    A picture (N, 3, 224, 224) becomes (N, 1000) scores. `width` is the paper's multiplier alpha:
    the share of channels that is kept in every layer.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__(*separable(width, 2, PAIRS), classes=1000)
