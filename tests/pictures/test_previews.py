"""Pictures as a page shows them: sharp, whole, and no larger than needed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.pictures import previews
from explorer.pictures.intake import accept
from tests.pictures.picture_files import saved, scene

if TYPE_CHECKING:
    from explorer.pictures.records import Picture


def opened(data: bytes) -> Image.Image:
    """The picture in a file."""
    return Image.open(io.BytesIO(data))


def of(array: np.ndarray) -> Picture:
    """An accepted picture of these pixels."""
    return accept(saved(array, "PNG"), "a.png")


def test_a_square_shows_the_middle() -> None:
    """Twice the page's pixels, for sharp screens; the sides are cut, not squeezed."""
    array = np.zeros((300, 500, 3), np.uint8)
    array[:, 100:400] = 255
    image = opened(previews.square(of(array), 96))
    assert image.size == (192, 192)
    assert np.asarray(image)[:, 3:-3].min() > 245


def test_a_large_picture_is_scaled_down() -> None:
    """To twice the width it is shown at, keeping its shape."""
    assert opened(previews.wide(of(scene(900, 1600)), 400)).size == (800, 450)


def test_a_small_picture_keeps_its_pixels() -> None:
    """Each becomes a square of whole size."""
    array = np.random.default_rng(0).integers(0, 255, (28, 28, 3), np.uint8)
    image = opened(previews.wide(of(array), 300))
    assert image.size == (280, 280)
    assert np.array_equal(np.asarray(image), array.repeat(10, axis=0).repeat(10, axis=1))


def test_one_in_between_is_left_to_the_browser() -> None:
    """Neither enlarged nor shrunk."""
    assert opened(previews.wide(of(scene(300, 451)), 640)).size == (451, 300)


def test_the_same_file_is_made_once() -> None:
    """For the same pixels and size."""
    one, other = of(scene(300, 451)), of(scene(300, 451))
    assert previews.wide(one, 200) is previews.wide(other, 200)
    assert previews.wide(one, 200) != previews.wide(one, 201)
    assert previews.wide(one, 200) != previews.square(one, 200)
