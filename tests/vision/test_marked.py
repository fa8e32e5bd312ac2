"""The part of a picture that a network sees, marked on it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from explorer.vision.marked import DIMMED, FRAME, encoded, marked
from explorer.vision.records import Box

GREY = np.full((40, 60, 3), 100, np.uint8)


def test_what_is_outside_is_dimmed_and_what_is_inside_stays() -> None:
    """A frame stands on the window's border, and nothing is scaled at the picture's own width."""
    drawn = marked(GREY, Box(10, 20, 30, 40), 60)
    assert drawn.shape == (40, 60, 3)
    assert (drawn[11:29, 21:39] == 100).all()
    assert tuple(drawn[10, 20]) == FRAME
    assert tuple(drawn[29, 39]) == FRAME
    outside = np.ones((40, 60), bool)
    outside[10:30, 20:40] = False
    assert (drawn[outside] == round(100 * DIMMED)).all()


def test_a_picture_seen_whole_is_left_alone() -> None:
    """No frame, nothing dimmed."""
    assert np.array_equal(marked(GREY, Box(0, 0, 40, 60), 60), GREY)


def test_a_window_beyond_the_border_is_shown_whole() -> None:
    """Above and below there is black, as the network sees it."""
    drawn = marked(GREY, Box(-10, 0, 50, 60), 60)
    assert drawn.shape == (60, 60, 3)
    assert (drawn[:10] == 0).all()
    assert (drawn[10:50] == 100).all()
    assert (drawn[50:] == 0).all()


def test_large_pictures_shrink_and_small_ones_keep_their_pixels() -> None:
    """Down to the width, or up by a whole number."""
    assert marked(GREY, Box(0, 0, 40, 60), 30).shape == (20, 30, 3)
    checks = np.zeros((2, 3, 3), np.uint8)
    checks[0, 0] = 255
    drawn = marked(checks, Box(0, 0, 2, 3), 10)
    assert drawn.shape == (6, 9, 3)
    assert (drawn[:3, :3] == 255).all()
    assert (drawn[3:] == 0).all()


def test_words_stand_below() -> None:
    """What random weights drew says so on itself."""
    drawn = marked(GREY, Box(0, 0, 40, 60), 240, "random weights")
    assert drawn.shape[0] > 160
    assert (drawn[:160] == 100).all()


def test_photographs_travel_as_jpeg_and_small_pictures_as_png() -> None:
    """A lossless copy of a large photograph would be megabytes."""
    large = np.zeros((400, 400, 3), np.uint8)
    for values, form in ((GREY, "PNG"), (large, "JPEG")):
        with Image.open(io.BytesIO(encoded(values))) as image:
            assert image.format == form
            assert image.size == values.shape[1::-1]
