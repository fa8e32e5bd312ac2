"""A network somebody designed: its input and the rows of its table. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.errors import BadDesign

if TYPE_CHECKING:
    from explorer.blocks.table import Row

LARGEST_SIDE = 1024
MOST_CHANNELS = 4096


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A designed network under a name: the shape (C, H, W) of its input, and its rows in order."""

    name: str
    shape: tuple[int, int, int]
    rows: tuple[Row, ...]


def checked_shape(channels: int, height: int, width: int) -> tuple[int, int, int]:
    """Return an input's shape. Raises BadDesign for one out of range."""
    if not (1 <= channels <= MOST_CHANNELS and 1 <= height <= LARGEST_SIDE >= width >= 1):
        raise BadDesign(
            f"An input has 1 to {MOST_CHANNELS} channels and sides of 1 to {LARGEST_SIDE} pixels, "
            f"not {channels} × {height} × {width}."
        )
    return channels, height, width
