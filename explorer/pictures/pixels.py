"""The pixels of an accepted picture, as an array. No torch here."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

REMEMBERED_BYTES = 64 * 2**20
"""At most this much stays decoded: five pictures of four megapixels, or a gallery of small ones."""

_decoded: OrderedDict[str, npt.NDArray[np.uint8]] = OrderedDict()
_lock = threading.Lock()


def pixels(picture: Picture) -> npt.NDArray[np.uint8]:
    """Return the picture as `(H, W, 3)` uint8, RGB, read-only.

    Pictures looked at lately are remembered by their digest.
    """
    with _lock:
        if (known := _decoded.get(picture.digest)) is not None:
            _decoded.move_to_end(picture.digest)
            return known
    with Image.open(io.BytesIO(picture.png), formats=("PNG",)) as image:
        array = np.array(image.convert("RGB"))
    array.flags.writeable = False
    with _lock:
        _decoded[picture.digest] = array
        while sum(each.nbytes for each in _decoded.values()) > REMEMBERED_BYTES:
            _decoded.popitem(last=False)
    return array


def digest(rgb: npt.NDArray[np.uint8]) -> str:
    """Return the SHA-256 of an `(H, W, 3)` picture's height, width and RGB bytes, in hex."""
    height, width = rgb.shape[:2]
    size = height.to_bytes(8, "little") + width.to_bytes(8, "little")
    return hashlib.sha256(size + rgb.tobytes()).hexdigest()
