"""GoogLeNet: Szegedy et al., “Going Deeper with Convolutions”, arXiv 1409.4842, section 5 and
table 1."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.zoo.classics.normalisation import local_response_norm


def convolution(
    channels: int, width: int, kernel_size: int, stride: int = 1, *, batch_norm: bool
) -> nn.Sequential:
    """A convolution that keeps the map's size (at stride 1), and its rectifier."""
    padding = kernel_size // 2
    conv = nn.Conv2d(channels, width, kernel_size, stride, padding, bias=not batch_norm)
    norm = [nn.BatchNorm2d(width, eps=0.001)] if batch_norm else []
    return nn.Sequential(conv, *norm, nn.ReLU())


class Inception(nn.Module):
    """Four branches side by side, concatenated along the channels (figure 2b).

    The five numbers after the input's channels are a row of table 1: the widths of #1x1,
    #3x3 reduce, #3x3, #5x5 reduce, #5x5 and pool proj.
    """

    def __init__(
        self, channels: int, widths: tuple[int, int, int, int, int, int], *, batch_norm: bool
    ) -> None:
        super().__init__()
        one, reduce3, three, reduce5, five, pooled = widths

        def conv(channels: int, width: int, kernel_size: int) -> nn.Sequential:
            return convolution(channels, width, kernel_size, batch_norm=batch_norm)

        self.branch1 = conv(channels, one, 1)
        self.branch3 = nn.Sequential(conv(channels, reduce3, 1), conv(reduce3, three, 3))
        self.branch5 = nn.Sequential(conv(channels, reduce5, 1), conv(reduce5, five, 5))
        self.branch_pool = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1), conv(channels, pooled, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Run the branches and concatenate them."""
        branches = [self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)]
        return torch.cat(branches, dim=1)


class AuxiliaryHead(nn.Module):
    """A classifier on the side that feeds gradients into the middle of the net in training."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.average = nn.AvgPool2d(kernel_size=5, stride=3)
        self.reduce = nn.Conv2d(channels, 128, kernel_size=1)
        self.hidden = nn.Linear(128 * 4 * 4, 1024)
        self.dropout = nn.Dropout(0.7)
        self.scores = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Score the thousand classes from a 14x14 map."""
        x = torch.relu(self.reduce(self.average(x)))
        x = torch.relu(self.hidden(x.flatten(1)))
        scores: Tensor = self.scores(self.dropout(x))
        return scores


MODULES: dict[str, tuple[int, tuple[int, int, int, int, int, int]]] = {
    "3a": (192, (64, 96, 128, 16, 32, 32)),
    "3b": (256, (128, 128, 192, 32, 96, 64)),
    "4a": (480, (192, 96, 208, 16, 48, 64)),
    "4b": (512, (160, 112, 224, 24, 64, 64)),
    "4c": (512, (128, 128, 256, 24, 64, 64)),
    "4d": (512, (112, 144, 288, 32, 64, 64)),
    "4e": (528, (256, 160, 320, 32, 128, 128)),
    "5a": (832, (256, 160, 320, 32, 128, 128)),
    "5b": (832, (384, 192, 384, 48, 128, 128)),
}
"""Table 1: the channels each module reads, and its six widths."""


class GoogLeNet(nn.Module):
    """The winner of 2014: nine Inception modules on a short stem, and two auxiliary heads.

    A picture (N, 3, 224, 224) becomes (N, 1000) scores, in training three such tensors: the main
    ones and those of the heads after 4a and 4d. `batch_norm`, `auxiliary` and `last_pool` exist
    to build what torchvision ships, with its 5x5 branches put right.
    """

    def __init__(
        self, *, batch_norm: bool = False, auxiliary: bool = True, last_pool: int = 3
    ) -> None:
        super().__init__()
        norm = nn.Identity if batch_norm else local_response_norm
        self.stem = nn.Sequential(
            convolution(3, 64, 7, stride=2, batch_norm=batch_norm),
            _max_pool(3),
            norm(),
            convolution(64, 64, 1, batch_norm=batch_norm),
            convolution(64, 192, 3, batch_norm=batch_norm),
            norm(),
            _max_pool(3),
        )
        self.inception = nn.ModuleDict(
            {
                name: Inception(channels, widths, batch_norm=batch_norm)
                for name, (channels, widths) in MODULES.items()
            }
        )
        self.pool3 = _max_pool(3)
        self.pool4 = _max_pool(last_pool)
        self.auxiliary = nn.ModuleDict(
            {"4a": AuxiliaryHead(512), "4d": AuxiliaryHead(528)} if auxiliary else {}
        )
        self.average = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4)
        self.scores = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Score the thousand classes."""
        x = self.stem(x)
        on_the_side = []
        for name, module in self.inception.items():
            x = module(x)
            if self.training and name in self.auxiliary:
                on_the_side.append(self.auxiliary[name](x))
            if name == "3b":
                x = self.pool3(x)
            elif name == "4e":
                x = self.pool4(x)
        scores: Tensor = self.scores(self.dropout(self.average(x).flatten(1)))
        return (scores, *on_the_side) if on_the_side else scores


def _max_pool(kernel_size: int) -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel_size, stride=2, ceil_mode=True)
