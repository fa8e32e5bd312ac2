"""A channel lies over the picture where its units look."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from explorer.vision import laid_over
from explorer.vision.activation_records import ChannelView, Grid, Statistics
from explorer.vision.records import Box, NetworkUse

USE = NetworkUse("net", "Net", "V1", "ImageNet", random=False, device="cpu")
NOTHING = Statistics(1, 0.0, 0.0, 0.0, 0.0, 0.0)


def view(values: np.ndarray, box: Box, window: Box, use: NetworkUse = USE) -> ChannelView:
    """A channel whose cells fill a box of a picture of 100 by 200 pixels."""
    grid = Grid(box, *values.shape, 100, 200)
    return ChannelView(
        use, "conv", "Conv2d", (1, 1, *values.shape), 0, 1, values, grid, window, NOTHING
    )


def rgb(png: bytes) -> np.ndarray:
    """The pixels of a PNG."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_the_strongest_unit_covers_its_cell_and_no_other() -> None:
    """Four cells of 40 pixels within the window; the lower right one is lit."""
    values = np.array([[0, 0], [0, 5.0]], np.float32)
    box = Box(10, 60, 90, 140)
    grey = np.full((100, 200, 3), 100, np.uint8)
    drawn = rgb(laid_over.over(grey, view(values, box, box), width=200))
    changed = np.any(np.abs(drawn - 100) > 5, axis=2)[10:90, 60:140]
    assert changed[41:80, 41:80].all()
    assert not changed[:39].any()
    assert not changed[:, :39].any()


def test_what_the_network_does_not_see_is_dimmed() -> None:
    """Outside the window the picture is darker, inside it is as it was."""
    box = Box(0, 50, 100, 150)
    grey = np.full((100, 200, 3), 100, np.uint8)
    drawn = rgb(laid_over.over(grey, view(np.zeros((2, 2), np.float32), box, box), width=200))
    assert (drawn[:, :49] == 35).all()
    assert (drawn[:, 51:149] == 100).all()


def test_full_strength_is_the_map_alone() -> None:
    """At 1 nothing of the picture is left where the units are."""
    values = np.array([[1.0, 0.0]], np.float32)
    box = Box(0, 0, 100, 200)
    one, other = (
        rgb(laid_over.over(np.full((100, 200, 3), each, np.uint8), view(values, box, box),
                           strength=1.0, width=200))
        for each in (0, 255)
    )  # fmt: skip
    assert np.array_equal(one, other)


def test_random_weights_stand_on_the_picture() -> None:
    """A band of words is added below."""
    random = NetworkUse("net", "Net", "random", "Random weights", random=True, device="cpu")
    box = Box(0, 0, 100, 200)
    grey = np.full((100, 200, 3), 100, np.uint8)
    found = view(np.zeros((2, 2), np.float32), box, box, random)
    drawn = rgb(laid_over.over(grey, found, width=200))
    assert drawn.shape[0] > 100
    assert tuple(drawn[-1, 0]) == (180, 83, 9)


def test_a_part_is_cut_out_in_whole_pixels() -> None:
    """Two by two pixels become squares; what lies outside the picture is grey."""
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[0, 0] = (250, 0, 0)
    part = rgb(laid_over.cut_out(picture, Box(-1, -1, 1, 1), side=20))
    assert part.shape == (20, 20, 3)
    assert (part[10:, 10:] == (250, 0, 0)).all()
    assert (part[:10] == 128).all()
