"""Small pictures that differ as photographs do: soft spots of colour, drawn by a number."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from PIL import Image


def image(number: int, size: tuple[int, int] = (40, 40)) -> Image.Image:
    """A picture of its own for each number, `size` (width, height)."""
    spots = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
    return Image.fromarray(spots).resize(size, Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """A picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def painted(number: int, size: tuple[int, int] = (40, 40), kind: str = "PNG") -> bytes:
    """The file of a number's picture."""
    return encoded(image(number, size), kind)


def files(counts: Mapping[str, int], start: int = 0) -> dict[str, bytes]:
    """So many pictures in each folder, all of them different."""
    names = [f"{folder}/{n:03}.png" for folder, count in counts.items() for n in range(count)]
    return {name: painted(start + place) for place, name in enumerate(names)}


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file.getvalue()
