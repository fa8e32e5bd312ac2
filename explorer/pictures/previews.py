"""Accepted pictures at the size a page shows them, as files a browser reads. No torch here."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from explorer.pictures.pixels import pixels

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

DENSITY = 2
"""Pixels of a sharp screen for each one of the page's."""
_SMALL = 40_000
"""Up to so many pixels a picture is shown as PNG; a larger one as a JPEG of high quality."""
_REMEMBERED = 128

_files: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
_lock = threading.Lock()


def square(picture: Picture, side: int) -> bytes:
    """Return the picture's middle, for a square of `side` page pixels."""
    sharp = (DENSITY * side, DENSITY * side)
    return _remembered(
        picture, "square", side, lambda image: ImageOps.fit(image, sharp, Image.Resampling.LANCZOS)
    )


def wide(picture: Picture, width: int) -> bytes:
    """Return the whole picture, for a space `width` page pixels wide.

    A large one is scaled down, antialiased; each pixel of a small one becomes a square of whole
    size, so that it stays what it is.
    """
    return _remembered(picture, "wide", width, lambda image: _fitted(image, width))


def _fitted(image: Image.Image, width: int) -> Image.Image:
    most = DENSITY * width
    if image.width > most:
        height = max(1, round(image.height * most / image.width))
        return image.resize((most, height), Image.Resampling.LANCZOS)
    times = max(1, width // image.width)
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def _remembered(
    picture: Picture, kind: str, size: int, draw: Callable[[Image.Image], Image.Image]
) -> bytes:
    key = (kind, picture.digest, size)
    with _lock:
        if (known := _files.get(key)) is not None:
            _files.move_to_end(key)
            return known
    image = Image.fromarray(pixels(picture))
    file = io.BytesIO()
    if image.width * image.height <= _SMALL:
        draw(image).save(file, "PNG")
    else:
        draw(image).save(file, "JPEG", quality=92, subsampling=0)
    with _lock:
        _files[key] = file.getvalue()
        while len(_files) > _REMEMBERED:
            _files.popitem(last=False)
    return file.getvalue()
