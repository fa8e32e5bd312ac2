"""The sentence on what a small network is given of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.ui import small_input
from explorer.vision.prediction_records import InputView
from explorer.vision.records import Preprocessing
from tests.pictured import noise

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

RGB = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
GREY = (0.0,), (1.0,)


def said(recipe: Preprocessing, picture: Picture, *, inverted: bool = False) -> str:
    """What is written beside the pixels."""
    window = recipe.window(picture.height, picture.width)
    drawn = np.zeros((*recipe.crop, 3), np.uint8)
    return small_input.sentence(InputView("M", recipe, window, drawn, inverted), picture)


def test_it_tells_every_step_and_counts_what_is_left() -> None:
    """60 x 90 are 5,400 pixels, of which the middle becomes 1,024."""
    recipe = Preprocessing(32, (32, 32), "bilinear", *RGB, "")
    assert said(recipe, noise(60, 90, 0)) == (
        "**What M is given**: 32 × 32 pixels, each drawn as a square. The picture is scaled until "
        "its shorter side has 32 pixels and cut to its middle, the bright part: of 5,400 pixels "
        "1,024 are left, and nothing smaller than one of them can be seen."
    )
    assert "cut to" not in said(recipe, noise(90, 90, 0)), "nothing is cut off a square"


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (
            Preprocessing(24, (24, 24), "bilinear", *RGB, "", through=32),
            "32 pixels, as in the data it learned from, then 24:",
        ),
        (
            Preprocessing(28, (32, 32), "bilinear", *GREY, "", True, grey=True),
            "made grey, scaled until its shorter side has 28 pixels and put on a black ground:",
        ),
        (
            Preprocessing(None, (32, 32), "bilinear", *GREY, "", True),
            "made grey and brought to 32 × 32 pixels, whatever its proportions:",
        ),
    ],
)  # fmt: skip
def test_it_names_what_is_done_otherwise(recipe: Preprocessing, words: str) -> None:
    """Through the size of the data, on a black ground, or squeezed."""
    assert words in said(recipe, noise(90, 90, 0))


def test_it_says_when_light_and_dark_were_exchanged() -> None:
    """Of a digit on paper."""
    recipe = Preprocessing(32, (32, 32), "bilinear", *GREY, "", True)
    assert "turned light on dark" not in said(recipe, noise(40, 40, 0))
    assert "and turned light on dark:" in said(recipe, noise(40, 40, 0), inverted=True)
