"""One untrusted file becomes a picture that can be kept, and what was measured of it. No torch."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from explorer.collections.likeness import hashed
from explorer.collections.records import Traits
from explorer.pictures import headers, intake
from explorer.pictures.pixels import digest

if TYPE_CHECKING:
    import numpy.typing as npt

KEPT_PIXELS = 500_000
"""700 x 700 is more than the zoo's networks read; larger pictures are shrunk to it."""
EXACT_PIXELS = 40_000
"""Up to so many a picture is kept as PNG, pixel by pixel; a larger one as JPEG."""
QUALITY = 95

_BORDER = 0.1
_PLAIN_STEPS, _PLAIN_SHARE = 12, 0.9


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture let in: its file as it is kept, its upright size as it came, its traits."""

    file: bytes
    width: int
    height: int
    traits: Traits


def see(data: bytes) -> Seen:
    """Decode a file upright as RGB and encode it anew, without metadata.

    Raises `BadPicture`, whose one sentence names the reason, and nothing else.
    """
    pixels = intake.rgb(data, KEPT_PIXELS)
    stored_height, stored_width, _ = intake.header(data)
    turned = (stored_height > stored_width) != (pixels.shape[0] > pixels.shape[1])
    width, height = (stored_height, stored_width) if turned else (stored_width, stored_height)
    image = Image.fromarray(pixels)
    border, plain = _border(pixels)
    kind = headers.kind(data)
    traits = Traits(
        digest=digest(pixels),
        hash=hashed(image),
        format=headers.title(kind) if kind else "",
        camera=intake.camera(data),
        border=border,
        plain=plain,
    )
    return Seen(_encoded(image), width, height, traits)


def _border(pixels: npt.NDArray[np.uint8]) -> tuple[tuple[int, int, int], bool]:
    """Mean colour of the outermost tenth, and whether nearly all of it is close to its median."""
    height, width = pixels.shape[:2]
    down, across = max(1, int(height * _BORDER)), max(1, int(width * _BORDER))
    inside = np.zeros((height, width), bool)
    inside[down : height - down, across : width - across] = True
    frame = pixels[~inside].astype(np.int64)
    far = np.abs(frame - np.median(frame, axis=0)).max(axis=1) > _PLAIN_STEPS
    red, green, blue = (round(each) for each in frame.mean(axis=0).tolist())
    return (red, green, blue), bool(far.mean() <= 1 - _PLAIN_SHARE)


def _encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    if image.width * image.height <= EXACT_PIXELS:
        image.save(file, "PNG")
    else:
        image.save(file, "JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()


def thumbnail(file: bytes, side: int) -> bytes:
    """Draw the middle of a kept picture as a square of `side` pixels, as networks crop it.

    Each pixel of a small picture becomes a square of whole size, so that it stays what it is.
    """
    with Image.open(io.BytesIO(file), formats=("PNG", "JPEG")) as image:
        short = min(image.size)
        exact = short * 2 <= side
        size = short * (side // short) if exact else side
        how = Image.Resampling.NEAREST if exact else Image.Resampling.LANCZOS
        square = ImageOps.fit(image.convert("RGB"), (size, size), how)
    drawn = io.BytesIO()
    if exact:
        square.save(drawn, "PNG")
    else:
        square.save(drawn, "JPEG", quality=85)
    return drawn.getvalue()
