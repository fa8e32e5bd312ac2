"""Which rows of a network are maps that a CAM can be made from, and which one is customary.

The customary one is the last map before it is pooled or flattened away (Selvaraju et al. 2017,
section 3). Two kinds of networks need a word more. Where a convolution makes one map per class
(SqueezeNet, network in network), that convolution is the classifier: a class's map alone would be
left, blank wherever its score is zero, so the row before it is taken. Where a class token
gathers everything (ViT), the other tokens no longer reach the output after the last attention, so
its input is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import torch
from torch import Tensor

from explorer import units
from explorer.anatomy.records import Layer, ReceptiveField, Shape, Status
from explorer.errors import BadRequest
from explorer.vision.attribution_records import CamLayer, CamLayers

if TYPE_CHECKING:
    from explorer.vision.taps import Taps

Layout: TypeAlias = Literal["maps", "channels last", "tokens"]

PASSED_ON = {"identity", "aten.dropout", "aten.dropout_"}
"""They compute nothing in evaluation."""
REARRANGED = {
    "aten.permute", "aten.reshape", "aten.swapaxes", "aten.transpose", "aten.contiguous",
    "aten.view", "aten.flatten", "aten.unflatten", "aten.squeeze", "aten.unsqueeze",
}  # fmt: skip

_MOST_OFF = 0.9
"""Rounding makes a map of an input that is not square longer or shorter by less than a place."""

LAST = "It is the last map before the network pools or flattens it away."
BEFORE_CLASSES = (
    "It is the last map before the classes' own maps, of which each knows one class only and is "
    "blank where its score is zero."
)
BEFORE_ATTENTION = (
    "It is what the last attention reads: behind it only the class token reaches the output."
)


@dataclass(frozen=True, slots=True)
class View:
    """How a row's output, of whatever layout, is seen as maps (N, C, H, W).

    `apart` is how many tokens before the grid belong to no place (the class token).
    """

    layout: Layout
    channels: int
    height: int
    width: int
    apart: int = 0

    def maps(self, x: Tensor) -> Tensor:
        """Return the maps (N, C, H, W) in a row's output."""
        if self.layout == "maps":
            return x
        if self.layout == "channels last":
            return x.permute(0, 3, 1, 2)
        grid = x[:, self.apart :].transpose(1, 2)
        return grid.reshape(x.shape[0], self.channels, self.height, self.width)

    def back(self, maps: Tensor, x: Tensor) -> Tensor:
        """Return the row's output again from its maps; other tokens are taken from `x`."""
        if self.layout == "maps":
            return maps
        if self.layout == "channels last":
            return maps.permute(0, 2, 3, 1)
        return torch.cat([x[:, : self.apart], maps.flatten(2).transpose(1, 2)], dim=1)


def view(layer: Layer, taps: Taps) -> View | None:
    """Say how a row's output is seen as maps; None where it is none of more than one place.

    A map's places lie on a grid over the input: windows and heads of an attention do not.
    """
    shape, field = layer.output, layer.receptive_field.convolutional or layer.receptive_field
    if not shape or shape[0] != 1 or None in field.stride or not field.stride:
        return None
    if len(shape) == 4:
        return _of_four(shape, taps.layers[0].inputs[0][-2:])
    if len(shape) == 3:
        side = math.isqrt(shape[1])
        apart = shape[1] - side * side
        return View("tokens", shape[2], side, side, apart) if side > 1 and apart <= 1 else None
    return None


def _of_four(shape: Shape, pixels: Shape) -> View | None:
    """The two sides that are in proportion to the input's are the map's, the last two at best."""
    _, one, two, three = shape
    for found in (View("maps", one, two, three), View("channels last", three, one, two)):
        off = abs(found.height * pixels[1] - found.width * pixels[0])
        if min(found.height, found.width) > 1 and off <= _MOST_OFF * max(pixels):
            return found
    return None


def layers(taps: Taps, classes: int) -> CamLayers:
    """Return all rows a CAM can be made from, in order, and the customary one.

    Raises BadRequest for a network that has no map at all.
    """
    reaching = _reaching_the_output(taps)
    maps = [
        (layer, seen)
        for layer in taps.layers
        if layer.index in reaching and layer.name in taps.places
        if layer.op not in PASSED_ON and not _rearranges_a_map(layer, taps)
        if (seen := view(layer, taps)) is not None
    ]
    reason, kept = LAST, maps
    attention = [layer.index for layer in taps.layers if _attends(layer)]
    if maps and maps[-1][1].apart and attention:
        reason, kept = BEFORE_ATTENTION, [each for each in maps if each[0].index < attention[-1]]
    if not kept:
        raise BadRequest("This network has no layer with a map, which a CAM is made from.")
    chosen = _customary(kept, reason)
    if reason == LAST and chosen[1].channels == classes:
        before = [each for each in kept if each[1].channels != classes]
        if before:
            reason, chosen = BEFORE_CLASSES, _customary(before, LAST)
    return CamLayers(tuple(_told(*each) for each in kept), chosen[0].name, reason)


def _reaching_the_output(taps: Taps) -> set[int]:
    """Indices of the rows that the network's output is computed from."""
    waiting = [max(layer.index for layer in taps.layers if layer.ran)]
    found: set[int] = set()
    while waiting:
        index = waiting.pop()
        if index >= 0 and index not in found:
            found.add(index)
            waiting.extend(taps.layers[index].sources)
    return found


def _rearranges_a_map(layer: Layer, taps: Taps) -> bool:
    """Whether the row before has the same numbers as a map, in another order."""
    before = [taps.layers[index] for index in layer.sources if index >= 0]
    return layer.op in REARRANGED and any(view(each, taps) is not None for each in before)


def _attends(layer: Layer) -> bool:
    return "attention" in layer.kind.lower() or "attention" in layer.op


def _customary(maps: list[tuple[Layer, View]], reason: str) -> tuple[Layer, View]:
    """The last row that does not merely pool; before an attention, the norm it reads."""
    if reason == BEFORE_ATTENTION:
        norms = [each for each in maps if "norm" in each[0].op]
        return (norms or maps)[-1]
    computed = [each for each in maps if "pool" not in each[0].op]
    return (computed or maps)[-1]


def _told(layer: Layer, seen: View) -> CamLayer:
    return CamLayer(
        layer.name, layer.kind, seen.channels, seen.height, seen.width, field_words(layer)
    )


def field_words(layer: Layer) -> str:
    """Say in words how much of the input one place of a row sees."""
    field = layer.receptive_field
    if field.status is Status.WHOLE_INPUT and field.convolutional is not None:
        own = _pixels(field.convolutional)
        return f"each place sees the whole input; along convolutions alone, {own}"
    if field.status is Status.WHOLE_INPUT:
        return "each place sees the whole input"
    if None in field.size:
        return "how much a place sees is unknown"
    at_most = "" if field.status is Status.EXACT else "at most "
    return f"each place sees {at_most}{_pixels(field)}"


def _pixels(field: ReceptiveField) -> str:
    return f"{units.axes(field.size)} pixels"
