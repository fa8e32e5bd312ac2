"""Pictures shrunk until their pixels can be counted. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.pictures.pixels import pixels

if TYPE_CHECKING:
    from explorer.convolution.records import Array
    from explorer.pictures.records import Picture


def shrink(picture: Picture, side: int, *, grey: bool) -> Array:
    """Return a picture as (1 or 3, H, W) of values in 0 to 1, its longer side `side` pixels.

    Grey is Pillow's luma: 0.299 red, 0.587 green, 0.114 blue. Antialiased (a box over each pixel).
    """
    image = Image.fromarray(pixels(picture))
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("L" if grey else "RGB").resize(size, Image.Resampling.BOX)
    values = np.asarray(small, dtype=np.float64) / 255.0
    return values[None] if grey else np.moveaxis(values, 2, 0)
