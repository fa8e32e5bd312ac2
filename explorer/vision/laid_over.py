"""One channel over the picture, each unit where it looks, and parts cut out. No torch here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.vision import palette
from explorer.vision.stamp import png, stamped

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.vision.activation_records import ChannelView
    from explorer.vision.records import Box

    Units = npt.NDArray[np.int64]

DIM = 0.35
"""Brightness of the part of a picture that the network does not see."""
LIGHTER = 0.5
"""How light the faintest colour over a picture is, as a share of the way to full colour."""


def over(
    picture: npt.NDArray[np.uint8], view: ChannelView, *, strength: float = 0.5, width: int = 720
) -> bytes:
    """Draw a channel over the picture (H, W, 3), `width` pixels wide, each unit where it looks.

    Up to a `strength` of a half colours cover as much as the value is far from 0; from there on
    more and more of everything, until at 1 the map alone is left. What the network does not see is
    dimmed.
    """
    height, wide = picture.shape[:2]
    tall = max(1, round(height * width / wide))
    # A few pixels are enlarged as squares: smoothed they would pretend to more than there is.
    how = Image.Resampling.NEAREST if width > 4 * wide else Image.Resampling.BICUBIC
    ground = np.asarray(Image.fromarray(picture).resize((width, tall), how))
    window = view.window
    down = (np.arange(tall) + 0.5) * height / tall
    across = (np.arange(width) + 0.5) * wide / width
    inside = ((down >= window.top) & (down < window.bottom))[:, None] & (
        (across >= window.left) & (across < window.right)
    )
    blended = ground.astype(np.float32) * np.where(inside, 1.0, DIM)[..., None]
    if view.grid is not None:
        rows = _units(down, view.grid.box.top, view.grid.box.bottom, view.grid.rows)
        columns = _units(across, view.grid.box.left, view.grid.box.right, view.grid.columns)
        peak = np.maximum(np.abs(view.values).max(), palette.TINY)
        part = view.values[np.ix_(rows.clip(0), columns.clip(0))] / peak
        there = inside & (rows >= 0)[:, None] & (columns >= 0)[None]
        opaque = max(0.0, 2 * strength - 1)
        cover = np.maximum(min(1.0, 2 * strength) * np.abs(part), opaque)
        cover = (cover * there)[..., None]
        # On a picture a dark colour says nothing: they begin lighter until the map stands alone.
        lighter = part + np.sign(part) * (1 - np.abs(part)) * LIGHTER * (1 - opaque)
        colours = palette.COLOURS[palette.indices(lighter)].astype(np.float32)
        blended = blended * (1 - cover) + colours * cover
    return png(stamped(blended.round().astype(np.uint8), view.use.warning))


def cut_out(picture: npt.NDArray[np.uint8], box: Box, side: int = 240) -> bytes:
    """Cut a part out of a picture (H, W, 3), its pixels enlarged to squares; outside it is grey."""
    top, left = math.floor(box.top), math.floor(box.left)
    bottom, right = max(top + 1, math.ceil(box.bottom)), max(left + 1, math.ceil(box.right))
    part = np.full((bottom - top, right - left, 3), 128, np.uint8)
    inner = picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    y, x = max(0, -top), max(0, -left)
    part[y : y + inner.shape[0], x : x + inner.shape[1]] = inner
    longest = max(part.shape[:2])
    if longest > side:
        size = (max(1, part.shape[1] * side // longest), max(1, part.shape[0] * side // longest))
        return png(np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BOX)))
    return png(part.repeat(side // longest, 0).repeat(side // longest, 1))


def _units(places: npt.NDArray[np.float64], start: float, stop: float, count: int) -> Units:
    """The unit over each place along one axis, -1 where there is none."""
    units = np.floor((places - start) / (stop - start) * count).astype(np.int64)
    return np.where((units >= 0) & (units < count), units, -1)
