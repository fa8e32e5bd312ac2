"""What a frozen network makes of pictures, computed once: the input of its head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer import device as devices
from explorer.training import evaluation, losses
from explorer.training.feed import Feed
from explorer.training.records import Doing

if TYPE_CHECKING:
    from collections.abc import Generator

    from explorer.training.precision import Precision

MOST_BYTES = 3 << 30
"""Features that take more are not kept; the network then works through the pictures each time."""
SHARE_OF_FREE = 0.5
_CLOSE = 1e-4

TAILS = ("none", "pool", "relu pool")


class HeadOnly(nn.Module):
    """A head, and what a network does after it: nothing, or rectify and average its maps.

    Reads features (N, ...) and gives scores (N, classes).
    """

    def __init__(self, head: nn.Module, tail: str) -> None:
        super().__init__()
        self.head = head
        self.tail = tail

    def forward(self, features: Tensor) -> Tensor:
        """Score the classes."""
        scores: Tensor = self.head(features)
        if self.tail == "relu pool":
            scores = scores.relu()
        return scores if self.tail == "none" else scores.mean(dim=(2, 3))


class FeatureFeed(Feed):
    """Gives features by number, as `Feed` gives pictures."""

    def __init__(self, features: Tensor, labels: Tensor) -> None:
        self.values = features[0].numel() if len(features) else 1
        self.labels = labels.to(features.device)
        self._features = features
        none = torch.zeros(1)
        self.normalisation = (none, none + 1)

    def keep_ready(self) -> None:
        """They are."""

    def unit(self, numbers: Tensor) -> Tensor:
        """Features by number."""
        return self._features[numbers]

    def normalise(self, pictures: Tensor) -> Tensor:
        """Leave them as they are."""
        return pictures

    def normalised(self, numbers: Tensor) -> Tensor:
        """Features by number."""
        return self._features[numbers]


def alone(network: nn.Module, head: str, pictures: Tensor) -> HeadOnly | None:
    """The head with what follows it, so that it can do without the rest.

    What follows is tried out on some normalised pictures; None where it is something else. The
    network has to be in evaluation mode.
    """
    module = network.get_submodule(head)
    with torch.no_grad():
        features, scores = _passed(network, module, pictures)
        for tail in TAILS:
            candidate = HeadOnly(module, tail).eval()
            if tail != "none" and module_output_dim(module, features) != 4:
                continue
            found = candidate(features)
            if found.shape == scores.shape and torch.allclose(
                found, scores, rtol=_CLOSE, atol=_CLOSE * float(scores.abs().max())
            ):
                return candidate
    return None


def module_output_dim(module: nn.Module, features: Tensor) -> int:
    """How many dimensions a module's output has."""
    return int(module(features[:1]).dim())


def size(network: nn.Module, head: str, pictures: Tensor) -> int:
    """Bytes of one picture's features."""
    with torch.no_grad():
        features, _ = _passed(network, network.get_submodule(head), pictures)
    return features[0].numel() * 4


def fit_in(network: nn.Module, head: str, some: Tensor, count: int) -> bool:
    """Whether the features of so many pictures may be kept; `some` are such pictures."""
    needed = size(network, head, some) * count
    return needed <= min(MOST_BYTES, SHARE_OF_FREE * devices.free_bytes(some.device))


def computed(
    network: nn.Module, head: str, feed: Feed, precision: Precision, what: str
) -> Generator[Doing, None, Tensor]:
    """Tell how far it is, and return the features (N, ...) of all pictures, on their device."""
    module = network.get_submodule(head)
    count, kept = len(feed), None
    done = 0
    for numbers in evaluation.batches(feed):
        yield Doing(f"Computing features of {what}: {done:,} of {count:,}.", done / count)
        with torch.no_grad(), precision.autocast():
            features, _ = _passed(network, module, feed.normalised(numbers))
        if kept is None:
            kept = torch.empty((count, *features.shape[1:]), device=features.device)
        kept[done : done + len(numbers)] = features
        done += len(numbers)
    return torch.empty(0) if kept is None else kept


def _passed(network: nn.Module, head: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """What the head read in a pass, in single precision, and the scores."""
    read: list[Tensor] = []

    def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        read.append(given[0].float())

    with head.register_forward_pre_hook(note):
        scores = losses.heads(network(pictures))[0]
    return read[0], scores
