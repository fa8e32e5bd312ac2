"""What the members of an ensemble know alone, and what they know together. Loads torch."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.training.bootstrap import interval
from explorer.training.crowds import Crowd
from explorer.training.evaluation import batches
from explorer.training.study_records import Members

if TYPE_CHECKING:
    from explorer.training.finished import Finished


def members_of(done: Finished) -> Members:
    """Test accuracy of each member of a run, and of the first so many together.

    A run of one network is an ensemble of one.
    """
    network = done.network
    nets = list(network.members) if isinstance(network, Crowd) else [network]
    feed, labels = done.feed(done.sets.test), done.sets.test.labels
    with torch.no_grad():
        said = torch.stack(
            [
                torch.cat([net(feed.normalised(each)).softmax(dim=1) for each in batches(feed)])
                for net in nets
            ]
        )
    right = (said.argmax(dim=2) == labels).numpy()
    return Members(
        done.run,
        tuple(map(interval, right)),
        tuple(interval(_right(network, said[: n + 1], labels)) for n in range(len(nets))),
        _shares(network),
        _agreement(said.argmax(dim=2)),
        len(labels),
    )


def _right(network: object, said: Tensor, labels: Tensor) -> np.ndarray:
    """Which pictures the first members get right together (N,)."""
    if not isinstance(network, Crowd):
        return (said[0].argmax(dim=1) == labels).numpy()
    votes = network.get_buffer("votes")[: len(said)]
    together = Crowd([], votes, by_votes=network.by_votes).together(said)
    return (together.argmax(dim=1) == labels).numpy()


def _shares(network: object) -> tuple[float, ...]:
    if not isinstance(network, Crowd):
        return (1.0,)
    votes = network.get_buffer("votes")
    return tuple((votes / votes.sum()).tolist())


def _agreement(answers: Tensor) -> float | None:
    """How often two members say the same, in per cent, a mean over all pairs."""
    pairs = list(itertools.combinations(answers, 2))
    if not pairs:
        return None
    return float(np.mean([(a == b).float().mean().item() for a, b in pairs])) * 100.0
