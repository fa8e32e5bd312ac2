"""The resolution each layer of a network works at. No torch here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from explorer.anatomy.grids import grids
from explorer.compare.records import HEAD, NEVER, TOKENS

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer


def levels(anatomy: Anatomy) -> tuple[int, ...]:
    """The level of every layer, in their order.

    A layer stands where its output stands. One without a map (a squeeze on a side branch, a
    flattened row in between) stands with the map before it; after the last map come tokens and
    the head.
    """
    maps = {each.layer.index: each for each in grids(anatomy)}
    height = anatomy.input_shapes[0][-2]
    last = max((index for index, each in maps.items() if not each.single), default=-1)
    here, found = 0, []
    for layer in anatomy.layers:
        if layer.index in maps and not maps[layer.index].single:
            here = _level(height, maps[layer.index].height)
        found.append(_of(layer, here, last))
    return tuple(found)


def title(level: int) -> str:
    """What a level is called: "1/8", "tokens", "head"."""
    named = {TOKENS: "tokens", HEAD: "head", NEVER: "never run"}
    return named.get(level) or f"1/{2**level}"


def _of(layer: Layer, here: int, last: int) -> int:
    if not layer.ran:
        return NEVER
    if layer.index <= last:
        return here
    tokens = len(layer.output) == 3 and layer.output[1] > 1
    return TOKENS if tokens else HEAD


def _level(whole: int, height: int) -> int:
    return max(0, round(math.log2(whole / height)))
