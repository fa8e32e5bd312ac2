"""A problem of a few pictures and a network of a few weights, for tests of training."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from explorer.training.data.loading import Pictures
from explorer.training.data.records import DataSet
from explorer.training.data.splits import Sets, statistics
from explorer.training.networks import Prepared
from explorer.training.recipe import Recipe, checked

if TYPE_CHECKING:
    from explorer.training.records import Record

SHAPE = (1, 6, 6)
CLASSES = 3


def pictures(count: int, seed: int, classes: int = CLASSES) -> Pictures:
    """Noise with a bright row that tells the class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    values = rng.integers(0, 200, (count, *SHAPE), dtype=np.uint8)
    values[np.arange(count), 0, labels % SHAPE[1]] += 55
    return Pictures(torch.from_numpy(values), torch.from_numpy(labels))


def sets(train: int = 22, validation: int = 7, classes: int = CLASSES) -> Sets:
    """A data set as a recipe would split it; without validation where that is 0."""
    names = tuple(f"class {number}" for number in range(classes))
    learned = pictures(train, 0, classes)
    mean, std = statistics(learned.values)
    return Sets(
        data=DataSet("small", "Small", "", names, SHAPE, train + validation, 8, "generated"),
        train=learned,
        validation=pictures(validation, 1, classes) if validation else None,
        test=pictures(8, 2, classes),
        train_indices=torch.arange(train),
        validation_indices=torch.arange(train, train + validation),
        mean=mean,
        std=std,
        redrawn=torch.empty(0, dtype=torch.int64),
    )


def network(classes: int = CLASSES, dropout: float = 0.3) -> Prepared:
    """A convolution, a batch normalisation, dropout and a linear layer."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(4 * 4 * 4, classes),
        )
    return Prepared(layers, SHAPE, "Small")


def linear(classes: int = CLASSES) -> Prepared:
    """A linear layer whose weights begin at zero."""
    layer = nn.Linear(36, classes)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return Prepared(nn.Sequential(nn.Flatten(), layer), SHAPE, "Linear")


def recipe(**given: Any) -> Recipe:
    """Three epochs of five steps, unless told otherwise."""
    return checked(**{"length": 3, "batch_size": 5, **given})


_CLOCK = ("seconds", "samples_per_second")


def told(records: Iterable[Record]) -> list[tuple[Any, ...]]:
    """Records as plain values that can be compared to the bit, without what the clock says."""
    return [(type(each).__name__, *map(_plain, _values(each))) for each in records]


def _values(record: Any) -> list[Any]:
    fields = dataclasses.fields(record)
    return [getattr(record, each.name) for each in fields if each.name not in _CLOCK]


def _plain(value: Any) -> Any:
    return (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value
