"""One file in, and what is measured of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.collections.looking import EXACT_PIXELS, KEPT_PIXELS, see, thumbnail
from explorer.errors import BadPicture
from explorer.pictures.pixels import digest
from tests.collections.painted import encoded, image, painted


def framed(frame: tuple[int, int, int], middle: str = "black") -> bytes:
    """Twenty pixels a side, the outermost two of one colour."""
    picture = Image.new("RGB", (20, 20), frame)
    picture.paste(Image.new("RGB", (16, 16), middle), (2, 2))
    return encoded(picture)


def test_the_border_is_the_outermost_tenth() -> None:
    """Of twenty pixels two; the middle does not count."""
    assert see(framed((10, 20, 30))).traits.border == (10, 20, 30)
    assert see(framed((10, 20, 30))).traits.plain
    assert not see(painted(1)).traits.plain


def test_a_border_in_two_colours_is_not_plain() -> None:
    """Left half black, right half white: the mean is in between, (0 + 255) / 2."""
    picture = Image.new("RGB", (20, 20))
    picture.paste(Image.new("RGB", (10, 20), "white"), (10, 0))
    traits = see(encoded(picture)).traits
    assert (traits.border, traits.plain) == ((128, 128, 128), False)


def test_sizes_are_the_files_own_and_upright() -> None:
    """A shrunk one is still as large as it came, a turned one as it is seen."""
    seen = see(encoded(image(1, (1000, 800)), "JPEG"))
    assert (seen.width, seen.height) == (1000, 800)
    with Image.open(io.BytesIO(seen.file)) as kept:
        assert 0.98 * KEPT_PIXELS < kept.width * kept.height <= KEPT_PIXELS
        assert kept.format == "JPEG"
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = see(encoded(image(1, (60, 40)), "JPEG", exif=exif))
    assert (turned.width, turned.height) == (40, 60)


def test_small_pictures_are_exact() -> None:
    """Also what is transparent, over white; the digest is that of the pixels."""
    clear = encoded(Image.new("RGBA", (9, 7), (255, 0, 0, 0)))
    seen = see(clear)
    with Image.open(io.BytesIO(seen.file)) as kept:
        pixels = np.asarray(kept)
    assert pixels.shape == (7, 9, 3)
    assert (pixels == 255).all()
    assert seen.traits.digest == digest(pixels)
    assert EXACT_PIXELS < KEPT_PIXELS


def test_what_is_no_picture_is_said() -> None:
    """By the gate for pictures."""
    with pytest.raises(BadPicture, match="no picture the app can read"):
        see(b"words")


def test_thumbnails_show_the_middle() -> None:
    """Of three stripes the second; a small picture is made of whole squares."""
    stripes = np.zeros((10, 30, 3), np.uint8)
    stripes[:, 10:20] = 255
    drawn = Image.open(io.BytesIO(thumbnail(encoded(Image.fromarray(stripes)), 25)))
    assert drawn.size == (20, 20)
    assert np.asarray(drawn).min() == 255
    large = Image.open(io.BytesIO(thumbnail(encoded(image(3, (300, 200)), "JPEG"), 96)))
    assert large.size == (96, 96)
