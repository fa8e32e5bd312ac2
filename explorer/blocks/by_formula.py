"""What the formulas of a comparison say along one knob, and what a chain of kernels sees.

Nothing is built here, so that lines follow a slider at once; the real modules confirm them at some
points (`explorer.blocks.lab.curve`) and in the tests. No torch here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from explorer.blocks.lab_records import Line
from explorer.blocks.parts import Activate, Conv, DepthwiseConv

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.blocks.comparison import Comparison
    from explorer.blocks.parts import Part

MOST_VALUES = 80

Masks: TypeAlias = "tuple[NDArray[np.bool_], ...]"
"""What is seen behind each of a few layers."""


def along(
    comparison: Comparison, values: Mapping[str, Any], knob: str, low: float, high: float
) -> tuple[Line, ...]:
    """Weights and multiply-adds of every design by formula, while one knob goes from low to high.

    The other knobs stay as `values` says. A value for which a formula comes to nothing, such as
    a map smaller than its kernel, is left out.
    """
    turned = next(each for each in comparison.knobs if each.name == knob)
    found: dict[str, list[tuple[float, int, int]]] = {}
    for value in _between(low, high, float(turned.step)):
        whole = int(value) if turned.whole else value
        for design in comparison.designs({**values, knob: whole}):
            weights = int(design.weights.value(design.numbers))
            macs = int(design.macs.value(design.numbers))
            if weights > 0 and macs > 0:
                found.setdefault(design.key, []).append((value, weights, macs))
    return tuple(
        Line(key, *(tuple(column) for column in zip(*rows, strict=True)))
        for key, rows in found.items()
    )


def _between(low: float, high: float, step: float) -> list[float]:
    steps = round((high - low) / step)
    places = sorted({round(each) for each in np.geomspace(1, steps + 1, MOST_VALUES)})
    return [low + step * (place - 1) for place in places]


def seen(design: Sequence[Part]) -> Masks:
    """Which pixels one output sees behind each kernel of a chain, as (height, width) masks.

    Each mask is as large as the receptive field, so that a pixel between the taps of a dilated
    kernel is False. Empty for a design with strides, joins, or anything but kernels.
    """
    masks: list[NDArray[np.bool_]] = []
    mask = np.ones((1, 1), bool)
    for part in design:
        if isinstance(part, Activate):
            continue
        if not isinstance(part, (Conv, DepthwiseConv)) or part.stride != 1:
            return ()
        mask = _spread(mask, part.kernel, part.dilation)
        masks.append(mask)
    return tuple(masks)


def _spread(mask: NDArray[np.bool_], kernel: tuple[int, int], dilation: int) -> NDArray[np.bool_]:
    """What is seen through one more kernel: the mask, laid at every tap."""
    height, width = mask.shape
    wide = np.zeros((height + dilation * (kernel[0] - 1), width + dilation * (kernel[1] - 1)), bool)
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            top, left = row * dilation, column * dilation
            wide[top : top + height, left : left + width] |= mask
    return wide
