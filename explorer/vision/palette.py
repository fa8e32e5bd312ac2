"""The colours of maps, and the digits on a sheet, as numbers of one palette. No torch here.

0 is nearly black; above it colours get warm, below it cold, and both get lighter with magnitude,
so that the two are told apart with any colour blindness and in black and white by their sign's
hue or the legend.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from explorer.vision.stamp import BAND, stamped

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.vision.activation_records import Floats

    Indices = npt.NDArray[np.uint8]

ZERO = 111
"""The colour of 0; 2 * ZERO is the largest value's, 0 the most negative one's."""
GROUND = 224
"""The first of 16 shades from the ground of a sheet to the digits on it."""
TINY = np.float32(1e-30)
"""Divided by instead of 0 where a map is 0 all over."""
_BAND = 240
"""The first of 16 shades from the ground of a warning to its words."""
_SHADES = 16

_GROUND, _DIGITS = (28, 32, 40), (222, 224, 228)
_WARM = ((4, 5, 9), (88, 20, 60), (190, 48, 48), (244, 128, 40), (252, 206, 96), (255, 250, 222))
_COLD = ((4, 5, 9), (16, 44, 96), (24, 92, 160), (48, 150, 210), (128, 206, 236), (232, 250, 255))


def _ramp(colours: tuple[tuple[int, int, int], ...], count: int) -> npt.NDArray[np.float64]:
    """`count` colours evenly from the first to the last."""
    at = np.linspace(0, len(colours) - 1, count)
    anchors = np.array(colours, np.float64)
    return np.stack([np.interp(at, range(len(colours)), anchors[:, c]) for c in range(3)], 1)


def _palette() -> npt.NDArray[np.uint8]:
    colours = np.zeros((256, 3))
    colours[: ZERO + 1] = _ramp(_COLD, ZERO + 1)[::-1]
    colours[ZERO : 2 * ZERO + 1] = _ramp(_WARM, ZERO + 1)
    colours[GROUND : GROUND + _SHADES] = _ramp((_GROUND, _DIGITS), _SHADES)
    colours[_BAND : _BAND + _SHADES] = _ramp((BAND, (255, 255, 255)), _SHADES)
    return np.asarray(colours.round(), np.uint8)


COLOURS = _palette()
"""The colour of each number, (256, 3) uint8."""


def indices(scaled: Floats) -> Indices:
    """Colour numbers of values from -1 to 1; what is no number is drawn as 0."""
    scaled = np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=-1.0)
    return (ZERO * (1 + scaled) + 0.5).clip(0, 2 * ZERO).astype(np.uint8)


@lru_cache(maxsize=8192)
def written(number: int, size: int) -> Indices:
    """A number in digits of a font `size`, as colour numbers (size + 2, width)."""
    text = str(number)
    font = ImageFont.load_default(size)
    image = Image.new("L", (int(font.getlength(text)) + 2, size + 2), 0)
    ImageDraw.Draw(image).text((0, size), text, fill=255, font=font, anchor="ls")
    return np.asarray(np.asarray(image) // _SHADES + GROUND, np.uint8)


@lru_cache(maxsize=64)
def band(width: int, words: str) -> Indices:
    """The band that says a warning, as colour numbers (height, width)."""
    green = stamped(np.zeros((0, width, 3), np.uint8), words)[..., 1].astype(np.float64)
    shades = (green - BAND[1]) / (255 - BAND[1]) * (_SHADES - 1)
    return np.asarray(_BAND + shades.round().clip(0, _SHADES - 1), np.uint8)
