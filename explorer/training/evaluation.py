"""How good a network is on pictures it does not learn from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer.training import losses
from explorer.training.tally import Tally

if TYPE_CHECKING:
    from explorer.training.feed import Feed
    from explorer.training.losses import Criterion
    from explorer.training.precision import Precision
    from explorer.training.records import Score

MOST_AT_ONCE, VALUES_AT_ONCE = 500, 10_000_000
"""Pictures of a batch, and numbers of all of them; whatever the recipe's own batches are."""


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """No dropout, no batch statistics and no gradients for as long as it lasts."""
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train()


def evaluate(network: nn.Module, feed: Feed, criterion: Criterion, precision: Precision) -> Score:
    """Measure loss and accuracy over all pictures of a set."""
    gauges, counts = [], []
    with evaluating(network):
        for numbers in batches(feed):
            scores, labels = (
                scored(network, feed.normalised(numbers), precision),
                feed.labels[numbers],
            )
            mean = criterion.mean(scores, labels)
            gauges.append(losses.gauge(mean, scores, labels, top5=criterion.top5))
            counts.append(len(labels))
    tally = Tally()
    for gauge, count in zip(torch.stack(gauges).tolist(), counts, strict=True):
        tally.add(gauge, count)
    return tally.score()


def batches(feed: Feed) -> Iterator[Tensor]:
    """The numbers of all pictures, in batches that fit the memory."""
    everything = torch.arange(len(feed), device=feed.labels.device)
    yield from everything.split(max(1, min(MOST_AT_ONCE, VALUES_AT_ONCE // feed.values)))


def scored(network: nn.Module, pictures: Tensor, precision: Precision) -> Tensor:
    """The main scores (N, classes) of pictures (N, C, H, W), in single precision."""
    with precision.autocast():
        return losses.heads(network(pictures))[0].float()
