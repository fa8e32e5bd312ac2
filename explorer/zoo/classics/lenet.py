"""LeNet-5: LeCun, Bottou, Bengio, Haffner, “Gradient-Based Learning Applied to Document
Recognition”, Proc. IEEE 1998, section II-B and figure 2."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.zoo.classics.digit_codes import DIGIT_CODES
from explorer.zoo.classics.initialised import he_normal


class LeNet5(nn.Module):
    """LeNet-5 as it is usually written down today: every C3 map sees all of S2.

    A grey picture (N, 1, 32, 32) becomes (N, 10) scores. 61,706 parameters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.s2 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.s4 = nn.AvgPool2d(kernel_size=2, stride=2)
        # A kernel as large as its input is a fully connected layer.
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten digits."""
        x = torch.tanh(self.s2(self.c1(x)))
        x = torch.tanh(self.s4(self.c3(x)))
        x = torch.tanh(self.c5(x))
        x = torch.tanh(self.f6(x.flatten(1)))
        scores: Tensor = self.output(x)
        return scores


class LeNet5Modern(nn.Module):
    """LeNet-5's layers and widths with what came after it: ReLU, max pooling and batch norm.

    A grey picture (N, 1, 32, 32) becomes (N, 10) scores. 61,932 parameters: each of the 226
    channels that batch norm treats has a scale and a shift in place of LeNet-5's bias.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c1 = _normalised(nn.Conv2d(1, 6, kernel_size=5, bias=False))
        self.s2 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.c3 = _normalised(nn.Conv2d(6, 16, kernel_size=5, bias=False))
        self.s4 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.c5 = _normalised(nn.Conv2d(16, 120, kernel_size=5, bias=False))
        self.f6 = nn.Sequential(nn.Linear(120, 84, bias=False), nn.BatchNorm1d(84), nn.ReLU())
        self.output = nn.Linear(84, 10)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten digits."""
        x = self.s4(self.c3(self.s2(self.c1(x))))
        scores: Tensor = self.output(self.f6(self.c5(x).flatten(1)))
        return scores


def _normalised(convolution: nn.Conv2d) -> nn.Sequential:
    return nn.Sequential(convolution, nn.BatchNorm2d(convolution.out_channels), nn.ReLU())


C3_READS = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Table I: which maps of S2 each of the sixteen maps of C3 is connected to."""


class Squash(nn.Module):
    """The paper's scaled tanh, 1.7159 tanh(2/3 x): it maps 1 to 1 and -1 to -1."""

    def forward(self, x: Tensor) -> Tensor:
        """Squash every element."""
        return 1.7159 * torch.tanh(x * (2 / 3))


class Subsampling(nn.Module):
    """Add up 2x2 pixels, times a coefficient, plus a bias, both learned for each map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.sum = nn.AvgPool2d(kernel_size=2, stride=2, divisor_override=1)
        self.coefficient = nn.Parameter(torch.full((channels, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Halve height and width."""
        halved: Tensor = self.sum(x) * self.coefficient + self.bias
        return halved


class PartialConvolution(nn.Module):
    """A convolution whose output maps each read their own choice of input maps."""

    def __init__(self, reads: tuple[tuple[int, ...], ...], kernel_size: int) -> None:
        super().__init__()
        self.reads = reads
        self.maps = nn.ModuleList(nn.Conv2d(len(chosen), 1, kernel_size) for chosen in reads)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve each choice of maps by itself and stack the results."""
        inputs = torch.split(x, 1, dim=1)
        outputs = [
            convolution(torch.cat([inputs[index] for index in chosen], dim=1))
            for convolution, chosen in zip(self.maps, self.reads, strict=True)
        ]
        return torch.cat(outputs, dim=1)


class RadialBasis(nn.Module):
    """Squared distances to fixed codes, (N, 84) to (N, 10): the smallest one is the answer."""

    codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", torch.tensor(DIGIT_CODES, dtype=torch.float32))

    def forward(self, x: Tensor) -> Tensor:
        """Measure how far the picture's code is from each digit's."""
        return (x.unsqueeze(1) - self.codes).square().sum(dim=2)


class LeNet5Partial(nn.Module):
    """LeNet-5 as the paper has it: partial C3, trained subsampling, distances at the end.

    A grey picture (N, 1, 32, 32) becomes (N, 10) distances. 60,000 parameters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.squash = Squash()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.s2 = Subsampling(6)
        self.c3 = PartialConvolution(C3_READS, kernel_size=5)
        self.s4 = Subsampling(16)
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.f6 = nn.Linear(120, 84)
        self.output = RadialBasis()

    def forward(self, x: Tensor) -> Tensor:
        """Measure the distance to the ten digits."""
        x = self.squash(self.s2(self.squash(self.c1(x))))
        x = self.squash(self.s4(self.squash(self.c3(x))))
        x = self.squash(self.c5(x))
        x = self.squash(self.f6(x.flatten(1)))
        distances: Tensor = self.output(x)
        return distances
