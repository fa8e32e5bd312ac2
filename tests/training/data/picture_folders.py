"""Folders and zips of small pictures, painted for tests."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def encoded(shade: int, size: tuple[int, int] = (12, 10), mode: str = "RGB") -> bytes:
    """A PNG of one shade, `size` (width, height)."""
    file = io.BytesIO()
    Image.new(mode, size, shade if mode == "L" else (shade, 2 * shade % 256, 255 - shade)).save(
        file, "PNG"
    )
    return file.getvalue()


def files(
    counts: Mapping[str, int], size: tuple[int, int] = (12, 10), mode: str = "RGB"
) -> dict[str, bytes]:
    """So many pictures in each folder; no two of a class are alike."""
    return {
        f"{folder}/{number:03}.png": encoded(number, size, mode)
        for folder, count in counts.items()
        for number in range(count)
    }


def painted(
    root: Path, counts: Mapping[str, int], size: tuple[int, int] = (12, 10), mode: str = "RGB"
) -> Path:
    """The same as files in a folder."""
    for name, data in files(counts, size, mode).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return file.getvalue()


def noise(seed: int, size: tuple[int, int] = (32, 32)) -> bytes:
    """A JPEG of random colours."""
    rng = np.random.default_rng(seed)
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()
