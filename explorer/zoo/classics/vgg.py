"""VGG: Simonyan, Zisserman, “Very Deep Convolutional Networks for Large-Scale Image Recognition”,
arXiv 1409.1556, table 1: its columns A-LRN and C, which torchvision does not have."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from explorer.zoo.classics.normalisation import local_response_norm

COLUMN_A_LRN = ("64 lrn", "128", "256 256", "512 512", "512 512")
COLUMN_C = ("64 64", "128 128", "256 256 1x1:256", "512 512 1x1:512", "512 512 1x1:512")


def _layers(column: tuple[str, ...]) -> Iterator[nn.Module]:
    channels = 3
    for stage in column:
        for word in stage.split():
            if word == "lrn":
                yield local_response_norm()
                continue
            pointwise, width = word.startswith("1x1:"), int(word.removeprefix("1x1:"))
            kernel_size, padding = (1, 0) if pointwise else (3, 1)
            yield nn.Conv2d(channels, width, kernel_size, padding=padding)
            yield nn.ReLU()
            channels = width
        yield nn.MaxPool2d(kernel_size=2, stride=2)


class VGG(nn.Module):
    """A column of the paper's table 1: stages of convolutions, each closed by a max pooling.

    A picture (N, 3, 224, 224) becomes (N, 1000) scores.
    """

    def __init__(self, column: tuple[str, ...]) -> None:
        super().__init__()
        self.features = nn.Sequential(*_layers(column))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
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
