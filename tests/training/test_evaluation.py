"""Scores by hand, and a network that is left as it was."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from torch import nn

from explorer.training import evaluation
from explorer.training.evaluation import evaluate
from explorer.training.feed import Feed
from explorer.training.losses import Criterion
from explorer.training.precision import Precision
from explorer.training.room import kept_bytes
from explorer.training.shapes import fitted
from tests import small_training as small

CPU = torch.device("cpu")


class Always(nn.Module):
    """Gives every picture the scores 0, 1, 2, ..."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Whatever it shows."""
        return torch.arange(float(self.classes)).expand(len(x), -1)


@pytest.mark.parametrize("at_once", [3, 500])
def test_scores_are_means_over_all_pictures(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve classes in turn, 24 pictures: the last is right twice, five of them ten times."""
    monkeypatch.setattr(evaluation, "MOST_AT_ONCE", at_once)
    pictures = small.pictures(24, 0, classes=12)
    feed = Feed(pictures, small.SHAPE, partial(fitted, shape=small.SHAPE), CPU)
    found = evaluate(
        Always(12), feed, Criterion("cross-entropy", 0.0, 12), Precision(small.recipe(), CPU)
    )
    loss = math.log(sum(math.exp(n) for n in range(12))) - 5.5
    assert found.loss == pytest.approx(loss, rel=1e-6)
    assert (found.top1, found.top5, found.count) == pytest.approx((100 / 12, 500 / 12, 24))


def test_of_few_classes_the_best_five_say_nothing() -> None:
    """Then it is not counted, rather than counted as all right."""
    pictures = small.pictures(9, 0)
    feed = Feed(pictures, small.SHAPE, partial(fitted, shape=small.SHAPE), CPU)
    network = small.network().network
    before = {name: each.clone() for name, each in network.state_dict().items()}
    found = evaluate(
        network, feed, Criterion("cross-entropy", 0.0, 3), Precision(small.recipe(), CPU)
    )
    assert found.top5 is None
    assert network.training
    assert all(torch.equal(each, before[name]) for name, each in network.state_dict().items())


def test_memory_is_what_a_pass_keeps() -> None:
    """A linear layer keeps its input, a rectifier its output: 2 x (36 + 5) floats of four bytes."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(36, 5), nn.ReLU())
    assert kept_bytes(network, torch.rand(2, 1, 6, 6)) == 2 * (36 + 5) * 4
