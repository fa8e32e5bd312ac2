"""Which rows of a network have units on a grid, what each unit sees, and which lie on its way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from explorer.anatomy.execution import like_on_meta
from explorer.anatomy.following import field_after
from explorer.anatomy.forward import left_untouched
from explorer.anatomy.groups import is_module_call
from explorer.anatomy.rows import Told
from explorer.anatomy.trace import Tracer, recording
from explorer.errors import BadRequest
from explorer.vision.field_records import FieldRow, FieldRows
from explorer.vision.grids import grid
from explorer.vision.loading import load

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field
    from explorer.anatomy.records import Layer
    from explorer.vision.loaded import LoadedModel

FEWEST, MOST = 12, 20
"""Rows of a curve along the network: more are thinned out, though not below the fewest."""
STILL = frozenset({"dropout", "flatten", "identity", "pad", "permute", "reshape", "transpose"})
"""Kinds of rows that only carry on or move what is there: no step of the curve."""

_known: WeakKeyDictionary[LoadedModel, FieldRows] = WeakKeyDictionary()


def field_rows(name: str, weights: str | None = None) -> FieldRows:
    """Say which rows of a classifier have units, and what each of them sees.

    Raises what `loading.load` does, and BadRequest for a network without such rows.
    """
    return of_loaded(load(name, weights))


def of_loaded(model: LoadedModel) -> FieldRows:
    """Say it of a network that is loaded, at the size of its preprocessing."""
    found = _known.get(model)
    if found is None:
        channels = len(model.preprocessing.mean)
        with model.borrowed() as network:
            rows = rows_of(network, torch.empty(1, channels, *model.preprocessing.crop))
        reached = tuple(each for each in rows if each.name in model.taps.places)
        if not reached:
            raise BadRequest(
                f"No layer of {model.card.title} keeps places of the picture, so there is no "
                "field to look at; choose a convolutional network."
            )
        found = _known[model] = FieldRows(model.use, model.preprocessing, reached)
    return found


def rows_of(network: nn.Module, x: Tensor) -> tuple[FieldRow, ...]:
    """Run a network once, without numbers, and return its rows that have units on a grid.

    Only the shape (1, C, H, W) of `x` matters. The network is left as it was.
    """
    with left_untouched(network):
        tracer = Tracer(network)
        watched = tracer.watch_input(like_on_meta(x))
        with recording(tracer):
            network(watched)
        told = Told(tracer)
        fields = _fields(tracer, told)
        tracer.calls.clear()
    with_units = [each for each in told.layers if each.name in fields and grid(fields[each.name])]
    main = {each.name for each in main_path(told.layers, with_units, fields)}
    return tuple(_row(each, fields[each.name], each.name in main) for each in with_units)


def main_path(
    layers: Sequence[Layer], with_units: Sequence[Layer], fields: dict[str, Field]
) -> list[Layer]:
    """Return the rows that every path from input to output runs through, at most 20 of them.

    Of neighbours in one module that see the same (convolution, norm, activation) the last stays;
    where many remain, the last of each block does.
    """
    ways = _bottlenecks(layers)
    steps = [
        each
        for each in with_units
        if each.index in ways
        and each.kind.lower() not in STILL
        and each.receptive_field.size != (1, 1)
    ] or list(with_units[-1:])
    found = [one for one, after in pairwise(steps) if not _same(one, after, fields)] + steps[-1:]
    depth = max((each.name.count(".") for each in found), default=0)
    while len(found) > MOST and depth > 0:
        blocks = {_prefix(each.name, depth): each for each in found}
        if len(blocks) < FEWEST:
            break
        found, depth = list(blocks.values()), depth - 1
    return _thinned(found)


def _fields(tracer: Tracer, told: Told) -> dict[str, Field]:
    """What each row's output saw when the row had run, whatever was written into it later."""
    ends = {call.frame: call.index for call in tracer.calls}
    found = {}
    for layer in told.layers:
        ref = told.results.get(layer.name)
        if ref is None:
            continue
        principal = told.principals[layer.name]
        last = ends[principal.frame] if is_module_call(layer) else principal.index
        field = field_after(ref, last)
        if field is not None:
            found[layer.name] = field
    return found


def _row(layer: Layer, field: Field, main: bool) -> FieldRow:
    units = grid(field)
    assert units is not None
    height, width = units
    down, across = field.pixels
    return FieldRow(
        layer.name, layer.kind, layer.output, height, width, (down, across), field,
        layer.receptive_field, main,
    )  # fmt: skip


def _bottlenecks(layers: Sequence[Layer]) -> set[int]:
    """Indices of the rows that no connection passes by."""
    furthest = dict.fromkeys(range(-1, len(layers)), -1)
    for layer in layers:
        for source in layer.sources:
            furthest[source] = max(furthest[source], layer.index)
    found, reached = set(), furthest[-1]
    for layer in layers:
        if layer.ran and reached <= layer.index and layer.sources:
            found.add(layer.index)
        reached = max(reached, furthest[layer.index])
    return found


def _same(one: Layer, other: Layer, fields: dict[str, Field]) -> bool:
    """Whether two rows of one module see the same with the same units."""
    first, second = fields[one.name], fields[other.name]
    alike = first.axes == second.axes and grid(first) == grid(second)
    return alike and _module(one) == _module(other)


def _module(layer: Layer) -> str:
    """The module around a row."""
    return layer.path.rpartition(".")[0] if is_module_call(layer) else layer.path


def _prefix(name: str, depth: int) -> str:
    return ".".join(name.split(".")[:depth])


def _thinned(found: list[Layer]) -> list[Layer]:
    """At most as many as a curve shows, evenly chosen, the first and the last among them."""
    if len(found) <= MOST:
        return found
    step = (len(found) - 1) / (MOST - 1)
    return [found[round(number * step)] for number in range(MOST)]
