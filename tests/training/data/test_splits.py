"""Nothing leaks: told by index, with pictures that carry their own number."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.errors import BadRequest
from explorer.training.data import splits
from explorer.training.data.loading import Loaded, Pictures, load
from explorer.training.data.records import DataSet
from explorer.training.data.splits import Sets, sets, split, statistics
from explorer.training.recipe import Recipe, checked

CLASSES = 4


def numbered(first: int, count: int) -> Pictures:
    """Pictures 1x1x2 whose two bytes are their own number, of four classes in turn."""
    numbers = torch.arange(first, first + count)
    values = torch.stack([numbers // 256, numbers % 256], 1).to(torch.uint8).view(-1, 1, 1, 2)
    return Pictures(values, numbers % CLASSES)


def identities(pictures: Pictures) -> list[int]:
    """The numbers the pictures carry."""
    high, low = pictures.values.long().view(-1, 2).T
    return (256 * high + low).tolist()


@pytest.fixture
def loaded() -> Loaded:
    """400 training pictures numbered from 0, 80 test pictures from 1000."""
    names = tuple("abcd")
    data = DataSet("numbered", "Numbered", "", names, (1, 1, 2), 400, 80, "yours")
    return Loaded(data, numbered(0, 400), numbered(1000, 80))


def recipe(**settings: object) -> Recipe:
    """A recipe with some settings of its data."""
    return checked(**settings)


def check(found: Sets, loaded: Loaded) -> None:
    """No picture in two parts, each with its own label, and the indices tell the truth."""
    train = identities(found.train)
    validation = identities(found.validation) if found.validation else []
    test = identities(found.test)
    assert not set(train) & set(validation)
    assert not (set(train) | set(validation)) & set(test)
    assert train == found.train_indices.tolist()
    assert validation == found.validation_indices.tolist()
    assert test == list(range(1000, 1080))
    if found.validation:
        assert torch.equal(found.validation.labels, found.validation_indices % CLASSES)
    wrong = (found.train.labels != found.train_indices % CLASSES).nonzero().flatten()
    assert set(wrong.tolist()) <= set(found.redrawn.tolist())


SETTINGS = [
    {},
    {"validation": 0.0},
    {"validation": 50.0, "samples": 40},
    {"samples": 100, "label_noise": 100.0},
    {"folds": 5, "fold": 3},
    {"folds": 2, "fold": 2, "samples": 30, "label_noise": 30.0},
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("seed", [0, 7])
def test_no_picture_is_in_two_parts(loaded: Loaded, settings: dict[str, float], seed: int) -> None:
    """Whatever is held out, chosen, drawn anew or drawn again."""
    asked = recipe(**settings, seed=seed)
    check(split(loaded, asked), loaded)
    check(split(loaded, asked, bootstrap=1), loaded)


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_every_picture_is_held_out_in_one_fold(loaded: Loaded, folds: int) -> None:
    """The folds are the whole training part, each picture once, classes alike; no test picture."""
    found = [split(loaded, recipe(folds=folds, fold=fold + 1)) for fold in range(folds)]
    held = torch.cat([each.validation_indices for each in found])
    assert sorted(held.tolist()) == list(range(400))
    for each in found:
        check(each, loaded)
        together = torch.cat([each.train_indices, each.validation_indices])
        assert sorted(together.tolist()) == list(range(400))
        assert each.validation is not None
        counts = each.validation.labels.bincount()
        assert int(counts.max() - counts.min()) <= 1


def test_classes_are_held_out_and_chosen_alike(loaded: Loaded) -> None:
    """A tenth of 400 in four classes is ten of each; 100 of the rest are 25 of each."""
    found = split(loaded, recipe(validation=10.0, samples=100))
    assert found.validation is not None
    assert found.validation.labels.bincount().tolist() == [10] * 4
    assert found.train.labels.bincount().tolist() == [25] * 4


def test_the_validation_set_depends_on_the_seed_and_the_share_alone(loaded: Loaded) -> None:
    """So that runs with fewer pictures or wrong labels are judged by the same ones."""
    first = split(loaded, recipe())
    for settings in ({"samples": 50}, {"label_noise": 40.0}, {"batch_size": 1, "length": 1.0}):
        assert torch.equal(
            split(loaded, recipe(**settings)).validation_indices, first.validation_indices
        )
    other = split(loaded, recipe(seed=1))
    assert not torch.equal(other.validation_indices, first.validation_indices)


def test_the_same_recipe_gives_the_same_sets(loaded: Loaded) -> None:
    """To the bit, wrong labels and bootstrap too."""
    asked = recipe(samples=120, label_noise=25.0, seed=3)
    one, two = (split(loaded, asked, bootstrap=2) for _ in range(2))
    for name in ("train_indices", "validation_indices", "redrawn", "mean", "std"):
        assert torch.equal(getattr(one, name), getattr(two, name))
    assert torch.equal(one.train.values, two.train.values)
    assert torch.equal(one.train.labels, two.train.labels)


def test_as_many_labels_are_drawn_anew_as_asked() -> None:
    """A fifth of 5,000; of those drawn among ten classes nine in ten are wrong (Zhang 2017)."""
    count = 5000
    values = torch.zeros(count, 1, 1, 1, dtype=torch.uint8)
    part = Pictures(values, torch.arange(count) % 10)
    data = DataSet("ten", "Ten", "", tuple("abcdefghij"), (1, 1, 1), count, count, "yours")
    found = split(Loaded(data, part, part), recipe(validation=0.0, label_noise=20.0))
    assert len(found.redrawn) == 1000
    wrong = int((found.train.labels != part.labels).sum())
    # 900 on average; the standard deviation is sqrt(1000 * 0.9 * 0.1) = 9.5.
    assert abs(wrong - 900) < 4 * 9.5
    assert torch.equal(part.labels, torch.arange(count) % 10), "the data set's own stay as they are"


def test_a_bootstrap_leaves_out_a_third(loaded: Loaded) -> None:
    """Of n drawn n times with replacement, 1 - 1/e = 63.2 % are different ones (Breiman 1996)."""
    asked = recipe(validation=0.0)
    different = []
    for number in range(20):
        found = split(loaded, asked, bootstrap=number)
        assert len(found.train) == 400
        different.append(len(set(found.train_indices.tolist())) / 400)
    assert np.mean(different) == pytest.approx(1 - np.exp(-1), abs=0.01)
    assert (
        len({tuple(split(loaded, asked, bootstrap=n).train_indices.tolist()) for n in (0, 1)}) == 2
    )


def test_a_bootstrapped_picture_keeps_one_label(loaded: Loaded) -> None:
    """Labels are drawn anew before pictures are drawn again: copies agree."""
    found = split(loaded, recipe(label_noise=100.0), bootstrap=0)
    given: dict[int, set[int]] = {}
    for place, label in zip(found.train_indices.tolist(), found.train.labels.tolist(), strict=True):
        given.setdefault(place, set()).add(label)
    assert all(len(labels) == 1 for labels in given.values())
    assert len(found.redrawn) == 360


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"samples": 361}, "There are 360 samples to learn from, not 361"),
        ({"samples": 3}, "in 4 classes, 4 to 356 can be set apart for samples, not 3"),
        ({"samples": 358}, "4 to 356 can be set apart"),
        ({"validation": 0.5}, "4 to 396 can be set apart for validation, not 2"),
    ],
)
def test_what_cannot_be_split_is_a_sentence(
    loaded: Loaded, settings: dict[str, float], sentence: str
) -> None:
    """With the numbers that can."""
    with pytest.raises(BadRequest, match=sentence):
        split(loaded, recipe(**settings))


def test_all_that_is_left_may_be_asked_for(loaded: Loaded) -> None:
    """360 of 360, and 0 for all of them, are the same."""
    every = split(loaded, recipe())
    assert torch.equal(split(loaded, recipe(samples=360)).train_indices, every.train_indices)


def test_a_class_of_one_is_a_sentence() -> None:
    """It cannot be held out and learned from."""
    values = torch.zeros(11, 1, 1, 1, dtype=torch.uint8)
    part = Pictures(values, torch.tensor([0] * 10 + [1]))
    data = DataSet("few", "Few", "", ("a", "b"), (1, 1, 1), 11, 11, "yours")
    with pytest.raises(BadRequest, match="single training sample"):
        split(Loaded(data, part, part), recipe())
    with pytest.raises(BadRequest, match="only 1 training samples, too few for 2 folds"):
        split(Loaded(data, part, part), recipe(folds=2))
    assert len(split(Loaded(data, part, part), recipe(validation=0.0)).train) == 11


def test_statistics_are_those_of_the_pixels() -> None:
    """Against torch's own in double precision; white is 1."""
    values = torch.randint(0, 256, (500, 3, 17, 5), dtype=torch.uint8)
    mean, std = statistics(values)
    exact = values.double() / 255
    assert torch.allclose(mean.double(), exact.mean((0, 2, 3)), atol=1e-6)
    assert torch.allclose(std.double(), exact.std((0, 2, 3), correction=0), atol=1e-6)


