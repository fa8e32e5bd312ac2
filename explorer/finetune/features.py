"""What a frozen network makes of pictures, computed once: the input of its head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
_ONE = (1, 1)


class HeadOnly(nn.Module):
    """A head, and what a network does after it: nothing, or rectify and average its maps.

    Reads features (N, ...) and gives scores (N, classes). Where it is `pooled`, averages over its
    maps (N, C, 1, 1) are enough: a convolution of one pixel and an average may change places.
    """

    def __init__(self, head: nn.Module, tail: str) -> None:
        super().__init__()
        self.head = head
        self.tail = tail
        self.pooled = tail == "pool" and _is_pointwise(head)

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

    What follows is tried out on some normalised pictures with other numbers in the head, for one
    of zeros tells nothing; None where it is something else. The network has to be in evaluation
    mode.
    """
    module = network.get_submodule(head).eval()
    with torch.no_grad(), _other_numbers(module):
        features, scores = _passed(network, module, pictures)
        for tail in TAILS:
            candidate = HeadOnly(module, tail).eval()
            if tail != "none" and module(features[:1]).dim() != 4:
                continue
            if _alike(candidate(features), scores):
                return candidate
    return None


def _alike(one: Tensor, other: Tensor) -> bool:
    most = _CLOSE * float(other.abs().max())
    return one.shape == other.shape and torch.allclose(one, other, rtol=_CLOSE, atol=most)


@contextmanager
def _other_numbers(module: nn.Module) -> Iterator[None]:
    """Fill a module's weights with numbers of both signs for as long as it lasts."""
    kept = [each.detach().clone() for each in module.parameters()]
    for each in module.parameters():
        each.copy_(torch.linspace(-1, 1, each.numel(), device=each.device).view_as(each))
    try:
        yield
    finally:
        for each, own in zip(module.parameters(), kept, strict=True):
            each.copy_(own)


def _is_pointwise(head: nn.Module) -> bool:
    return isinstance(head, nn.Conv2d) and head.kernel_size == head.stride == _ONE


def fit_in(network: nn.Module, head: str, some: Tensor, count: int, *, pooled: bool) -> bool:
    """Whether the features of so many pictures may be kept; `some` are such pictures."""
    with torch.no_grad():
        features, _ = _passed(network, network.get_submodule(head), some)
    numbers = features.shape[1] if pooled else features[0].numel()
    needed = 4 * numbers * count
    return needed <= min(MOST_BYTES, SHARE_OF_FREE * devices.free_bytes(some.device))


def computed(
    network: nn.Module,
    head: str,
    feed: Feed,
    precision: Precision,
    what: str,
    *,
    pooled: bool = False,
) -> Generator[Doing, None, Tensor]:
    """Tell how far it is, and return the features (N, ...) of all pictures, on their device.

    Of maps, `pooled` ones are averages (N, C, 1, 1). The network has to be in evaluation mode.
    """
    module = network.get_submodule(head)
    count, kept = len(feed), None
    done = 0
    for numbers in evaluation.batches(feed):
        yield Doing(f"Computing features of {what}: {done:,} of {count:,}.", done / count)
        with torch.no_grad(), precision.autocast():
            features, _ = _passed(network, module, feed.normalised(numbers))
        if pooled:
            features = features.mean(dim=(2, 3), keepdim=True)
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
