"""Whether a layer fits what reaches it, and what shape leaves it. No torch here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from explorer.errors import BadDesign

if TYPE_CHECKING:
    from explorer.blocks.parts import Padding, Pair

Shape: TypeAlias = tuple[int, ...]


class Vector(tuple[int, ...]):
    """The shape of a flattened map, which remembers what the map was."""

    was: Shape


def spelled(padding: Padding, kernel: Pair, dilation: int) -> Pair:
    """Padding as numbers. Raises BadDesign for "same" with an even kernel, and below 0."""
    if padding != "same":
        if min(padding) < 0:
            raise BadDesign("Padding cannot be negative; take 0 or more.")
        return padding
    if any(dilation * (side - 1) % 2 for side in kernel):
        raise BadDesign(
            "Padding on both sides keeps the size of kernels with an odd side only; "
            "give the padding as a number."
        )
    return dilation * (kernel[0] - 1) // 2, dilation * (kernel[1] - 1) // 2


def slid(shape: Shape, kernel: Pair, stride: int, padding: Pair, dilation: int) -> tuple[int, ...]:
    """Height and width behind a sliding window. Raises BadDesign where it does not fit."""
    out = []
    for side, k, p in zip(shape[1:], kernel, padding, strict=True):
        reach = dilation * (k - 1) + 1
        if reach > side + 2 * p:
            dilated = f", {reach} wide with its gaps," if dilation > 1 else ""
            raise BadDesign(
                f"The kernel of {k}{dilated} is larger than the padded input of {side + 2 * p}; "
                "take a smaller kernel, more padding or a larger input."
            )
        out.append((side + 2 * p - reach) // stride + 1)
    return tuple(out)


def needs_map(what: str, shape: Shape) -> None:
    """Raise BadDesign unless a map arrives."""
    if len(shape) != 3:
        raise BadDesign(f"{what} needs a map, and a vector of {shape[0]:,} numbers arrives.")


def positive(**numbers: int) -> None:
    """Raise BadDesign for a number under 1, by its name."""
    for name, number in numbers.items():
        if number < 1:
            raise BadDesign(
                f"The number of {name} must be at least 1."
                if name.endswith("s")
                else f"The {name} must be at least 1."
            )


def positive_pair(name: str, pair: Pair) -> None:
    """Raise BadDesign where a side is under 1."""
    if min(pair) < 1:
        raise BadDesign(f"Both sides of the {name} must be at least 1.")


def size(shape: Shape) -> int:
    """How many numbers a shape holds."""
    return math.prod(shape)


def written(shape: Shape) -> str:
    """Write "400", or of a map and of what was one "800: 32 × 5 × 5"."""
    sides = shape.was if isinstance(shape, Vector) else shape
    numbers = f"{size(shape):,}"
    return numbers if len(sides) == 1 else f"{numbers}: {' × '.join(map(str, sides))}"
