"""A small network that knows digits, a small collection, and recipes that bring them together."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from explorer import config
from explorer.collections import intake
from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Ended
from tests.collections.painted import painted

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.finetune.tuning import Tuning

CLASSES = ("cube", "공")


def base() -> str:
    """A run of a small network with batch normalisation; the name it has as a model."""
    return _base(config.runs_folder())


@functools.cache
def _base(folder: Path) -> str:
    """The same, once for each store of runs."""
    recipe = checked(network="small_cnn", data="digits", length=1, samples=200)
    store = RunStore(folder)
    run = record(store.create(NewRun(recipe, "base"), queue=False), store)
    assert run.state == "done", run.sentence
    return f"run:{run.id}"


def collection() -> str:
    """The key of sixteen pictures of two classes, twelve of them to learn from."""
    return _collection(config.data_folder())


@functools.cache
def _collection(folder: Path) -> str:
    """The same, handed in once to each folder of data."""
    files = [(CLASSES[n % 2], f"{n}.png", painted(n, (24 + n, 24))) for n in range(16)]
    return intake.accept_files(files, "balls and cubes").key


def recipe(**given: Any) -> Recipe:
    """A fine-tuning of the small network on the collection, three steps an epoch."""
    usual: dict[str, Any] = {
        "network": base(), "weights": "last", "data": collection(), "batch_size": 4, "length": 2,
        "learning_rate": 0.01,
    }  # fmt: skip
    return checked(**{**usual, **given})


def run(tuning: Tuning) -> Ended:
    """Let it train to its end."""
    *_, ended = tuning.records()
    assert isinstance(ended, Ended)
    return ended


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The names of the weights and statistics that are not the same to the bit."""
    assert before.keys() == after.keys()
    return {name for name in before if not torch.equal(before[name], after[name])}