def test_statistics_of_points_are_in_their_own_units() -> None:
    """And those of one value only have no spread."""
    values = torch.tensor([[1.0, -3.0], [3.0, -3.0]]).view(2, 2, 1, 1)
    mean, std = statistics(values)
    assert (mean.tolist(), std.tolist()) == ([2.0, -3.0], [1.0, 0.0])


def test_statistics_are_of_what_is_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of what is held out: that would leak too."""
    values = torch.zeros(200, 1, 1, 1, dtype=torch.uint8)
    part = Pictures(values, torch.arange(200) % 2)
    data = DataSet("marked", "Marked", "", ("a", "b"), (1, 1, 1), 200, 200, "yours")
    held = split(Loaded(data, part, part), recipe()).validation_indices
    values[held] = 255
    found = split(Loaded(data, part, part), recipe())
    assert float(found.mean) == 0.0


def test_digits_are_split_as_the_catalogue_says() -> None:
    """1,437 and 360 pictures of scikit-learn's 1,797, all classes alike."""
    found = sets(checked(validation=0.0))
    assert (len(found.train), len(found.test)) == (1437, 360)
    counts: Tensor = found.test.labels.bincount()
    assert int(counts.max() - counts.min()) <= 2
    assert load("digits").train.values.dtype == torch.uint8


def test_no_digit_is_in_both_parts() -> None:
    """scikit-learn's 1,797 pictures are all different, so equal bytes are the same picture."""
    loaded = load("digits")
    both = [bytes(each.numpy()) for part in (loaded.train, loaded.test) for each in part.values]
    assert len(set(both)) == 1797
    assert splits.sets(checked(seed=5)).data.key == "digits"
