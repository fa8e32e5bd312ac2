"""Pictures as PNG, and the words a picture carries on itself. No torch here."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

BAND = (180, 83, 9)
"""Background of the words: a dark amber that is read on any picture."""

Rgb = npt.NDArray[np.uint8]


def stamped(picture: Rgb, words: str) -> Rgb:
    """Return the picture (H, W, 3) with a band of words below it; without words, as it is.

    What random weights drew says so wherever the picture goes.
    """
    if not words:
        return picture
    width = picture.shape[1]
    font, lines = _fitted(words, width - 8)
    line = sum(font.getmetrics()) + 2
    band = Image.new("RGB", (width, line * len(lines) + 4), BAND)
    draw = ImageDraw.Draw(band)
    for number, text in enumerate(lines):
        draw.text((width / 2, 2 + line * number), text, fill="white", font=font, anchor="ma")
    return np.concatenate([picture, np.asarray(band)])


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3), (H, W, 4) or grey (H, W) as PNG, fast rather than small."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _fitted(words: str, width: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest readable font whose words fit the width, broken into lines if none does."""
    for size in (max(16, width // 40), 16, 14, 12, 11):
        if (font := _font(size)).getlength(words) <= width:
            return font, [words]
    return _font(10), _wrapped(words, _font(10), width)


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _wrapped(words: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
