"""A picture with the part marked that a network sees. No torch here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from explorer.vision.stamp import stamped

if TYPE_CHECKING:
    from explorer.vision.records import Box

DIMMED = 0.45
"""How bright the rest of the picture stays."""
FRAME = (255, 255, 255)
_SMALL = 40_000
"""Up to so many pixels a picture is written as PNG, where each one matters; else as JPEG."""

Rgb = npt.NDArray[np.uint8]


def marked(picture: Rgb, window: Box, width: int, words: str = "") -> Rgb:
    """Return a picture (H, W, 3) about `width` pixels wide, what lies outside the window dimmed.

    A window that reaches over the border is shown whole: there the network sees black. `words`
    stand in a band below.
    """
    image, scale = _scaled(Image.fromarray(picture), width)
    left, top = round(window.left * scale[0]), round(window.top * scale[1])
    right, bottom = round(window.right * scale[0]), round(window.bottom * scale[1])
    around = (max(0, -left), max(0, -top))
    canvas = Image.new(
        "RGB",
        (max(right, image.width) + around[0], max(bottom, image.height) + around[1]),
    )
    canvas.paste(image.point(lambda value: round(DIMMED * value)), around)
    seen = image.crop((left, top, right, bottom))  # black where there is no picture
    canvas.paste(seen, (left + around[0], top + around[1]))
    frame = (left + around[0], top + around[1], right + around[0] - 1, bottom + around[1] - 1)
    if frame != (0, 0, canvas.width - 1, canvas.height - 1):
        ImageDraw.Draw(canvas).rectangle(frame, outline=FRAME, width=max(1, canvas.width // 350))
    return stamped(np.asarray(canvas), words)


def encoded(picture: Rgb) -> bytes:
    """Encode a picture for looking at: JPEG of high quality, PNG where it is small."""
    file = io.BytesIO()
    image = Image.fromarray(picture)
    if image.width * image.height <= _SMALL:
        image.save(file, "PNG")
    else:
        image.save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()


def _scaled(image: Image.Image, width: int) -> tuple[Image.Image, tuple[float, float]]:
    """Scale a large picture down, antialiased; pixels of a small one become whole squares."""
    if image.width > width:
        height = max(1, round(image.height * width / image.width))
        size, filter_ = (width, height), Image.Resampling.LANCZOS
    else:
        times = max(1, width // image.width)
        size, filter_ = (image.width * times, image.height * times), Image.Resampling.NEAREST
    return image.resize(size, filter_), (size[0] / image.width, size[1] / image.height)
