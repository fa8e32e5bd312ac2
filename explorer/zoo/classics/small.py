"""AlexNet, VGG, Network in Network and Inception, drawn small for pictures of 32 x 32 pixels.

Each keeps the one idea of its paper at a hundredth of the size. All have batch normalisation,
which came later than all four: with it one recipe trains them all.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.zoo.classics.initialised import he_normal
from explorer.zoo.classics.mobilenet import convolution


class SmallAlexNet(nn.Module):
    """Five convolutions, overlapping max pooling, then fully connected layers with dropout.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. Krizhevsky, Sutskever, Hinton, “ImageNet
    Classification with Deep Convolutional Neural Networks”, 2012, sections 3.4, 3.5 and 4.2.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            convolution(3, 32, kernel_size=5),
            nn.MaxPool2d(kernel_size=3, stride=2),
            convolution(32, 64, kernel_size=5),
            nn.MaxPool2d(kernel_size=3, stride=2),
            convolution(64, 96, kernel_size=3),
            convolution(96, 96, kernel_size=3),
            convolution(96, 64, kernel_size=3),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(64 * 3 * 3, 192), nn.ReLU(),
            nn.Dropout(0.2), nn.Linear(192, 192), nn.ReLU(),
            nn.Linear(192, 10),
        )  # fmt: skip
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        scores: Tensor = self.classifier(self.features(x).flatten(1))
        return scores


class SmallVGG(nn.Module):
    """Nothing but 3x3 convolutions, two before each halving, and fully connected layers.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. Simonyan, Zisserman, “Very Deep Convolutional
    Networks for Large-Scale Image Recognition”, arXiv 1409.1556, section 2.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in (32, 64, 128):
            layers += [
                convolution(channels, width, kernel_size=3),
                convolution(width, width, kernel_size=3),
                nn.MaxPool2d(kernel_size=2),
            ]
            channels = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Linear(128 * 4 * 4, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10)
        )
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        scores: Tensor = self.classifier(self.features(x).flatten(1))
        return scores


def _mlpconv(channels: int, width: int, mixed: int, kernel_size: int) -> nn.Sequential:
    """A convolution and two 1x1 ones: a small perceptron slid over the picture."""
    return nn.Sequential(
        convolution(channels, width, kernel_size),
        convolution(width, mixed, kernel_size=1),
        convolution(mixed, mixed, kernel_size=1),
    )


class SmallNiN(nn.Module):
    """Three convolutions that are perceptrons; the last has a map for each class, averaged.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. Lin, Chen, Yan, “Network In Network”, arXiv
    1312.4400, section 3.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _mlpconv(3, 64, 48, kernel_size=5),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            _mlpconv(48, 80, 80, kernel_size=5),
            nn.AvgPool2d(kernel_size=3, stride=2, padding=1),
            _mlpconv(80, 96, 96, kernel_size=3),
        )
        self.scores = nn.Conv2d(96, 10, kernel_size=1)
        self.average = nn.AdaptiveAvgPool2d(1)
        he_normal(self.features)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        scores: Tensor = self.average(self.scores(self.features(x))).flatten(1)
        return scores


class SmallInceptionModule(nn.Module):
    """1x1, 3x3, 5x5 and pooling side by side, squeezed by 1x1 convolutions, concatenated.

    `three` and `five` are the channels of a branch after and before its larger convolution.
    """

    def __init__(
        self, channels: int, one: int, three: tuple[int, int], five: tuple[int, int], pooled: int
    ) -> None:
        super().__init__()
        self.branch1 = convolution(channels, one, kernel_size=1)
        self.branch3 = nn.Sequential(
            convolution(channels, three[0], kernel_size=1),
            convolution(three[0], three[1], kernel_size=3),
        )
        self.branch5 = nn.Sequential(
            convolution(channels, five[0], kernel_size=1),
            convolution(five[0], five[1], kernel_size=5),
        )
        self.branch_pool = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            convolution(channels, pooled, kernel_size=1),
        )
        self.channels = one + three[1] + five[1] + pooled

    def forward(self, x: Tensor) -> Tensor:
        """Look at several scales at once."""
        branches = (self.branch1, self.branch3, self.branch5, self.branch_pool)
        return torch.cat([branch(x) for branch in branches], dim=1)


class SmallInception(nn.Module):
    """Two plain convolutions and four Inception modules, then the average of the maps.

    A picture (N, 3, 32, 32) becomes (N, 10) scores. Szegedy et al., “Going Deeper with
    Convolutions”, arXiv 1409.4842, section 4.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            convolution(3, 32, kernel_size=3),
            convolution(32, 48, kernel_size=3),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        self.inception1 = SmallInceptionModule(48, 16, (16, 32), (4, 8), 8)
        self.inception2 = SmallInceptionModule(64, 32, (24, 48), (8, 16), 16)
        self.halve = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.inception3 = SmallInceptionModule(112, 48, (32, 64), (8, 16), 16)
        self.inception4 = SmallInceptionModule(144, 64, (48, 96), (12, 24), 24)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(self.inception4.channels, 10)
        he_normal(self)

    def forward(self, x: Tensor) -> Tensor:
        """Score the ten classes."""
        x = self.inception2(self.inception1(self.stem(x)))
        x = self.inception4(self.inception3(self.halve(x)))
        scores: Tensor = self.scores(self.average(x).flatten(1))
        return scores
