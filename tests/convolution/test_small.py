"""Shrunken pictures keep their shape and their mean."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.convolution.small import shrink
from explorer.pictures.pixels import pixels
from explorer.pictures.samples import accepted


@pytest.mark.parametrize(("side", "size"), [(32, (21, 32)), (64, (43, 64))])
def test_the_longer_side_is_as_asked(side: int, size: tuple[int, int]) -> None:
    """The cup is 600 by 400: two thirds as high as wide, in three channels or one."""
    cup = accepted("coffee")
    assert shrink(cup, side, grey=False).shape == (3, *size)
    assert shrink(cup, side, grey=True).shape == (1, *size)


def test_each_pixel_is_the_mean_of_those_it_stands_for() -> None:
    """A digit of 280 by 280 at 28: blocks of 10 by 10. Pillow rounds once along each axis."""
    digit = accepted("digit_5")
    blocks = pixels(digit).astype(float).reshape(28, 10, 28, 10, 3).mean(axis=(1, 3)) / 255
    small = shrink(digit, 28, grey=False)
    np.testing.assert_allclose(np.moveaxis(small, 0, 2), blocks, atol=1.01 / 255)
    assert 0.0 <= small.min() < 0.05
    assert small.max() <= 1.0
