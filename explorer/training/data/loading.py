"""A data set as tensors, whole in memory. Loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from explorer.progress import Progress, silent
from explorer.training.data import catalogue, collected, folders, generated, kept, placed
from explorer.training.data.archives import ARCHIVES
from explorer.training.data.class_folders import parted

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.training.data.assembling import Assembled
    from explorer.training.data.records import DataSet


@dataclass(frozen=True, slots=True)
class Pictures:
    """Samples and their classes: uint8 (N, C, H, W), of points float32; int64 (N,)."""

    values: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, indices: Tensor) -> Pictures:
        """Those at some indices (n,), in that order."""
        return Pictures(self.values.index_select(0, indices), self.labels[indices])


@dataclass(frozen=True, slots=True)
class Loaded:
    """A data set with its own two parts."""

    data: DataSet
    train: Pictures
    test: Pictures


def load(key: str, seed: int = 0, progress: Progress = silent) -> Loaded:
    """Load a data set; `seed` makes another one of a generated set.

    A folder is decoded on its first visit, which takes a while; `progress` hears of it. Raises
    BadRequest for an unknown key, MissingData for what is not on this computer (yet), BadData for
    what cannot be read as a data set.
    """
    if key.startswith(catalogue.FOLDER):
        return _assembled(*folders.prepared(catalogue.folder_of(key), progress))
    if collected.is_key(key):
        return _assembled(*collected.assembled(key, progress))
    data = catalogue.find(key)
    if key in ARCHIVES:
        from explorer.training.data import torchvision_sets  # noqa: PLC0415 - takes a second

        train, test = (torchvision_sets.read(data, train=part) for part in (True, False))
        return Loaded(data, Pictures(*train), Pictures(*test))
    if data.kind == "placed":
        return _assembled(data, folders.prepared(placed.archive(key), progress)[1])
    if data.kind == "generated":
        values, labels = _made(data, seed)
        return Loaded(
            data,
            Pictures(values[: data.train], labels[: data.train]),
            Pictures(values[data.train :], labels[data.train :]),
        )
    return _digits(data) if data.kind == "bundled" else _assembled(data, kept.load(data))


def _assembled(data: DataSet, found: Assembled) -> Loaded:
    return Loaded(
        data,
        Pictures(torch.from_numpy(found.train), torch.from_numpy(found.train_labels)),
        Pictures(torch.from_numpy(found.test), torch.from_numpy(found.test_labels)),
    )


def _made(data: DataSet, seed: int) -> tuple[Tensor, Tensor]:
    """All samples of a generated set, in random order."""
    count = data.train + data.test
    if data.points:
        places, classes = generated.points(data.key, count, seed)
        return torch.from_numpy(places)[..., None, None], torch.from_numpy(classes)
    pictures, classes = generated.shapes(count, seed)
    return torch.from_numpy(pictures), torch.from_numpy(classes)


def _digits(data: DataSet) -> Loaded:
    """scikit-learn's digits, their sixteen steps of grey spread over 0 to 255."""
    from sklearn.datasets import load_digits  # noqa: PLC0415 - other sets do without it

    values, classes = load_digits(return_X_y=True)
    grey = np.rint(values * (255 / 16)).astype(np.uint8).reshape(-1, *data.shape)
    every = Pictures(torch.from_numpy(grey), torch.from_numpy(classes.astype(np.int64)))
    train, test = map(torch.from_numpy, parted(classes))
    return Loaded(data, every[train], every[test])
