"""A few training pictures as a recipe's augmentation would show them. Loads torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.errors import BadRequest
from explorer.training import networks, streams
from explorer.training.augment import augmenter
from explorer.training.data import splits
from explorer.training.preview_records import Augmented
from explorer.training.shown import as_pixels, sample

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

PICTURES, TIMES = 8, 4
SMALLEST_SHARE = 0.005
"""Of a target; less is not worth a word."""


def preview(recipe: Recipe) -> Augmented:
    """Change the first training pictures of each class as in four steps of a run.

    Raises BadRequest for points, which are not augmented, and as `splits.sets` and
    `networks.build` do.
    """
    sets = splits.sets(recipe)
    if sets.data.points:
        raise BadRequest(f"{sets.data.title} are points, and augmentation is for pictures.")
    shape = networks.build(recipe, sets.data.shape, len(sets.data.classes)).shape
    chosen = sets.train[sample(sets.train)[:PICTURES]]
    values = networks.fitted(chosen.values, shape)
    augment = augmenter(recipe, sets)
    changed = [
        augment(values.div(255), chosen.labels, streams.generator(recipe.seed, "preview", turn))
        for turn in range(TIMES)
    ]
    return Augmented(
        before=as_pixels(values),
        after=np.stack([as_pixels(whole(pictures)) for pictures, _ in changed]),
        labels=tuple(sets.data.classes[label] for label in chosen.labels.tolist()),
        targets=tuple(said(targets, sets.data.classes) for _, targets in changed),
    )


def whole(pictures: Tensor) -> Tensor:
    """Bring pictures in [0, 1] back to uint8; what is darker or lighter than that is cut off."""
    return pictures.clamp(0, 1).mul(255).round().to(torch.uint8)


def said(targets: Tensor, classes: Sequence[str]) -> tuple[str, ...]:
    """Say each target in words."""
    if targets.dim() == 1:
        return tuple(classes[label] for label in targets.tolist())
    return tuple(_shares(row, classes) for row in targets.tolist())


def _shares(row: Sequence[float], classes: Sequence[str]) -> str:
    shares = sorted(zip(row, classes, strict=True), reverse=True)
    named = [(share, name) for share, name in shares if share >= SMALLEST_SHARE]
    if len(named) == 1:
        return named[0][1]
    return ", ".join(f"{100 * share:.0f} % {name}" for share, name in named)
