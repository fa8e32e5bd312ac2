"""A collection as a data set to learn from scratch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from explorer.collections.intake import accept_zip
from explorer.collections.store import CollectionStore
from explorer.errors import BadData, BadRequest, MissingData
from explorer.training.data import catalogue
from explorer.training.data.describe import shown
from explorer.training.data.loading import load
from explorer.training.data.splits import sets
from explorer.training.recipe import Recipe
from tests.collections.painted import files, image, painted, zipped


@pytest.fixture(autouse=True)
def data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty data folder."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))


def test_it_loads_with_its_own_split() -> None:
    """What it validates on is the test part; small pictures stay as they are."""
    made = accept_zip(zipped(files({"cat": 10, "dog": 10})), "pets.zip", "me")
    data = catalogue.find(made.key)
    assert data == catalogue.shown(made.key) == catalogue.of_owner("me")[0]
    assert catalogue.on_disk(made.key)
    assert (data.key, data.title, data.classes, data.shape, data.train, data.test) == (
        made.key, "pets", ("cat", "dog"), (3, 40, 40), 16, 4,
    )  # fmt: skip
    loaded = load(made.key)
    for part, pictures in (("train", loaded.train), ("validation", loaded.test)):
        own = [item for item in made.items if item.part == part]
        assert pictures.labels.tolist() == [item.label for item in own]
        for item, values in zip(own, pictures.values, strict=True):
            number = int(item.name[:3]) + 10 * item.label
            np.testing.assert_array_equal(values.permute(1, 2, 0), np.asarray(image(number)))


def test_recipes_split_it_further() -> None:
    """A share of what is learned from is held out, as of every data set."""
    made = accept_zip(zipped(files({"cat": 10, "dog": 10})), "pets.zip")
    recipe = Recipe(data=made.key, validation=25)
    found = sets(recipe)
    assert (len(found.train), len(found.test)) == (12, 4)
    assert [each.counts for each in shown(recipe).splits] == [(6, 6), (2, 2), (2, 2)]


def test_pictures_of_many_sizes_become_small_squares() -> None:
    """Of at most 64 pixels."""
    contents = files({"cat": 6, "dog": 6}) | {"cat/x.jpg": painted(90, (300, 200), "JPEG")}
    assert load(accept_zip(zipped(contents), "x.zip").key).data.shape == (3, 40, 40)
    large = {f"{c}/{n}.jpg": painted(n, (300, 200), "JPEG") for c in "ab" for n in range(100, 106)}
    assert load(accept_zip(zipped(large), "x.zip").key).train.values.shape[1:] == (3, 64, 64)


def test_what_is_gone_is_said() -> None:
    """And what never was."""
    made = accept_zip(zipped(files({"cat": 6, "dog": 6})), "x.zip", "me")
    CollectionStore().delete(made.id)
    assert not catalogue.on_disk(made.key)
    assert catalogue.of_owner("me") == ()
    for ask in (catalogue.find, catalogue.shown, load):
        with pytest.raises(MissingData, match="not kept any more"):
            ask(made.key)
        with pytest.raises(BadRequest, match="names no collection"):
            ask("collection:../../etc/passwd")


def test_nothing_to_validate_on_is_said() -> None:
    """A collection of nothing but copies cannot be split."""
    copies = {f"{c}/{n}.png": painted("ab".index(c)) for c in "ab" for n in range(6)}
    made = accept_zip(zipped(copies), "x.zip")
    with pytest.raises(BadData, match="no pictures to validate on"):
        load(made.key)
