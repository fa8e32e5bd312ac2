"""Ten views: where they lie, what each says, and that their average is the mean."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.vision import loading, preprocess
from explorer.vision.records import Preprocessing
from explorer.vision.ten_crops import ten_crops, windows
from tests.pictured import noise, picture

PLAIN = Preprocessing(20, (16, 16), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")


@pytest.mark.parametrize(("height", "width"), [(20, 31), (45, 20), (21, 20)])
def test_windows_are_where_the_views_were_cut(height: int, width: int) -> None:
    """Cutting the picture there by hand, and mirroring it, gives the very tensors."""
    given = noise(height, width)
    batch = preprocess.ten_crops(given, PLAIN)
    for position, box in enumerate(windows(PLAIN, height, width)):
        top, left, bottom, right = (
            round(each) for each in (box.top, box.left, box.bottom, box.right)
        )
        cut = pixels(given)[top:bottom, left:right]
        if position >= 5:
            cut = cut[:, ::-1]
        expected = torch.from_numpy(cut.copy()).permute(2, 0, 1).float() / 255
        assert torch.equal(batch[position], expected), position


def test_a_window_in_a_border_reaches_beyond_the_picture() -> None:
    """A picture that stays 4 pixels high under a crop of 6 has one row of black on both ends."""
    recipe = Preprocessing(4, (6, 6), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")
    for box in windows(recipe, 4, 9):
        assert (box.top, box.bottom) == (-1, 5)
        assert box.right - box.left == 6


def test_the_average_is_the_mean_of_ten_answers() -> None:
    """Against the network run by hand on torchvision's views; the middle one is the single view."""
    loaded = loading.load("mobilenet_v1_025", "random")
    given = noise(70, 110)
    done = ten_crops("mobilenet_v1_025", given, weights="random", top=4)
    batch = preprocess.ten_crops(given, loaded.preprocessing)
    with loaded.borrowed() as network, torch.inference_mode():
        expected = network(batch).double().softmax(1).numpy()
    assert np.stack([view.probabilities for view in done.views]) == pytest.approx(
        expected, abs=1e-9
    )
    assert done.average.probabilities == pytest.approx(expected.mean(0), abs=1e-9)
    assert len(done.average.top) == 4
    assert done.single.probabilities == pytest.approx(expected[4], abs=1e-6)
    assert done.views[4].title == "middle"
    assert [view.mirrored for view in done.views] == [False] * 5 + [True] * 5
    assert done.single_seconds > 0
    assert done.ten_seconds > 0
    assert done.passes >= 1


def test_random_weights_are_stamped_on_every_view() -> None:
    """A band of words stands below each: the picture is taller than the input."""
    done = ten_crops("mobilenet_v1_025", noise(70, 110), weights="random")
    for view in done.views:
        with Image.open(io.BytesIO(view.png)) as image:
            assert image.width == 224
            assert image.height > 224


def test_views_that_would_all_be_the_same_are_refused() -> None:
    """LeNet-5 and CIFAR's networks see a square picture whole, of a wider one its middle."""
    square = picture(np.zeros((50, 50, 3), np.uint8))
    with pytest.raises(BadRequest, match="no corners"):
        ten_crops("lenet5", square)
    with pytest.raises(BadRequest, match="no corners"):
        ten_crops("plain20", square)
    assert len(ten_crops("plain20", noise(40, 50)).views) == 10
