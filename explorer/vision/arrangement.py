"""Where channels, rows and columns stand in a tensor of any layout. No torch here.

A convolution's output is (N, C, H, W), a Swin block's (N, H, W, C), a ViT's (N, L, C) with a class
token before the L - 1 patches, an attention window's (windows, tokens, C), a flattened map's (N,
C H W). The receptive field that the anatomy follows through the network says of each dimension
which rows or columns of the picture run along it, so all of them are put back on one grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.anatomy.layouts import Factor, is_plain, size

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.anatomy.fields import Field
    from explorer.anatomy.layouts import Dim
    from explorer.anatomy.records import Shape


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a tensor of `shape` becomes maps (channels, height, width).

    Of each dimension the elements from `starts` on are taken, `taken` many; what is left out has
    no place on the grid. They are split into `extents` (its factors), of which `channel`, `row`
    and `column` name those that count channels, rows and columns, the outermost first.
    """

    shape: Shape
    starts: Shape
    taken: Shape
    extents: Shape
    channel: tuple[int, ...]
    row: tuple[int, ...]
    column: tuple[int, ...]

    @property
    def channels(self) -> int:
        """Number of maps."""
        return math.prod(self.extents[each] for each in self.channel)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of each map; (1, 1) for a vector."""
        height = math.prod(self.extents[each] for each in self.row)
        return height, math.prod(self.extents[each] for each in self.column)

    @property
    def left_out(self) -> int:
        """Elements along one dimension that have no place on the grid: a class token."""
        return sum(whole - part for whole, part in zip(self.shape, self.taken, strict=True))

    def maps(self, tensor: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Put a tensor's elements on the grid: (channels, height, width)."""
        stretch = tuple(
            slice(start, start + count)
            for start, count in zip(self.starts, self.taken, strict=True)
        )
        order = (*self.channel, *self.row, *self.column)
        split = tensor[stretch].reshape(self.extents).transpose(order)
        return np.ascontiguousarray(split.reshape(self.channels, *self.grid))

    def index(self, channel: int, y: int, x: int) -> Shape:
        """Index into the tensor of one unit of the maps."""
        digits = [0] * len(self.extents)
        for number, group in ((channel, self.channel), (y, self.row), (x, self.column)):
            rest = number
            for factor in reversed(group):
                rest, digits[factor] = divmod(rest, self.extents[factor])
        flat = 0
        for digit, extent in zip(digits, self.extents, strict=True):
            flat = flat * extent + digit
        place = np.unravel_index(flat, self.taken) if self.taken else ()
        return tuple(int(at) + start for at, start in zip(place, self.starts, strict=True))


def arrangement(shape: Shape, field: Field | None) -> Arrangement:
    """Say how a row's output becomes maps; without a field all of it counts as channels."""
    dims = field.layout if field is not None else tuple((Factor(each),) for each in shape)
    stretches = [_stretch(dim) for dim in dims]
    factors = [factor for _, dim in stretches for factor in dim]
    row = _along(factors, 0)
    column = _along(factors, 1)
    placed = {*row, *column}
    return Arrangement(
        shape=shape,
        starts=tuple(start for start, _ in stretches),
        taken=tuple(size(dim) for _, dim in stretches),
        extents=tuple(factor.extent for factor in factors),
        channel=tuple(each for each in range(len(factors)) if each not in placed),
        row=row,
        column=column,
    )


def _stretch(dim: Dim) -> tuple[int, Dim]:
    """Where a dimension's part with positions begins, and its factors."""
    if len(dim) != 1 or not dim[0].parts:
        return 0, dim
    start = 0
    for part in dim[0].parts:
        if not is_plain(part):
            return start, part
        start += size(part)
    return 0, dim


def _along(factors: list[Factor], axis: int) -> tuple[int, ...]:
    """The factors that are digits of an axis' position, the most significant first."""
    found = [number for number, factor in enumerate(factors) if factor.axes == (axis,)]
    return tuple(sorted(found, key=lambda number: -factors[number].spacing))
