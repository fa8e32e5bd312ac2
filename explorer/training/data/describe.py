"""What there is to know of a data set before anything learns from it. Loads torch."""

from __future__ import annotations

import io
import math
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
GAP = 2
SMALLEST_TILE, LARGEST_TILE = 40, 64
_LAYOUTS = ((12, 1, 12), (36, 2, 6), (MOST_CLASSES, 4, 4))
"""Up to so many classes: blocks beside each other, and samples of each class in a row."""


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
    """Draw the first samples (N, C, H, W) of each class, side by side.

    Small pictures are enlarged by a whole factor, so that each pixel becomes a square.
    """
    shown = min(classes, MOST_CLASSES)
    across, blocks = next((across, blocks) for most, blocks, across in _LAYOUTS if shown <= most)
    rows = math.ceil(shown / blocks)
    tile = _tile(values.shape[2], values.shape[3])
    down, right = tile[0] + GAP, tile[1] + GAP
    canvas = np.zeros((rows * down, blocks * across * right, 4), np.uint8)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(classes + 1))
    for number in range(shown):
        block, row = divmod(number, rows)
        own = order[starts[number] : starts[number + 1]][:across]
        for column, place in enumerate(own, start=block * across):
            top, left = row * down, column * right
            canvas[top : top + tile[0], left : left + tile[1]] = _drawn(values[place], tile)
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, "PNG", compress_level=4)
    height, width = canvas.shape[:2]
    return Sheet(file.getvalue(), height, width, tile, GAP, across, rows, blocks)


def _tile(height: int, width: int) -> tuple[int, int]:
    """Size of a picture on the sheet: several times its own, or as much smaller as it must be."""
    if max(height, width) > LARGEST_TILE:
        scale = LARGEST_TILE / max(height, width)
        return max(1, round(height * scale)), max(1, round(width * scale))
    times = max(1, math.ceil(SMALLEST_TILE / max(height, width)))
    return height * times, width * times


def _drawn(values: npt.NDArray[np.uint8], tile: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """One picture (C, H, W) as RGBA (height, width, 4) of the tile's size."""
    picture = np.broadcast_to(values.transpose(1, 2, 0), (*values.shape[1:], 3))
    image = Image.fromarray(np.ascontiguousarray(picture))
    larger = tile[0] >= values.shape[1]
    how = Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS
    return np.asarray(image.resize((tile[1], tile[0]), how).convert("RGBA"))
