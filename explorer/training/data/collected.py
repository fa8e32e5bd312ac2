"""A collection of somebody's own pictures as a data set to train on from scratch. No torch here.

What the collection validates on is the data set's test part; all pictures are brought to one small
size. Fine-tuning reads the pictures themselves, as large as they are kept.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from explorer.collections.records import PREFIX
from explorer.collections.store import CollectionStore
from explorer.errors import BadData, MissingData
from explorer.progress import Progress, silent
from explorer.training.data.assembling import Assembled
from explorer.training.data.records import DataSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.collections.records import Collection, Item

    Shape = tuple[int, int, int]

LARGEST_SIDE = 64
"""From scratch a network learns from small pictures in minutes, from large ones in days."""
_IDEA = "Pictures of your own, collected for fine-tuning."


def find(key: str) -> DataSet:
    """Return what a key "collection:<id>.<revision>" stands for.

    Raises BadRequest for what is no key, MissingData for what is not kept any more.
    """
    return _described(CollectionStore().get(key))


def is_key(key: str) -> bool:
    """Whether a key is that of a collection."""
    return key.startswith(PREFIX)


def is_kept(key: str) -> bool:
    """Whether there is such a collection. Raises BadRequest for what is no key."""
    try:
        return CollectionStore().get(key) is not None
    except MissingData:
        return False


def of_owner(owner: str) -> tuple[DataSet, ...]:
    """Return the newest revisions of a visitor's collections, the last edited first."""
    return tuple(_described(each) for each in CollectionStore().of_owner(owner))


def assembled(key: str, progress: Progress = silent) -> tuple[DataSet, Assembled]:
    """Return all pictures of a collection at one size.

    Raises as `find` does, BadData where there is nothing to learn from or to be tested on, and lets
    Cancelled through.
    """
    store = CollectionStore()
    collection = store.get(key)
    data = _described(collection)
    if not (data.train and data.test):
        raise BadData(
            f"The collection {data.title} has no pictures to "
            f"{'validate on' if data.train else 'learn from'}; split it anew first."
        )
    values = np.empty((len(collection.items), *data.shape), np.uint8)
    for place, item in enumerate(collection.items):
        if place % 50 == 0:
            progress(place / len(values), f"Reading picture {place + 1:,} of {len(values):,}")
        values[place] = _fitted(store.picture(key, item.id), data.shape)
    labels = np.array([item.label for item in collection.items], np.int64)
    held = np.array([item.part == "validation" for item in collection.items])
    return data, Assembled(values[~held], labels[~held], values[held], labels[held], data.notes)


def _described(collection: Collection) -> DataSet:
    test = sum(collection.counts("validation"))
    return DataSet(
        key=collection.key,
        title=collection.title,
        idea=_IDEA,
        classes=collection.classes,
        shape=_shape(collection.items),
        train=len(collection.items) - test,
        test=test,
        kind="yours",
        licence="Its terms are those of whoever made the pictures.",
        notes=("What the collection validates on is the test set.", *collection.warnings),
    )


def _shape(items: Sequence[Item]) -> Shape:
    """The size all pictures share if it is small, else a square of their median short side."""
    sizes = {(item.height, item.width) for item in items}
    if len(sizes) == 1 and max(next(iter(sizes))) <= LARGEST_SIDE:
        height, width = next(iter(sizes))
        return 3, height, width
    side = min(LARGEST_SIDE, int(np.median([min(item.height, item.width) for item in items])))
    return 3, side, side


def _fitted(file: bytes, shape: Shape) -> np.ndarray:
    """One picture as (3, H, W), scaled until it covers the frame, its middle cut out."""
    _, height, width = shape
    with Image.open(io.BytesIO(file)) as image:
        whole = image.convert("RGB")
    if whole.size != (width, height):
        whole = ImageOps.fit(whole, (width, height), Image.Resampling.BICUBIC)
    return np.asarray(whole).transpose(2, 0, 1)
