"""Small sets of weights for 1x1 mixes, stamps and detectors, made up by hand. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.convolution.records import Array

DETECTORS = ("left − right", "top − bottom", "middle")
"""What the kernels of `detectors` answer to."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of a 1x1 convolution: a row for each channel out, written for red, green and blue."""

    name: str
    title: str
    sentence: str
    names: tuple[str, ...]
    rows: tuple[tuple[float, float, float], ...]

    def weights(self, channels: int) -> Array:
        """The weights (C_out, C_in) for an input of 1 to 3 channels; one channel gets the sums."""
        table: Array = np.array(self.rows)
        if channels == 1:
            table = table.sum(axis=1, keepdims=True)
        chosen: Array = table[:, :channels].copy()
        return chosen


MIXES = (
    Mix(
        "opponent",
        "Opponent colours",
        "Red against green, yellow against blue, and brightness: what the eye's nerve sends on.",
        ("red − green", "yellow − blue", "brightness"),
        ((1.0, -1.0, 0.0), (0.5, 0.5, -1.0), (1 / 3, 1 / 3, 1 / 3)),
    ),
    Mix(
        "grey",
        "Grey (3 channels to 1)",
        "Fewer channels out than in: the cheap way to make a volume thinner (luma of BT.601).",
        ("grey",),
        ((0.299, 0.587, 0.114),),
    ),
    Mix(
        "sepia",
        "Sepia",
        "Each colour out is a mean of all colours in, in other proportions.",
        ("red", "green", "blue"),
        ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131)),
    ),
    Mix(
        "swap",
        "Swap red and blue",
        "A permutation is a mix too.",
        ("red", "green", "blue"),
        ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    ),
)


def named(name: str) -> Mix:
    """Return the mix of this name. Raises `BadRequest`."""
    for mix in MIXES:
        if mix.name == name:
            return mix
    known = ", ".join(each.name for each in MIXES)
    raise BadRequest(f"There is no mix {name[:40]!r}; there are {known}.")


def stamp(name: str, side: int) -> Array:
    """Draw a kernel to stamp with: "ones", "gauss" (a tent, bilinear) or "count" (1, 2, 3, …)."""
    if name == "ones":
        return np.ones((side, side))
    if name == "count":
        return np.arange(1.0, side * side + 1).reshape(side, side)
    if name == "gauss":
        half = (side + 1) / 2
        tent = 1 - np.abs(np.arange(side) - (side - 1) / 2) / half
        return np.outer(tent, tent)
    raise BadRequest(f"There is no stamp {name[:40]!r}; there are ones, gauss and count.")


def detectors(side: int) -> Array:
    """Three kernels (3, 1, side, side): left against right, top against bottom, the middle."""
    ramp = np.sign(np.arange(side) - (side - 1) / 2)
    across = np.tile(-ramp, (side, 1))
    middle = np.zeros((side, side))
    inner = slice((side - 1) // 2, side // 2 + 1)
    middle[inner, inner] = 1.0
    return np.stack([across, across.T, middle])[:, None]
