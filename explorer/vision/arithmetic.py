"""The arithmetic of one unit: what it read, what that was multiplied by, and what came of it.

The numbers are those that the function behind the row was really given in the pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.vision import passes, placement
from explorer.vision.activations import ELEMENTWISE, followers
from explorer.vision.arithmetic_records import Arithmetic, Edge, Step, Unit
from explorer.vision.arrangement import arrangement
from explorer.vision.laid_over import cut_out
from explorer.vision.loading import load
from explorer.vision.reading import READERS, bound, explained

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.anatomy.records import Layer, Shape
    from explorer.pictures.records import Picture
    from explorer.vision.loaded import LoadedModel
    from explorer.vision.reading import Read
    from explorer.vision.taps import Taps


def unit(
    name: str,
    picture: Picture,
    layer: str,
    place: tuple[int, int, int],
    *,
    weights: str | None = None,
) -> Unit:
    """Look at one unit (channel, row, column) of any row, and take its number apart.

    The arithmetic is that of the row, or of the layer from which the unit came in its place
    through norms and activations. Raises BadRequest for a unit or row there is not, and what
    `loading.load` raises.
    """
    return unit_of(load(name, weights), picture, layer, place)


def unit_of(loaded: LoadedModel, picture: Picture, layer: str, place: tuple[int, int, int]) -> Unit:
    """Look at a unit of a network that is loaded; see `unit`."""
    row = loaded.taps.layer(layer)
    placed = arrangement(row.output, loaded.taps.fields.get(row.name))
    _check(row, place, (placed.channels, *placed.grid))
    index = placed.index(*place)
    origin = _origin(loaded.taps, row)
    behind = () if origin is None else followers(loaded.taps, origin.name)
    before = _given(loaded.taps, row) if origin is None else ()
    names = [row.name, *(each.name for each in (*behind, *before))]
    values = passes.outputs(loaded, picture, names)
    seen = placement.seen_by(loaded, row.name, index, picture)
    return Unit(
        use=loaded.use,
        layer=row.name,
        kind=row.kind,
        place=place,
        value=float(values[row.name][index]),
        made=None if origin is None else _made(loaded, picture, origin, index),
        then=tuple(Step(each.name, each.kind, float(values[each.name][index])) for each in behind),
        before=tuple(
            Step(each.name, each.kind, float(values[each.name][_spread(index, each.output)]))
            for each in before
        ),
        seen=seen,
        crop=b"" if seen is None else cut_out(pixels(picture), seen),
    )


def arithmetic(
    name: str,
    picture: Picture,
    layer: str,
    place: tuple[int, int, int],
    *,
    weights: str | None = None,
) -> Arithmetic:
    """Take apart the number of one unit of a convolution, pooling or linear layer.

    Raises BadRequest for another row, and what `unit` raises.
    """
    loaded = load(name, weights)
    row = loaded.taps.layer(layer)
    if not explained(loaded.taps, row):
        raise BadRequest(
            f"{row.name} ({row.kind}) is no single sum or maximum; choose a convolution, a "
            "pooling or a linear layer to see how a number comes about."
        )
    found = unit_of(loaded, picture, layer, place).made
    assert found is not None
    return found


def _origin(taps: Taps, row: Layer) -> Layer | None:
    """The row whose arithmetic made a unit: the row itself, or one it only passed through."""
    while not explained(taps, row):
        before = _given(taps, row)
        if len(row.sources) != 1 or [each.output for each in before] != [row.output]:
            return None
        row = before[0]
    return row


def _given(taps: Taps, row: Layer) -> tuple[Layer, ...]:
    """The rows from which a unit came in its place, or as one number for its whole channel."""
    if row.op.removeprefix("aten.") not in ELEMENTWISE:
        return ()
    rows = [taps.layers[source] for source in row.sources if source >= 0]
    return tuple(
        each
        for each in rows
        if each.name in taps.places
        and len(each.output) == len(row.output)
        and all(mine in (1, theirs) for mine, theirs in zip(each.output, row.output, strict=True))
    )


def _spread(index: Shape, shape: Shape) -> Shape:
    """The element that broadcasting gives for an index."""
    return tuple(at if count > 1 else 0 for at, count in zip(index, shape, strict=True))


def _made(loaded: LoadedModel, picture: Picture, row: Layer, index: Shape) -> Arithmetic:
    call = passes.called(loaded, picture, row.name)
    read = READERS[row.op.removeprefix("aten.")]
    found = _with_padding_mode(loaded, row, read(bound(call), index))
    total, result, winner, contributions = summed(found)
    return Arithmetic(
        layer=row.name,
        operation=found.operation,
        rows=tuple(found.rows),
        columns=tuple(found.columns),
        first_input=found.first_input,
        patch=found.patch,
        edge=found.edge,
        kernel=found.kernel,
        contributions=contributions,
        total=total,
        bias=found.bias,
        divisor=found.divisor,
        winner=winner,
        result=result,
        value=float(call.result[index]),
    )


def _check(row: Layer, place: tuple[int, int, int], sizes: tuple[int, int, int]) -> None:
    for what, at, count in zip(("channels", "rows", "columns"), place, sizes, strict=True):
        if not 0 <= at < count:
            raise BadRequest(f"{row.name} has the {what} 0 to {count - 1}, not {at}.")


def _with_padding_mode(loaded: LoadedModel, row: Layer, found: Read) -> Read:
    """Mark what a convolution padded by itself, mirrored or wrapped, before its main function."""
    with loaded.borrowed() as network:
        module = network.get_submodule(row.path) if row.path else network
    if not isinstance(module, nn.Conv2d) or module.padding_mode == "zeros":
        return found
    left, _, top, _ = module._reversed_padding_repeated_twice
    rows = [each - top for each in found.rows]
    columns = [each - left for each in found.columns]
    height, width = row.inputs[0][-2:]
    inside = np.outer(
        [0 <= each < height for each in rows], [0 <= each < width for each in columns]
    )
    edge = np.where(inside, Edge.INSIDE, Edge.COPIED).astype(np.uint8)
    return found._replace(rows=rows, columns=columns, edge=edge)


# --- what came of it


def summed(
    found: Read,
) -> tuple[float, float, tuple[int, int] | None, npt.NDArray[np.float64]]:
    """Sum, result, the winning cell, and the contribution of each input channel."""
    patch = found.patch.astype(np.float64)
    if found.operation == "maximum":
        open_ = np.where(found.edge == Edge.ABSENT, -np.inf, patch[0])
        row, column = np.unravel_index(int(open_.argmax()), open_.shape)
        best = float(open_[row, column])
        return best, best, (int(row), int(column)), np.array([best])
    products = patch if found.kernel is None else patch * found.kernel
    contributions = products.sum((1, 2))
    total = float(contributions.sum())
    if found.divisor is not None:
        return total, total / found.divisor, None, contributions
    return total, total + (found.bias or 0.0), None, contributions
