"""A look at a recipe's augmentation: the pictures, and the labels that go with them."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.errors import BadRequest
from explorer.training.preview import PICTURES, TIMES, preview
from explorer.training.recipe import checked


def test_without_augmentation_pictures_stay_as_they_are() -> None:
    """To the last bit, at the size of the network, with their classes."""
    found = preview(checked(network="lenet5", data="digits"))
    assert found.before.shape == (PICTURES, 32, 32, 3)
    assert found.after.shape == (TIMES, PICTURES, 32, 32, 3)
    assert all(np.array_equal(each, found.before) for each in found.after)
    assert found.labels == tuple("01234567"), "the first one of each class"
    assert found.targets == (found.labels,) * TIMES


def test_a_mirrored_picture_is_the_picture_read_backwards() -> None:
    """With probability one, each time."""
    found = preview(checked(network="small_cnn", data="digits", size=8, mirror=1.0))
    assert found.before.shape[1:3] == (8, 8)
    assert np.array_equal(found.after[0], found.before[:, :, ::-1])


def test_chance_is_another_one_each_time_and_the_same_at_the_next_look() -> None:
    """So a page that is drawn again shows the same pictures."""
    recipe = checked(data="digits", rotation=30)
    one, two = preview(recipe), preview(recipe)
    assert not np.array_equal(one.after[0], one.after[1])
    assert np.array_equal(one.after, two.after)


def test_a_mixed_picture_tells_both_shares() -> None:
    """They add up to a hundred, the larger one first."""
    found = preview(checked(data="digits", mixup=1.0))
    mixed = [said for targets in found.targets for said in targets if "%" in said]
    assert mixed
    for said in mixed:
        shares = [int(part.split(" %")[0]) for part in said.split(", ")]
        assert sum(shares) == 100
        assert shares == sorted(shares, reverse=True)


def test_points_are_refused() -> None:
    """In a sentence."""
    with pytest.raises(BadRequest, match="augmentation is for pictures"):
        preview(checked(network="mlp", data="spirals"))
