"""Network in Network: Lin, Chen, Yan, “Network In Network”, arXiv 1312.4400, section 3.

Widths and kernel sizes are those of the configurations the authors released.
"""

from __future__ import annotations

from torch import Tensor, nn


def mlpconv(
    channels: int, widths: tuple[int, int, int], kernel_size: int, stride: int = 1, padding: int = 0
) -> nn.Sequential:
    """A convolution followed by two 1x1 ones: a small perceptron slid over the picture."""
    first, second, third = widths
    return nn.Sequential(
        nn.Conv2d(channels, first, kernel_size, stride, padding),
        nn.ReLU(),
        nn.Conv2d(first, second, kernel_size=1),
        nn.ReLU(),
        nn.Conv2d(second, third, kernel_size=1),
        nn.ReLU(),
    )


class _NetworkInNetwork(nn.Module):
    """Stacked mlpconv layers; the last has one map per class, and its average is the score."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(*layers)
        self.average = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.average(self.features(x)).flatten(1)
        return scores


class NiNCifar10(_NetworkInNetwork):
    """Three mlpconv layers for pictures (N, 3, 32, 32); (N, 10) scores. 966,986 parameters."""

    def __init__(self) -> None:
        super().__init__(
            mlpconv(3, (192, 160, 96), kernel_size=5, padding=2),
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            nn.Dropout(0.5),
            mlpconv(96, (192, 192, 192), kernel_size=5, padding=2),
            nn.AvgPool2d(kernel_size=3, stride=2, ceil_mode=True),
            nn.Dropout(0.5),
            mlpconv(192, (192, 192, 10), kernel_size=3, padding=1),
        )


class NiNImageNet(_NetworkInNetwork):
    """Four mlpconv layers for pictures (N, 3, 224, 224); (N, 1000) scores."""

    def __init__(self) -> None:
        super().__init__(
            mlpconv(3, (96, 96, 96), kernel_size=11, stride=4),
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            mlpconv(96, (256, 256, 256), kernel_size=5, padding=2),
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            mlpconv(256, (384, 384, 384), kernel_size=3, padding=1),
            nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True),
            nn.Dropout(0.5),
            mlpconv(384, (1024, 1024, 1000), kernel_size=3, padding=1),
        )
