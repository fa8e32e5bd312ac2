"""Layers whose output is a grid of positions over the picture, and how far they see. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.records import Layer, Status

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Shape


@dataclass(frozen=True, slots=True)
class Grid:
    """A layer whose output is a grid of positions with channels."""

    layer: Layer
    height: int
    width: int
    channels: int

    @property
    def single(self) -> bool:
        """Whether one position is left."""
        return self.height * self.width == 1


def grid(layer: Layer, picture: Shape) -> Grid | None:
    """The layer's output as a grid, channels first or last; None for tokens and windows.

    `picture` is the shape of the network's input.
    """
    output = layer.output
    if len(output) != max(4, len(picture)):
        return None
    field = layer.receptive_field.convolutional or layer.receptive_field
    steps = [each for each in field.stride[-2:] if each is not None]
    first = Grid(layer, output[-2], output[-1], output[1])
    last = Grid(layer, output[-3], output[-2], output[-1])
    if first.single:
        return first
    if layer.receptive_field.convolutional and not steps:
        return None  # its convolutions' positions are shuffled: windows of tokens
    if _covers(first, steps, picture):
        return first
    return last if len(steps) == 2 and _covers(last, steps, picture) else None


def grids(anatomy: Anatomy) -> list[Grid]:
    """Layers with a spatial output, without side branches that squeeze it to one position."""
    picture = anatomy.input_shapes[0]
    found = (grid(layer, picture) for layer in anatomy.layers if layer.ran)
    known = [each for each in found if each is not None]
    last = max((i for i, each in enumerate(known) if not each.single), default=-1)
    return [each for i, each in enumerate(known) if not each.single or i > last]


def extent(layer: Layer) -> int | None:
    """The larger side of a layer's receptive field over height and width, if known.

    Where global operations show a layer the whole input, that of its convolutional paths.
    """
    field = layer.receptive_field
    if field.status is Status.WHOLE_INPUT and field.convolutional is not None:
        field = field.convolutional
    sizes = [size for size in field.size[-2:] if size is not None]
    return max(sizes, default=None)


def widest(anatomy: Anatomy) -> Layer | None:
    """The grid of positions that sees most of the input; the last one, where several do.

    Not simply the last grid: that may belong to an auxiliary head which left the network early,
    or to what a detector cut out of its maps, which depends on the picture.
    """
    maps = [
        layer
        for layer in anatomy.layers
        if layer.ran and len(layer.output) in (4, 5) and layer.output[-1] * layer.output[-2] > 1
    ]
    return max(reversed(maps), key=_along_convolutions, default=None)


def sees(anatomy: Anatomy) -> tuple[str, str]:
    """How far the network sees at most, and against what, both in words."""
    layer = widest(anatomy)
    if layer is None:
        return "—", "no layer keeps a grid of positions"
    field = layer.receptive_field
    height, width = anatomy.input_shapes[0][-2:]
    if field.status is Status.WHOLE_INPUT:
        inner = field.convolutional
        return _all_of_it(inner.size if inner else ())
    sizes = field.size[-2:]
    if attends_after(layer, anatomy):
        return _all_of_it(sizes)
    if not sizes or None in sizes:
        return field.status.value, f"at {layer.name}"
    side = "≤ " if field.status is Status.UPPER_BOUND else ""
    text = f"{sizes[0]} px" if len(set(sizes)) == 1 else units.axes(sizes)
    return f"{side}{text}", f"at {layer.name}, of {height} × {width}"


def attends_after(layer: Layer, anatomy: Anatomy) -> bool:
    """Whether the grid of positions becomes a row of tokens that look at one another."""
    return any(
        each.ran and len(each.output) == 3 and each.receptive_field.status is Status.WHOLE_INPUT
        for each in anatomy.layers[layer.index + 1 :]
    )


def _along_convolutions(layer: Layer) -> int:
    """Pixels from side to side, along the convolutions where something sees everything."""
    field = layer.receptive_field.convolutional or layer.receptive_field
    return max((side or 0 for side in field.size[-2:]), default=0)


def _all_of_it(convolutions: Sequence[int | None]) -> tuple[str, str]:
    """What to say of a network in which some operation looks everywhere at once."""
    alone = f", {units.axes(convolutions[-2:])} by local operations alone" if convolutions else ""
    return "all of it", f"the whole input{alone}"


def _covers(found: Grid, steps: Sequence[float], picture: Shape) -> bool:
    """Whether the grid's positions, so many pixels apart, cover the picture about once.

    Where no stride is known, whether the grid has the picture's proportions.
    """
    places, sides = (found.height, found.width), picture[-2:]
    if len(steps) == 2:
        return all(
            0.4 * side <= number * step <= 1.25 * side + step
            for number, step, side in zip(places, steps, sides, strict=True)
        )
    return abs(places[0] * sides[1] - places[1] * sides[0]) <= max(sides)
