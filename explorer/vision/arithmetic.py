"""The arithmetic of one unit: what it read, what that was multiplied by, and what came of it.

The numbers are those that the function behind the row was really given in the pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from explorer.errors import BadRequest
from explorer.pictures.pixels import pixels
from explorer.vision import passes, placement
from explorer.vision.activations import followers
from explorer.vision.arithmetic_records import Arithmetic, Edge, Step
from explorer.vision.arrangement import arrangement
from explorer.vision.laid_over import cut_out
from explorer.vision.loading import load
from explorer.vision.reading import READERS, bound, explained

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from explorer.anatomy.records import Layer, Shape
    from explorer.pictures.records import Picture
    from explorer.vision.loaded import LoadedModel
    from explorer.vision.reading import Read


def arithmetic(
    name: str,
    picture: Picture,
    layer: str,
    unit: tuple[int, int, int],
    *,
    weights: str | None = None,
) -> Arithmetic:
    """Take the number of one unit (channel, row, column) of a row apart, for a picture.

    Works for convolutions, poolings, averages over the whole map and linear layers. Raises
    BadRequest for another row or a unit there is not, and what `loading.load` raises.
    """
    loaded = load(name, weights)
    row = loaded.taps.layer(layer)
    placed = arrangement(row.output, loaded.taps.fields.get(row.name))
    _check(row, unit, (placed.channels, *placed.grid))
    index = placed.index(*unit)
    read = _reader(loaded, row)
    call = passes.called(loaded, picture, row.name)
    found = read(bound(call), index)
    found = _with_padding_mode(loaded, row, found)
    total, result, winner, contributions = _summed(found)
    seen = placement.seen_by(loaded, row.name, index, picture)
    return Arithmetic(
        use=loaded.use,
        layer=row.name,
        kind=row.kind,
        operation=found.operation,
        unit=unit,
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
        then=_then(loaded, picture, row, index),
        seen=seen,
        crop=b"" if seen is None else cut_out(pixels(picture), seen),
    )


def _reader(loaded: LoadedModel, row: Layer) -> Callable[[dict[str, Any], Shape], Read]:
    if not explained(loaded.taps, row):
        raise BadRequest(
            f"{row.name} ({row.kind}) is no single sum or maximum; choose a convolution, a "
            "pooling or a linear layer to see how a number comes about."
        )
    return READERS[row.op.removeprefix("aten.")]


def _check(row: Layer, unit: tuple[int, int, int], sizes: tuple[int, int, int]) -> None:
    for what, at, count in zip(("channels", "rows", "columns"), unit, sizes, strict=True):
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


def _summed(
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


def _then(loaded: LoadedModel, picture: Picture, row: Layer, index: Shape) -> tuple[Step, ...]:
    """What the rows behind made of the unit, as long as it keeps its place."""
    behind = followers(loaded.taps, row.name)
    found = passes.outputs(loaded, picture, [each.name for each in behind])
    return tuple(Step(each.name, each.kind, float(found[each.name][index])) for each in behind)
