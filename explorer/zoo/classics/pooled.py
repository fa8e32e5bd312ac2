"""How most nets end since Network in Network: each map's average, and one linear layer.

Lin, Chen, Yan, “Network In Network”, arXiv 1312.4400, section 3.2; the linear layer is GoogLeNet's.
"""

from __future__ import annotations

from torch import Tensor, nn


class PooledClassifier(nn.Module):
    """Convolutions that leave so many channels, the average of each, and scores for the classes.

    A picture (N, 3, H, W) becomes (N, classes) scores.
    """

    def __init__(self, features: nn.Sequential, channels: int, classes: int) -> None:
        super().__init__()
        self.features = features
        self.average = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.scores(self.average(self.features(x)).flatten(1))
        return scores
