"""Plain and residual nets for CIFAR-10: He, Zhang, Ren, Sun, “Deep Residual Learning for Image
Recognition”, arXiv 1512.03385, section 4.2 and table 6."""

from __future__ import annotations

from typing import Literal, TypeAlias

from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal

Shortcut: TypeAlias = Literal["none", "A", "B"]


class PaddedIdentity(nn.Module):
    """Option A: every second pixel, and zeros for the channels the input does not have."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.missing = width - channels

    def forward(self, x: Tensor) -> Tensor:
        """Halve the map and append zero channels."""
        return nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.missing))


def shortcut(channels: int, width: int, option: Shortcut) -> nn.Module:
    """What a block adds to its result: its input, made to fit where the shapes differ."""
    if channels == width:
        return nn.Identity()
    if option == "A":
        return PaddedIdentity(channels, width)
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel_size=1, stride=2, bias=False), nn.BatchNorm2d(width)
    )


class Block(nn.Module):
    """Two 3x3 convolutions, with a shortcut around them unless the net is a plain one."""

    def __init__(self, channels: int, width: int, option: Shortcut) -> None:
        super().__init__()
        stride = 1 if channels == width else 2
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = None if option == "none" else shortcut(channels, width, option)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """g(z + a), or g(z) in a plain net."""
        z = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        if self.shortcut is not None:
            z = z + self.shortcut(x)
        activated: Tensor = self.relu2(z)
        return activated


class CifarNet(nn.Module):
    """6n + 2 layers with weights: one convolution, three stages of n blocks, one linear layer.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. `depth` is 6n + 2: 20, 32, 44, 56, 110.
    """

    def __init__(self, depth: int, option: Shortcut) -> None:
        super().__init__()
        blocks, remainder = divmod(depth - 2, 6)
        if remainder or blocks < 1:
            raise ValueError(f"a depth is 6n + 2, such as 20 or 32, not {depth}")
        self.stem = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.stage1 = self._stage(16, 16, blocks, option)
        self.stage2 = self._stage(16, 32, blocks, option)
        self.stage3 = self._stage(32, 64, blocks, option)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(64, 10)
        he_normal(self)

    @staticmethod
    def _stage(channels: int, width: int, blocks: int, option: Shortcut) -> nn.Sequential:
        first = Block(channels, width, option)
        return nn.Sequential(first, *(Block(width, width, option) for _ in range(blocks - 1)))

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        x = self.stage3(self.stage2(self.stage1(self.stem(x))))
        scores: Tensor = self.scores(self.average(x).flatten(1))
        return scores
