"""The pictures of a fine-tuning, prepared as the network's weights want them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import torch
from PIL import Image

from explorer import device as devices
from explorer import units
from explorer.collections.store import CollectionStore
from explorer.errors import BadData, OutOfMemory
from explorer.training.data import collected, splits
from explorer.training.data.loading import Loaded, Pictures
from explorer.training.records import Doing
from explorer.vision import preprocess

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from explorer.training.data.splits import Sets
    from explorer.training.recipe import Recipe
    from explorer.vision.records import Preprocessing

SHARE_OF_MEMORY = 0.6
AT_ONCE = 64
"""Pictures that are read before anybody is told how far it is."""

Open = Callable[[int], Image.Image]


def read(recipe: Recipe, prepared: Preprocessing) -> Generator[Doing, None, Sets]:
    """Tell how far it is, and return pictures (uint8) as large as the network is given them.

    A collection is validated on what it sets apart itself and has no test set; with folds, those
    are what is validated on, and what it sets apart is the test. Other data are split as the recipe
    says. Raises MissingData, BadData, BadRequest, OutOfMemory.
    """
    if collected.is_key(recipe.data):
        return (yield from _collection(recipe, prepared))
    found = splits.sets(recipe)
    whole = {"train": found.train, "test": found.test}
    if found.validation is not None:
        whole["validation"] = found.validation
    _refuse_too_many(sum(map(len, whole.values())), prepared)
    changed = {}
    for name, pictures in whole.items():
        opened = _opener(pictures.values)
        values = yield from _read(opened, range(len(pictures)), prepared, f"{name} pictures")
        changed[name] = Pictures(values, pictures.labels)
    return dataclasses.replace(found, **changed)  # type: ignore[arg-type]


def _collection(recipe: Recipe, prepared: Preprocessing) -> Generator[Doing, None, Sets]:
    store = CollectionStore()
    collection = store.get(recipe.data)
    data = collected.find(recipe.data)
    if not data.train:
        raise BadData(f"{data.title} has no pictures to learn from; split it anew first.")
    if recipe.patience and not (data.test or recipe.folds):
        raise BadData(
            f"{data.title} has no pictures to validate on, which stopping early needs; split it "
            "anew, or set the patience to 0."
        )
    _refuse_too_many(len(collection.items), prepared)

    def opened(place: int) -> Image.Image:
        file = store.picture(recipe.data, collection.items[place].id)
        with Image.open(io.BytesIO(file)) as image:
            return image.convert("RGB")

    values = yield from _read(opened, range(len(collection.items)), prepared, "pictures")
    labels = torch.tensor([item.label for item in collection.items])
    held = torch.tensor([item.part == "validation" for item in collection.items])
    own = Loaded(data, Pictures(values[~held], labels[~held]), Pictures(values[held], labels[held]))
    found = splits.split(own, dataclasses.replace(recipe, validation=0.0))
    if recipe.folds:
        return found
    validation = own.test if len(own.test) else None
    return dataclasses.replace(
        found,
        validation=validation,
        validation_indices=torch.arange(len(own.test)),
        test=own.test[torch.arange(0)],
    )


def _read(
    opened: Open, places: Sequence[int], prepared: Preprocessing, what: str
) -> Generator[Doing, None, Tensor]:
    """Prepare pictures one after the other, on as many threads as torch has."""
    values = torch.empty((len(places), len(prepared.mean), *prepared.crop), dtype=torch.uint8)
    done = 0

    def prepare(place: int) -> Tensor:
        return torch.from_numpy(preprocess.cropped(opened(place), prepared).copy())

    with ThreadPoolExecutor(max(1, torch.get_num_threads())) as pool:
        for some in _in_parts(places):
            yield Doing(f"Reading {what}: {done:,} of {len(places):,}.", done / len(places))
            for each in pool.map(prepare, some):
                values[done] = each
                done += 1
    return values


def _in_parts(places: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(places), AT_ONCE):
        yield places[first : first + AT_ONCE]


def _opener(values: Tensor) -> Open:
    """Pictures uint8 (N, C, H, W) as images."""

    def opened(place: int) -> Image.Image:
        planes = values[place].permute(1, 2, 0).numpy()
        grey = planes.shape[2] == 1
        return Image.fromarray(planes[:, :, 0] if grey else planes).convert("RGB")

    return opened


def _refuse_too_many(count: int, prepared: Preprocessing) -> None:
    height, width = prepared.crop
    needed = count * len(prepared.mean) * height * width
    free = devices.free_bytes(torch.device("cpu"))
    if needed > SHARE_OF_MEMORY * free:
        raise OutOfMemory(
            f"{count:,} pictures of {height} × {width} pixels need {units.memory(needed)} and "
            f"{units.memory(free)} are free; learn from fewer, or take a smaller side."
        )
