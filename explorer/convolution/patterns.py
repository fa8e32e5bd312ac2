"""Small grids of whole numbers to slide a kernel over. No torch here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.convolution.records import Array

BRIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A grid by name; `draw` takes height, width and a number that makes noise differ."""

    name: str
    title: str
    draw: Callable[[int, int, int], Array]


def grid(name: str, channels: int, height: int, width: int) -> Array:
    """Draw a pattern as (C, H, W): the second channel is mirrored, the third upside down.

    Raises `BadRequest` for an unknown name.
    """
    for pattern in PATTERNS:
        if pattern.name == name:
            turned = (
                pattern.draw(height, width, 0),
                pattern.draw(height, width, 1)[:, ::-1],
                pattern.draw(height, width, 2)[::-1],
            )
            return np.stack([turned[channel % 3] for channel in range(channels)])
    known = ", ".join(each.name for each in PATTERNS)
    raise BadRequest(f"There is no pattern {name[:40]!r}; there are {known}.")


def _edge(h: int, w: int, _: int) -> Array:
    return np.tile(np.where(np.arange(w) < (w + 1) // 2, BRIGHT, 0.0), (h, 1))


def _stripes(h: int, w: int, _: int) -> Array:
    return np.tile(np.where(np.arange(w) % 2 == 0, BRIGHT, 0.0), (h, 1))


def _ramp(h: int, w: int, _: int) -> Array:
    return np.tile(np.arange(w, dtype=np.float64), (h, 1))


def _box(h: int, w: int, _: int) -> Array:
    field = np.zeros((h, w))
    field[h // 4 : h - h // 4, w // 4 : w - w // 4] = BRIGHT
    return field


def _point(h: int, w: int, _: int) -> Array:
    field = np.zeros((h, w))
    field[h // 2, w // 2] = 1.0
    return field


def _digit(h: int, w: int, _: int) -> Array:
    if min(h, w) < len(_SEVEN):
        return _small_seven(h, w)
    seven = np.array([[int(ink) for ink in row] for row in _SEVEN], dtype=np.float64)
    rows = np.arange(h) * len(_SEVEN) // h
    columns = np.arange(w) * len(_SEVEN[0]) // w
    return BRIGHT * seven[np.ix_(rows, columns)]


def _small_seven(h: int, w: int) -> Array:
    """A bar and a stroke from its right end: to leave rows out would break a thin stroke."""
    field = np.zeros((h, w))
    field[0] = BRIGHT
    stroke = np.rint(np.linspace(w - 1, (w - 1) / 4, h)).astype(int)
    field[np.arange(h), stroke] = BRIGHT
    return field


def _noise(h: int, w: int, channel: int) -> Array:
    return np.random.default_rng(channel).integers(0, 10, (h, w)).astype(np.float64)


_SEVEN = ("0000000", "0111110", "0000010", "0000100", "0001000", "0010000", "0000000")

PATTERNS = (
    Pattern("edge", "Upright edge", _edge),
    Pattern("stripes", "Stripes", _stripes),
    Pattern("ramp", "Ramp", _ramp),
    Pattern("box", "Bright box", _box),
    Pattern("digit", "A seven", _digit),
    Pattern("noise", "Noise", _noise),
    Pattern("point", "A single 1", _point),
)
