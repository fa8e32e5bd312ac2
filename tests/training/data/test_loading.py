"""Data sets as tensors in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from explorer.errors import BadRequest
from explorer.training.data import catalogue
from explorer.training.data.loading import Pictures, load
from explorer.training.data.records import DataSet

HERE = [each.key for each in catalogue.data_sets() if each.kind not in ("download", "placed")]


@pytest.mark.parametrize("key", HERE)
def test_every_set_is_as_the_catalogue_says(key: str) -> None:
    """Shape, counts, classes and types."""
    loaded = load(key)
    data = catalogue.find(key)
    for part, count in ((loaded.train, data.train), (loaded.test, data.test)):
        assert part.values.shape == (count, *data.shape)
        assert part.values.dtype == (torch.float32 if data.points else torch.uint8)
        assert part.labels.dtype == torch.int64
        assert set(part.labels.tolist()) == set(range(len(data.classes)))
    assert data.bytes == sum(each.values.nbytes for each in (loaded.train, loaded.test))


def test_digits_are_scikit_learns() -> None:
    """Sixteen steps of grey from 0 to 255; nothing is lost."""
    loaded = load("digits")
    grey = torch.cat([loaded.train.values, loaded.test.values])[:, 0].double() * 16 / 255
    ours = sorted(map(bytes, grey.round().to(torch.uint8).flatten(1).numpy()))
    assert ours == sorted(map(bytes, load_digits().data.astype(np.uint8)))


def test_a_generated_set_has_a_seed() -> None:
    """The same one gives the same; digits have none."""
    assert torch.equal(load("moons", 1).train.values, load("moons", 1).train.values)
    assert not torch.equal(load("moons", 1).train.values, load("moons", 0).train.values)
    assert torch.equal(load("digits", 1).train.values, load("digits").train.values)


def test_generated_parts_are_different_samples() -> None:
    """Nothing learned from is tested on."""
    loaded = load("shapes")
    train = {bytes(each.numpy()) for each in loaded.train.values}
    assert not train & {bytes(each.numpy()) for each in loaded.test.values}


def test_an_unknown_key_is_a_sentence() -> None:
    """As in the catalogue."""
    with pytest.raises(BadRequest, match="There is no data set 'nothing'"):
        load("nothing")


def test_pictures_are_taken_by_their_places() -> None:
    """Repeats allowed, in the order asked for."""
    some = Pictures(torch.arange(5, dtype=torch.uint8).view(5, 1, 1, 1), torch.arange(5))
    taken = some[torch.tensor([3, 0, 3])]
    assert taken.values.flatten().tolist() == taken.labels.tolist() == [3, 0, 3]
    assert (len(some), len(taken)) == (5, 3)


def test_a_set_says_its_size() -> None:
    """A byte a value, four for a coordinate."""
    picture = DataSet("a", "A", "", ("x", "y"), (3, 32, 32), 50_000, 10_000, "yours")
    point = DataSet("b", "B", "", ("x", "y"), (2, 1, 1), 1000, 500, "generated")
    assert (picture.bytes, point.bytes) == (60_000 * 3072, 1500 * 2 * 4)
    assert (picture.points, point.points) == (False, True)


def test_a_folder_of_the_home_folder_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shell would have it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "pets").mkdir()
    assert catalogue.folder_of("folder:~/pets") == tmp_path / "pets"
