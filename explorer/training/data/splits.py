"""Which samples a recipe learns from, validates on and is tested on. Loads torch.

First some of the training part are held out (a percentage, or one of k folds), alike of every
class; what is learned from is chosen among the rest. So the validation set depends on neither
`samples` nor labels drawn anew, and the test set on nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold, train_test_split

from explorer.errors import BadRequest
from explorer.training import streams
from explorer.training.data.loading import Loaded, Pictures, load

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    from explorer.training.data.records import DataSet
    from explorer.training.recipe import Recipe

    Indices = npt.NDArray[np.int64]

_CHUNK = 1 << 18
"""Values that are summed at once: few enough to stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class Sets:
    """A data set as a recipe splits it.

    The indices (n,) are places in the data set's own training part, in rising order unless drawn
    with replacement. `mean` and `std` (C,) float32 are those of the training pictures in [0, 1],
    of points in their own units. `redrawn` holds the places in `train` (n,) whose labels were
    drawn at random, of which some may be right by chance.
    """

    data: DataSet
    train: Pictures
    validation: Pictures | None
    test: Pictures
    train_indices: Tensor
    validation_indices: Tensor
    mean: Tensor
    std: Tensor
    redrawn: Tensor


def sets(recipe: Recipe, *, bootstrap: int | None = None) -> Sets:
    """Split the recipe's data as it says.

    With `bootstrap`, the training samples are drawn with replacement, as many as there were, other
    ones for each number (Breiman, "Bagging Predictors", 1996). Raises as `loading.load` does, and
    BadRequest where there are too few samples to split so.
    """
    return split(load(recipe.data), recipe, bootstrap=bootstrap)


def split(loaded: Loaded, recipe: Recipe, *, bootstrap: int | None = None) -> Sets:
    """Split data that are loaded already, as `sets` does."""
    labels = loaded.train.labels.numpy()
    rest, held = _held_out(labels, recipe)
    chosen = _chosen(rest, labels, recipe)
    redrawn, noisy = _redrawn(labels[chosen], len(loaded.data.classes), recipe)
    order = np.arange(len(chosen))
    if bootstrap is not None:
        order = _generator(recipe, f"bootstrap {bootstrap}").integers(len(chosen), size=len(chosen))
    indices = torch.from_numpy(chosen[order])
    values = loaded.train.values
    # Without a choice to make, the data are passed on as they are: no second copy in memory.
    whole = len(chosen) == len(values) and bootstrap is None
    train = values if whole else values.index_select(0, indices)
    mean, std = statistics(train)
    return Sets(
        data=loaded.data,
        train=Pictures(train, torch.from_numpy(noisy[order])),
        validation=loaded.train[torch.from_numpy(held)] if len(held) else None,
        test=loaded.test,
        train_indices=indices,
        validation_indices=torch.from_numpy(held),
        mean=mean,
        std=std,
        redrawn=torch.from_numpy(np.flatnonzero(np.isin(order, redrawn))),
    )


def _generator(recipe: Recipe, purpose: str) -> np.random.Generator:
    """Chance by the recipe's seed, a stream of its own for each purpose."""
    return np.random.default_rng(streams.number(recipe.seed, "split", purpose))


def _state(recipe: Recipe, purpose: str) -> int:
    """The same for scikit-learn, whose seeds have 32 bits."""
    return streams.number(recipe.seed, "split", purpose) % 2**32


def _held_out(labels: Indices, recipe: Recipe) -> tuple[Indices, Indices]:
    """Places in the training part to choose from, and those to validate on."""
    every = np.arange(len(labels))
    if recipe.folds:
        _enough_for_folds(labels, recipe.folds)
        folds = StratifiedKFold(recipe.folds, shuffle=True, random_state=_state(recipe, "folds"))
        rest, held = list(folds.split(every, labels))[recipe.fold - 1]
        return rest.astype(np.int64), held.astype(np.int64)
    if not recipe.validation:
        return every, every[:0]
    count = round(len(labels) * recipe.validation / 100)
    rest, held = _parted(every, labels, count, "validation", recipe)
    return rest, held


def _enough_for_folds(labels: Indices, folds: int) -> None:
    fewest = int(np.unique(labels, return_counts=True)[1].min())
    if fewest < folds:
        raise BadRequest(
            f"A class has only {fewest} training samples, too few for {folds} folds; take "
            f"{max(2, fewest)} folds or fewer."
        )


def _chosen(rest: Indices, labels: Indices, recipe: Recipe) -> Indices:
    """Those of the rest that are learned from."""
    if not recipe.samples or recipe.samples == len(rest):
        return rest
    if recipe.samples > len(rest):
        raise BadRequest(
            f"There are {len(rest):,} samples to learn from, not {recipe.samples:,}; ask for "
            "fewer, or hold fewer out."
        )
    _, chosen = _parted(rest, labels[rest], recipe.samples, "samples", recipe)
    return chosen


def _parted(
    places: Indices, labels: Indices, count: int, purpose: str, recipe: Recipe
) -> tuple[Indices, Indices]:
    """Draw `count` places, alike of every class, and return the others and them, both rising."""
    classes, sizes = np.unique(labels, return_counts=True)
    least, most = len(classes), len(places) - len(classes)
    if sizes.min() < 2 or most < least:
        raise BadRequest(
            "A class has a single training sample, which cannot be both learned from and held "
            "out; hold nothing out, or add samples of it."
        )
    if not least <= count <= most:
        raise BadRequest(
            f"Of {len(places):,} samples in {len(classes)} classes, {least} to {most:,} can be "
            f"set apart for {purpose}, not {count:,}."
        )
    others, drawn = train_test_split(
        places, test_size=count, stratify=labels, random_state=_state(recipe, purpose)
    )
    return np.sort(others), np.sort(drawn)


def _redrawn(labels: Indices, classes: int, recipe: Recipe) -> tuple[Indices, Indices]:
    """Which labels are drawn anew, all classes being as likely, and all labels after that."""
    rng = _generator(recipe, "label noise")
    count = round(len(labels) * recipe.label_noise / 100)
    places = np.sort(rng.permutation(len(labels))[:count])
    noisy = labels.copy()
    noisy[places] = rng.integers(classes, size=count)
    return places, noisy


def statistics(values: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (C,) per channel over all samples (N, C, H, W) and pixels.

    Of uint8 pictures as if white were 1.
    """
    scale = 1.0 if values.is_floating_point() else 255.0
    total = torch.zeros(2, values.shape[1], dtype=torch.float64)
    for part in values.split(max(1, _CHUNK // max(1, values[0].numel()))):
        numbers = part.float()
        total[0] += numbers.sum((0, 2, 3))
        total[1] += numbers.square().sum((0, 2, 3))
    mean, square = total / (values.numel() / values.shape[1])
    return (mean / scale).float(), ((square - mean**2).clamp_min(0).sqrt() / scale).float()
