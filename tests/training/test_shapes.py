"""Pictures brought to the shape of a network: held against Pillow and torchvision."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as F

from explorer.training.shapes import bordered, fitted


def pictures(channels: int, side: int) -> torch.Tensor:
    """Random pictures (4, C, side, side), uint8."""
    dice = torch.Generator().manual_seed(0)
    return torch.randint(256, (4, channels, side, side), generator=dice, dtype=torch.uint8)


def test_digits_of_28_get_a_border_of_two() -> None:
    """As LeCun et al. 1998 have them: in the middle of 32 x 32, on black."""
    given = pictures(1, 28)
    found = fitted(given, (1, 32, 32))
    assert torch.equal(found[:, :, 2:30, 2:30], given)
    assert found.sum() == given.sum()


@pytest.mark.parametrize(
    ("channels", "side", "to"), [(1, 8, 32), (3, 28, 32), (3, 64, 32), (1, 30, 28)]
)
def test_others_are_resized_as_torchvision_resizes(channels: int, side: int, to: int) -> None:
    """Bilinear and antialiased; photographs get no border, small digits neither."""
    given = pictures(channels, side)
    found = fitted(given, (channels, to, to))
    assert torch.equal(found, F.resize(given, [to, to], antialias=True))


def test_grey_is_pillows_to_the_bit() -> None:
    """ITU-R 601 in whole numbers, as the pages of pictures convert."""
    given = pictures(3, 32)
    found = fitted(given, (1, 32, 32))
    for picture, grey in zip(given.permute(0, 2, 3, 1).numpy(), found, strict=True):
        assert np.array_equal(np.asarray(Image.fromarray(picture).convert("L")), grey[0].numpy())


def test_grey_becomes_three_equal_channels() -> None:
    """Resized or bordered before that, once."""
    found = fitted(pictures(1, 28), (3, 32, 32))
    assert found.shape == (4, 3, 32, 32)
    assert torch.equal(found[:, :1], fitted(pictures(1, 28), (1, 32, 32)))
    assert torch.equal(found[:, 0], found[:, 2])


def test_what_fits_and_points_stay_as_they_are() -> None:
    """The very same tensor."""
    for given in (pictures(3, 32), torch.randn(5, 2, 1, 1)):
        channels, height, width = given.shape[1:]
        assert fitted(given, (channels, height, width)) is given


@pytest.mark.parametrize(
    ("given", "wanted", "border"),
    [
        ((1, 28, 28), (1, 32, 32), True), ((1, 28, 28), (3, 32, 32), True),
        ((1, 27, 28), (1, 32, 32), False), ((3, 28, 28), (3, 32, 32), False),
        ((1, 33, 33), (1, 32, 32), False), ((1, 8, 8), (1, 32, 32), False),
    ],
)  # fmt: skip
def test_a_border_is_for_grey_pictures_that_lack_an_eighth_at_most(
    given: tuple[int, int, int], wanted: tuple[int, int, int], border: bool
) -> None:
    """On all sides alike."""
    assert bordered(given, wanted) is border
