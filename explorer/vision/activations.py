"""What a network made of a picture: the maps of any row, its filters, and statistics along it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.progress import silent
from explorer.vision import montage, passes
from explorer.vision.activation_records import (
    Activations,
    Along,
    ChannelView,
    Filters,
    FilterSheet,
    LayerStatistics,
    Row,
    Rows,
    Sheet,
    Statistics,
)
from explorer.vision.arrangement import Arrangement, arrangement
from explorer.vision.instrumented import Instrumented
from explorer.vision.loading import load
from explorer.vision.placement import grid_of
from explorer.vision.reading import explained

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.anatomy.records import Layer
    from explorer.pictures.records import Picture
    from explorer.progress import Progress
    from explorer.vision.activation_records import Floats, Order, Scale
    from explorer.vision.loaded import LoadedModel
    from explorer.vision.taps import Taps

ELEMENTWISE = (
    "batch_norm", "relu", "relu_", "hardtanh", "hardtanh_", "silu", "silu_", "hardswish",
    "hardswish_", "hardsigmoid", "sigmoid", "tanh", "gelu", "layer_norm", "dropout", "dropout_",
    "add", "add_", "mul", "identity",
)  # fmt: skip
"""Operators behind which a unit has the same place in the tensor."""
_ACTIVATIONS = ("relu", "tanh", "silu", "hardswish", "gelu", "sigmoid", "squash")


def activations(
    name: str, picture: Picture, layer: str | None = None, *, weights: str | None = None
) -> Activations:
    """Return all channels of one row of a classifier for a picture.

    Without a layer it is the one that `rows` puts first. Raises BadRequest for a row there is not,
    and what `explorer.vision.loading.load` raises.
    """
    loaded = load(name, weights)
    chosen = loaded.taps.layer(layer or _start(loaded.taps)[0])
    placed = _arranged(loaded, chosen)
    tensor = passes.outputs(loaded, picture, [chosen.name])[chosen.name]
    return Activations(
        use=loaded.use,
        layer=chosen.name,
        kind=chosen.kind,
        output=chosen.output,
        values=placed.maps(tensor),
        window=loaded.preprocessing.window(picture.height, picture.width),
        grid=grid_of(loaded, chosen.name, placed, picture),
        note=_note(loaded, chosen, placed),
    )


def sheet(
    name: str,
    picture: Picture,
    layer: str | None = None,
    *,
    weights: str | None = None,
    scale: Scale = "channel",
    order: Order = "channel",
    page: int = 0,
    holding: int | None = None,
) -> Sheet:
    """Return the channels of a row as one PNG, paged where there are many.

    `holding` asks for the page with this channel instead. Raises what `activations` raises.
    """
    found = activations(name, picture, layer, weights=weights)
    return montage.sheet(found, scale=scale, order=order, page=page, holding=holding)


def channel(
    name: str,
    picture: Picture,
    layer: str | None,
    number: int,
    *,
    weights: str | None = None,
) -> ChannelView:
    """Return one channel of a row. Raises BadRequest for a channel there is not."""
    found = activations(name, picture, layer, weights=weights)
    count = len(found.values)
    if not 0 <= number < count:
        raise BadRequest(f"{found.layer} has the channels 0 to {count - 1}, not {number}.")
    values = found.values[number].copy()
    return ChannelView(
        use=found.use,
        layer=found.layer,
        kind=found.kind,
        output=found.output,
        channel=number,
        channels=count,
        values=values,
        grid=found.grid,
        window=found.window,
        statistics=described(values),
    )


def statistics(
    name: str, picture: Picture, *, weights: str | None = None, progress: Progress = silent
) -> Along:
    """Return statistics of every row with numbers, from one pass; no tensor is kept."""
    loaded = load(name, weights)
    taps = loaded.taps
    rows = {layer.index: layer for layer in taps.layers if layer.name in taps.places}
    found: dict[int, LayerStatistics] = {}

    def noting(layer: Layer) -> Callable[..., None]:
        def note(module: nn.Module, args: object, output: Tensor) -> None:
            progress(len(found) / len(rows), f"Looking at {layer.name}")
            found[layer.index] = _summed_up(layer, _arranged(loaded, layer), output)

        return note

    with loaded.borrowed() as network, torch.inference_mode():
        watched = Instrumented(network, taps, [layer.name for layer in rows.values()])
        for probe, layer in zip(watched.probes, rows.values(), strict=True):
            probe.register_forward_hook(noting(layer))
        watched(passes.input_of(loaded, picture))
    return Along(loaded.use, tuple(found[index] for index in sorted(found)))


def filters(name: str, layer: str, *, weights: str | None = None) -> Filters:
    """Return the kernels of a convolution. Raises BadRequest for a row that has none."""
    loaded = load(name, weights)
    row = loaded.taps.layer(layer)
    with loaded.borrowed() as network:
        module = network.get_submodule(row.path) if row.op == "aten.conv2d" else None
    if not isinstance(module, nn.Conv2d):
        raise BadRequest(f"{row.name} is no convolution, so it has no filters to show.")
    kernels = passes.as_array(module.weight)
    first = row.sources == (-1,) and kernels.shape[1] == 3
    return Filters(loaded.use, row.name, row.kind, kernels, module.groups, first)


def filter_sheet(
    name: str, layer: str, *, weights: str | None = None, channel: int | None = None, page: int = 0
) -> FilterSheet:
    """Return the kernels of a convolution as one PNG; see `montage.filters`."""
    return montage.filters(filters(name, layer, weights=weights), channel, page)


def rows(name: str, *, weights: str | None = None) -> Rows:
    """Return the rows of a classifier that can be looked at, and the one to look at first.

    That is the activation behind the first convolution: its maps are still as fine as pictures.
    """
    loaded = load(name, weights)
    taps = loaded.taps
    first, reason = _start(taps)
    found = tuple(_row(loaded, each) for each in taps.layers if each.name in taps.places)
    return Rows(loaded.use, found, first, reason)


def followers(taps: Taps, layer: str) -> tuple[Layer, ...]:
    """The rows behind one that leave each unit at its place: its norm, activation, addition.

    They end where the result goes two ways or changes its shape.
    """
    found: list[Layer] = []
    row = taps.layer(layer)
    while True:
        after = [each for each in taps.layers if row.index in each.sources]
        if len(after) != 1 or after[0].output != row.output or len(found) == 8:
            return tuple(found)
        row = after[0]
        if row.name not in taps.places or row.op.removeprefix("aten.") not in ELEMENTWISE:
            return tuple(found)
        found.append(row)


def described(values: Floats) -> Statistics:
    """Sum up a tensor's values; where there are none, or some are no numbers, NaN."""
    wide = values.astype(np.float64, copy=False)
    return Statistics(
        count=values.size,
        lowest=float(values.min()),
        highest=float(values.max()),
        mean=float(wide.mean()),
        spread=float(wide.std()),
        zeros=float(np.count_nonzero(values == 0) / values.size),
    )


