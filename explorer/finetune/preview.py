"""Some of one's own pictures as a fine-tuning's augmentation would show them. Loads torch."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from explorer.collections.store import CollectionStore
from explorer.errors import BadRequest
from explorer.finetune import starting
from explorer.training import colour, streams
from explorer.training.augment import Augment
from explorer.training.preview import TIMES, said, whole
from explorer.training.preview_records import Augmented
from explorer.training.shown import as_pixels
from explorer.vision import preprocess

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.collections.records import Collection, Item
    from explorer.training.recipe import Recipe

PICTURES = 6


def preview(recipe: Recipe) -> Augmented:
    """Change some training pictures of a recipe's collection as in four steps of a run.

    They come at the size the network is given, one of each class in turn. Raises MissingData for a
    collection that is gone, UnknownModel, and BadRequest without a picture to learn from.
    """
    collection = CollectionStore().get(recipe.data)
    chosen = _some(collection)
    if not chosen:
        raise BadRequest("There are no pictures to learn from; move some to training first.")
    values = _read(recipe, chosen)
    labels = torch.tensor([item.label for item in chosen])
    # The colours of these few stand for those of all, which would have to be read first.
    colours = colour.principal_colours(values) if recipe.pca else None
    augment = Augment(recipe, len(collection.classes), colours)
    changed = [
        augment(values.div(255), labels, streams.generator(recipe.seed, "preview", turn))
        for turn in range(TIMES)
    ]
    return Augmented(
        before=as_pixels(values),
        after=np.stack([as_pixels(whole(pictures)) for pictures, _ in changed]),
        labels=tuple(collection.classes[label] for label in labels.tolist()),
        targets=tuple(said(targets, collection.classes) for _, targets in changed),
    )


def _read(recipe: Recipe, chosen: Sequence[Item]) -> Tensor:
    """Pictures uint8 (N, C, H, W) at the size the network is given."""
    store, prepared = CollectionStore(), starting.preprocessing(recipe)
    found = []
    for item in chosen:
        with Image.open(io.BytesIO(store.picture(recipe.data, item.id))) as image:
            cropped = preprocess.cropped(image.convert("RGB"), prepared)
        found.append(torch.from_numpy(cropped.copy()))
    return torch.stack(found)


def _some(collection: Collection) -> list[Item]:
    """Training pictures, one of each class in turn."""
    by_class: dict[int, list[Item]] = defaultdict(list)
    for item in collection.items:
        if item.part == "train":
            by_class[item.label].append(item)
    turns = zip_longest(*(by_class[label] for label in sorted(by_class)))
    return [each for each in chain.from_iterable(turns) if each is not None][:PICTURES]
