"""AlexNet: Krizhevsky, Sutskever, Hinton, “ImageNet Classification with Deep Convolutional Neural
Networks”, NIPS 2012, sections 3.1 to 3.5 and figure 2."""

from __future__ import annotations

from torch import Tensor, nn

from explorer.zoo.classics.normalisation import local_response_norm


class AlexNet2012(nn.Module):
    """The net that won in 2012, its two GPUs written as two groups.

    A picture (N, 3, 227, 227) becomes (N, 1000) scores. 60,965,224 parameters. Where the two
    towers do not talk to each other, a convolution has groups=2: each half of its kernels sees
    one half of the channels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, kernel_size=11, stride=4),
            nn.ReLU(),
            local_response_norm(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=2),
            nn.ReLU(),
            local_response_norm(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            # The only convolution after the first in which the towers see each other.
            nn.Conv2d(256, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=2),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 1000),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Score the thousand classes."""
        scores: Tensor = self.classifier(self.features(x).flatten(1))
        return scores