def _start(taps: Taps) -> tuple[str, str]:
    first = next((row for row in taps.layers if row.op == "aten.conv2d" and row.ran), None)
    if first is None:
        row = next(each for each in taps.layers if each.name in taps.places)
        return row.name, "It is the first row: this network has no convolution."
    for row in followers(taps, first.name):
        if any(word in f"{row.op} {row.kind}".lower() for word in _ACTIVATIONS):
            return row.name, (
                "The activation after the first convolution stands here first: its maps are as "
                "fine as pictures, and each shows where one kind of edge or colour was found."
            )
    return first.name, (
        "The first convolution stands here first: its filters look at the picture itself, and no "
        "activation follows it directly."
    )


def _row(loaded: LoadedModel, layer: Layer) -> Row:
    placed = _arranged(loaded, layer)
    return Row(
        index=layer.index,
        layer=layer.name,
        kind=layer.kind,
        output=layer.output,
        channels=placed.channels,
        grid=placed.grid,
        explained=explained(loaded.taps, layer),
        filtered=layer.op == "aten.conv2d" and layer.kind != "conv2d",
    )


def _arranged(loaded: LoadedModel, layer: Layer) -> Arrangement:
    return arrangement(layer.output, loaded.taps.fields.get(layer.name))


def _summed_up(layer: Layer, placed: Arrangement, output: Tensor) -> LayerStatistics:
    values = passes.as_array(output)
    highest = placed.maps(values).max((1, 2))
    return LayerStatistics(
        index=layer.index,
        layer=layer.name,
        kind=layer.kind,
        output=layer.output,
        channels=placed.channels,
        dead=int(np.count_nonzero(highest <= 0)),
        values=described(values),
    )


def _note(loaded: LoadedModel, layer: Layer, placed: Arrangement) -> str:
    """What is not to be seen on the maps, or why they are none."""
    if layer.name not in loaded.taps.fields:
        return "It does not depend on the picture: its numbers are the same for every one."
    if placed.left_out == 1:
        return (
            "The class token has no place on the picture and is left out; the others are "
            "put back on their grid."
        )
    if placed.left_out:
        return f"{placed.left_out} tokens have no place on the picture and are left out."
    if placed.grid == (1, 1):
        return "It has no rows and columns left: one number for each channel."
    if placed.channels == 1:
        return "It has a single channel."
    if len(placed.channel) > 1:
        return "Several dimensions are counted through as channels, such as heads and keys."
    return ""
