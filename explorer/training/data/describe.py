"""What there is to know of a data set before anything learns from it. Loads torch."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.progress import Progress, silent
from explorer.training.data import catalogue
from explorer.training.data.loading import load
from explorer.training.data.records import Description, Sheet, Split
from explorer.training.data.splits import Sets, split

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    from explorer.training.recipe import Recipe

MOST_CLASSES = 100
"""Classes on a sheet; of more the first ones are shown."""
MOST_POINTS = 2000
LARGEST_TILE = 96
_ACROSS = ((12, 12), (36, 8), (MOST_CLASSES, 5))
"""Up to so many classes, so many samples of each."""


def shown(recipe: Recipe, progress: Progress = silent) -> Description:
    """Describe the data of a recipe for the pages, which open no folders but those on offer.

    Raises as `catalogue.shown` and `describe` do.
    """
    catalogue.shown(recipe.data)
    return describe(recipe, progress)


def describe(recipe: Recipe, progress: Progress = silent) -> Description:
    """Say what a recipe's data are and how it splits them; of the rest of it nothing matters.

    Raises as `splits.sets` does.
    """
    loaded = load(recipe.data, progress=progress)
    sets = split(loaded, recipe)
    labels = loaded.train.labels
    values, true = sets.train.values.numpy(), labels[sets.train_indices].numpy()
    points = sets.data.points
    return Description(
        data=sets.data,
        splits=_splits(sets, labels),
        redrawn=len(sets.redrawn),
        mean=tuple(sets.mean.tolist()),
        std=tuple(sets.std.tolist()),
        sheet=None if points else sheet(values, true, len(sets.data.classes)),
        points=values[:MOST_POINTS, :, 0, 0] if points else None,
        labels=sets.train.labels[:MOST_POINTS].numpy() if points else None,
    )


def _splits(sets: Sets, labels: Tensor) -> tuple[Split, ...]:
    """The parts there are; `labels` are the true ones of the data set's own training part."""
    classes = len(sets.data.classes)

    def counted(own: Tensor) -> tuple[int, ...]:
        return tuple(own.bincount(minlength=classes).tolist())

    held = sets.validation_indices
    return (
        Split("train", counted(labels[sets.train_indices])),
        *((Split("validation", counted(labels[held])),) if len(held) else ()),
        Split("test", counted(sets.test.labels)),
    )


def sheet(values: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], classes: int) -> Sheet:
    """Draw the first samples (N, C, H, W) of each class side by side, class below class."""
    rows = min(classes, MOST_CLASSES)
    across = next(across for most, across in _ACROSS if rows <= most)
    height, width = _size(values.shape[2], values.shape[3])
    canvas = np.zeros((rows, height + 1, across, width + 1, 4), np.uint8)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(rows + 1))
    for row in range(rows):
        for column, place in enumerate(order[starts[row] : starts[row + 1]][:across]):
            canvas[row, :height, column, :width] = _drawn(values[place], (height, width))
    file = io.BytesIO()
    flat = canvas.reshape(rows * (height + 1), across * (width + 1), 4)
    Image.fromarray(flat).save(file, "PNG", compress_level=4)
    return Sheet(file.getvalue(), (height + 1, width + 1), across, rows)


def _size(height: int, width: int) -> tuple[int, int]:
    """Size of a picture on the sheet: its own, or as much smaller as it must be."""
    scale = min(1.0, LARGEST_TILE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _drawn(values: npt.NDArray[np.uint8], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """One picture (C, H, W) as RGBA (height, width, 4)."""
    picture = np.broadcast_to(values.transpose(1, 2, 0), (*values.shape[1:], 3))
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize(size[::-1], Image.Resampling.LANCZOS).convert("RGBA"))
