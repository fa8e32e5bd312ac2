"""The pictures of a fine-tuning are those that the picture pages give the network."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from explorer.collections import intake
from explorer.collections.store import CollectionStore
from explorer.errors import BadData, OutOfMemory
from explorer.finetune import crops
from explorer.pictures.intake import accept
from explorer.training.recipe import checked
from explorer.training.records import Doing
from explorer.vision import preprocess
from explorer.vision.records import Preprocessing
from tests.collections.painted import painted

if TYPE_CHECKING:
    from explorer.training.data.splits import Sets

PREPARED = Preprocessing(36, (32, 28), "bicubic", (0.5,) * 3, (0.25,) * 3, "a test")


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A collection of twelve pictures in two classes, of several sizes."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path))
    files = [("ab"[n % 2], f"{n}.png", painted(n, (40 + n, 50))) for n in range(12)]
    return intake.accept_files(files, "letters").key


def read(reading: Generator[Doing, None, Sets]) -> tuple[list[Doing], Sets]:
    """What is told on the way, and the pictures."""
    told = []
    while True:
        try:
            told.append(next(reading))
        except StopIteration as end:
            return told, end.value


@pytest.mark.parametrize("prepared", [
    PREPARED,
    Preprocessing(None, (20, 20), "bilinear", (0.5,), (0.5,), "a test", invert_light=True),
])  # fmt: skip
def test_pixels_are_those_of_the_picture_pages(key: str, prepared: Preprocessing) -> None:
    """Resized, cut out and inverted in the same way, to the bit."""
    _, sets = read(crops.read(checked(data=key), prepared))
    collection = CollectionStore().get(key)
    first = next(item for item in collection.items if item.part == "train")
    file = CollectionStore().picture(key, first.id)
    expected = preprocess.input_tensor(accept(file, "x.png"), prepared)[0]
    mean, std = (torch.tensor(each)[:, None, None] for each in (prepared.mean, prepared.std))
    assert torch.equal((sets.train.values[0] / 255 - mean) / std, expected)


def test_a_collection_is_validated_on_what_it_sets_apart(key: str) -> None:
    """Its own split whatever the recipe holds out, no test; it is told how far it is."""
    told, sets = read(crops.read(checked(data=key, validation=50), PREPARED))
    assert told[0] == Doing("Reading pictures: 0 of 12.", 0.0)
    collection = CollectionStore().get(key)
    held = [item.label for item in collection.items if item.part == "validation"]
    assert sets.validation is not None
    assert sets.validation.labels.tolist() == held
    assert (len(sets.train), len(sets.test)) == (12 - len(held), 0)
    _, folded = read(crops.read(checked(data=key, folds=2), PREPARED))
    assert len(folded.test) == len(held)


def test_other_data_are_split_by_the_recipe() -> None:
    """Scikit-learn's digits with a test set; a picture stays as it is at its own size."""
    small = Preprocessing(None, (8, 8), "bilinear", (0.5,), (0.5,), "a test")
    recipe = checked(data="digits", samples=50, validation=5)
    _, sets = read(crops.read(recipe, small))
    assert sets.train.values.shape == (50, 1, 8, 8)
    assert len(sets.test) == sets.data.test
    assert sets.validation is not None


def test_what_is_impossible_is_said(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping early without pictures to validate on, and pictures that do not fit the memory."""
    store = CollectionStore()
    whole = store.get(key)
    items = tuple(dataclasses.replace(item, part="train") for item in whole.items)
    none = store.put(dataclasses.replace(whole, items=items)).key
    _, sets = read(crops.read(checked(data=none), PREPARED))
    assert sets.validation is None
    with pytest.raises(BadData, match="validate"):
        read(crops.read(checked(data=none, patience=3), PREPARED))
    monkeypatch.setattr(crops, "SHARE_OF_MEMORY", 0.0)
    with pytest.raises(OutOfMemory, match="smaller side"):
        read(crops.read(checked(data=key), PREPARED))
