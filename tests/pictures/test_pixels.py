"""Opening an accepted picture: the same array for all, and nobody can change it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from explorer.pictures import pixels as module
from explorer.pictures.intake import accept
from explorer.pictures.pixels import digest, pixels
from tests.pictures.picture_files import saved, scene


def test_the_pixels_are_read_only_and_shared() -> None:
    """(H, W, 3) uint8; a second look costs nothing."""
    picture = accept(saved(scene(), "PNG"), "a.png")
    array = pixels(picture)
    assert (array.shape, array.dtype) == ((24, 40, 3), np.uint8)
    assert pixels(replace(picture, name="another")) is array
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0, 0] = 1


def test_the_digest_is_the_one_stated() -> None:
    """SHA-256 of height, width and the RGB bytes."""
    array = scene(3, 5)
    stated = hashlib.sha256(b"\3\0\0\0\0\0\0\0" + b"\5\0\0\0\0\0\0\0" + array.tobytes()).hexdigest()
    assert digest(array) == stated
    assert accept(saved(array, "PNG"), "a").digest == stated


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently looked at go first."""
    monkeypatch.setattr(module, "REMEMBERED_BYTES", 3 * 300)
    monkeypatch.setattr(module, "_decoded", type(module._decoded)())
    pictures = [
        accept(saved(np.full((10, 10, 3), value, np.uint8), "PNG"), "a") for value in range(4)
    ]
    arrays = [pixels(picture) for picture in pictures[:3]]
    assert pixels(pictures[0]) is arrays[0]
    pixels(pictures[3])
    assert pixels(pictures[0]) is arrays[0]
    assert pixels(pictures[1]) is not arrays[1]
    assert sum(each.nbytes for each in module._decoded.values()) <= 900
