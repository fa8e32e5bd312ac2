"""Accepted pictures made of arrays, for tests of what looks at pictures."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.pictures import intake

if TYPE_CHECKING:
    from explorer.pictures.records import Picture


def picture(rgb: np.ndarray, name: str = "made.png") -> Picture:
    """The picture (H, W, 3) or grey (H, W) as the gate lets it through."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG")
    return intake.accept(file.getvalue(), name)


def noise(height: int, width: int, seed: int = 0) -> Picture:
    """A picture of random colours, which no resampling leaves alone."""
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return picture(values, f"noise_{height}x{width}_{seed}.png")


def beyond_the_gate(height: int, width: int) -> Picture:
    """A black picture of proportions that the gate would refuse."""
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    small = noise(1, 1)
    return replace(
        small, height=height, width=width, png=file.getvalue(), digest=f"{height}x{width}"
    )
