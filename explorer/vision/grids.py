"""The units of a row: which elements of its tensor stand at one place of the picture.

No torch here. A map has its positions along two dimensions, tokens have them in one, behind a
class token perhaps, and Swin's windows have cut them into digits. What a trace knows of a tensor's
dimensions (`Field.layout`) puts all of them back on the grid they came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from explorer.anatomy.layouts import LOOSE, is_plain, places, size

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field
    from explorer.anatomy.layouts import Dim, Factor

Indices: TypeAlias = tuple[tuple[int, ...], ...]


def grid(field: Field) -> tuple[int, int] | None:
    """Return the rows and columns of units of a tensor; None where it has no such grid.

    A single unit is a grid only in a map (N, C, 1, 1): pooled vectors and scores have none.
    """
    if len(field.axes) != 2 or any(axis.local is None for axis in field.axes):
        return None
    if not all(_complete(field, axis) for axis in range(2)):
        return None
    height, width = (axis.positions for axis in field.axes)
    is_map = len(field.layout) == 4 and field.shape[2:] == (height, width)
    return (height, width) if height * width > 1 or is_map else None


def unit(field: Field, y: int, x: int) -> Indices:
    """Return the elements of the unit in row y, column x: the indices along each dimension.

    The unit is all their combinations: every channel at that place.
    """
    return tuple(tuple(_matching(dim, {0: y, 1: x})) for dim in field.layout)


def channels(field: Field) -> int:
    """Return how many elements a unit has."""
    count = 1
    for indices in unit(field, 0, 0):
        count *= len(indices)
    return count


def _complete(field: Field, axis: int) -> bool:
    """Whether the digits of an axis' index, wherever they stand, make up each position once."""
    positions = field.axes[axis].positions
    digits = sorted((factor for _, factor in places(field.layout, axis)), key=_spacing)
    if any(len(factor.axes) != 1 for factor in digits):
        return False  # one index runs through a list of places, of no grid
    reached = 1
    for factor in digits:
        if factor.extent > 1 and factor.spacing != reached:
            return False
        reached *= factor.extent
    return reached == positions


def _spacing(factor: Factor) -> int:
    return factor.spacing


def _matching(dim: Dim, wanted: Mapping[int, int]) -> list[int]:
    """The indices along a dimension at which its digits are those of the wanted positions."""
    found = [0]
    for factor in dim:
        digits = _digits(factor, wanted)
        found = [before * factor.extent + digit for before in found for digit in digits]
    return found


def _digits(factor: Factor, wanted: Mapping[int, int]) -> Iterable[int]:
    if factor.parts:
        start = 0
        for part in factor.parts:
            if not is_plain(part):
                return [start + each for each in _matching(part, wanted)]
            start += size(part)
    if not factor.axes or factor.axes == LOOSE:
        return range(factor.extent)
    return [wanted[factor.axes[0]] // factor.spacing % factor.extent]
