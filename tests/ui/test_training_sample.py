"""The fixed sample and the first filters, as a page shows them."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from explorer.training.records import Seen
from explorer.ui.training_inside import filter_sheet
from explorer.ui.training_sample import sheet, strip


def test_pictures_stand_one_below_the_other_in_one_file() -> None:
    """Pixel for pixel, for the page shows each by its place."""
    pictures = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)
    image = Image.open(io.BytesIO(base64.b64decode(strip(pictures))))
    assert np.array_equal(np.asarray(image), pictures.reshape(12, 5, 3))


def test_each_picture_says_what_the_network_makes_of_it() -> None:
    """A right one with a tick, a wrong one with what it should be; names are no markup."""
    told = Seen(7, np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]))
    said = sheet("QUJD", told, ("<cat>", "dog"))
    assert said.count("<figure") == 2
    assert said.count("QUJD") == 1, "the file is sent once"
    assert "✓ &lt;cat&gt; 90 %" in said
    assert "✗ &lt;cat&gt; 60 %" in said
    assert "is dog" in said
    assert "<cat>" not in said
    assert "background-position:0 100.0000%" in said, "the last one is at the end of the strip"


def test_filters_are_drawn_in_colour_or_by_sign() -> None:
    """Three channels as a picture, one by warm and cold colours, many by the first of them."""
    draw = np.random.default_rng(0).normal(size=(6, 3, 5, 5)).astype(np.float32)
    for channels in (1, 3, 2):
        image = Image.open(io.BytesIO(filter_sheet(draw[:, :channels])))
        assert image.format == "PNG"
        assert min(image.size) > 100
