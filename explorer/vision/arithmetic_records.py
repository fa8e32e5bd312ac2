"""How one number of a network came about, in full. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.vision.activation_records import Floats
    from explorer.vision.records import Box, NetworkUse

Operation: TypeAlias = Literal["convolution", "linear", "maximum", "average"]


class Edge(IntEnum):
    """What a cell of a patch is: read from the map, or something that stands in for it."""

    INSIDE = 0
    ZERO = 1
    """Padding with zeros."""
    COPIED = 2
    """Padding with numbers of the map itself, mirrored, wrapped or repeated."""
    ABSENT = 3
    """Beyond the map and not counted at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A row behind the one looked at, and what it made of the unit."""

    layer: str
    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """All that the number of one unit of a convolution, pooling or linear `layer` is made of.

    It read `rows` and `columns` of its input (those of the map; padding lies outside) in the
    channels from `first_input` on: `patch` (channels, height, width), whose cells are what `edge`
    (height, width) says. A convolution or linear layer multiplied it by `kernel` and summed: per
    input channel `contributions`, altogether `total`, plus `bias`. An average divided `total` by
    `divisor`; a maximum took the cell `winner`. Sums are in float64, so `result` is as good as
    exact; `value` is what stands in the network's own tensor.
    """

    layer: str
    operation: Operation
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    first_input: int
    patch: Floats
    edge: npt.NDArray[np.uint8]
    kernel: Floats | None
    contributions: npt.NDArray[np.float64]
    total: float
    bias: float | None
    divisor: float | None
    winner: tuple[int, int] | None
    result: float
    value: float

    @property
    def difference(self) -> float:
        """How far the network's own number is from the sum in float64."""
        return self.value - self.result

    def products(self, channel: int) -> npt.NDArray[np.float64]:
        """Patch times kernel of one input channel, counted from `first_input`."""
        factors = 1.0 if self.kernel is None else self.kernel[channel].astype(np.float64)
        return np.asarray(self.patch[channel] * factors, np.float64)

    @property
    def strongest(self) -> tuple[int, ...]:
        """Input channels counted from `first_input`, the largest contribution first."""
        order = sorted(range(len(self.contributions)), key=lambda i: -abs(self.contributions[i]))
        return tuple(order)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a row, `place` (channel, row, column), its `value` and how that came about.

    `made` is the arithmetic of the row, or of the convolution, pooling or linear layer before it
    from which the unit came in its place through `then`: the rows behind that one, as far as the
    unit keeps its place. Where there is no such layer, `before` has what the row was given at
    this place. `seen` is the part of the picture that the unit saw, in its pixels, None where
    that is not known, and `crop` a PNG of it, b"" without.
    """

    use: NetworkUse
    layer: str
    kind: str
    place: tuple[int, int, int]
    value: float
    made: Arithmetic | None
    then: tuple[Step, ...]
    before: tuple[Step, ...]
    seen: Box | None
    crop: bytes
