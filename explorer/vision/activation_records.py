"""What a network made of a picture at one layer, as numbers. No torch here.

"Dead" is a channel that is above 0 nowhere on this very picture; it may live on another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer.errors import BadRequest
from explorer.vision.records import Box

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explorer.anatomy.records import Shape
    from explorer.vision.records import NetworkUse

    Floats: TypeAlias = npt.NDArray[np.float32]

Order: TypeAlias = Literal["channel", "activation"]
Scale: TypeAlias = Literal["channel", "together"]

ORDERS: dict[Order, str] = {
    "channel": "In order",
    "activation": "Strongest first",
}
"""How the channels of a sheet are sorted: by number, or by their mean, the largest first."""
SCALES: dict[Scale, str] = {
    "channel": "Each channel by itself",
    "together": "All together",
}
"""What full colour stands for: the largest magnitude of the channel, or of the whole layer."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the units of a map lie over a picture of `height` by `width` pixels.

    `box` holds the cells of all `rows` by `columns` units: each cell is one step of the layer
    high and wide, in the middle of what its unit sees.
    """

    box: Box
    rows: int
    columns: int
    height: int
    width: int

    def unit(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the unit at a place of the picture, in fractions; the nearest one."""
        down = (y * self.height - self.box.top) / (self.box.bottom - self.box.top)
        across = (x * self.width - self.box.left) / (self.box.right - self.box.left)
        return _cell(down, self.rows), _cell(across, self.columns)

    def cell(self, row: int, column: int) -> Box:
        """The cell of a unit, in fractions of the picture's height and width."""
        down = (self.box.bottom - self.box.top) / self.rows
        across = (self.box.right - self.box.left) / self.columns
        top, left = self.box.top + row * down, self.box.left + column * across
        return self.fraction(Box(top, left, top + down, left + across))

    def fraction(self, box: Box) -> Box:
        """A box in pixels of the picture, as fractions of its height and width."""
        return Box(
            box.top / self.height,
            box.left / self.width,
            box.bottom / self.height,
            box.right / self.width,
        )


@dataclass(frozen=True, slots=True)
class Activations:
    """All channels of one row of the anatomy for one picture: `values` (C, H, W), float32.

    `output` is the tensor's own shape. `window` is where the network's input lies in the picture,
    and `grid` where the units do; None for a vector, whose values are (C, 1, 1). `note` says in a
    sentence what is not shown, or "".
    """

    use: NetworkUse
    layer: str
    kind: str
    output: Shape
    values: Floats
    window: Box
    grid: Grid | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SheetGeometry:
    """Where each channel's tile stands on a sheet of `height` by `width` pixels.

    Tiles `tile` (height, width) pixels large stand in `columns`, `gap` pixels around each and
    `label` pixels for its number above; `channels` are those of this page, in their order.
    """

    height: int
    width: int
    columns: int
    tile: tuple[int, int]
    gap: int
    label: int
    channels: tuple[int, ...]

    @property
    def pitch(self) -> tuple[int, int]:
        """Pixels from one tile to the one below, and to the one beside it."""
        return self.tile[0] + self.label + self.gap, self.tile[1] + self.gap

    def channel_at(self, x: float, y: float) -> int | None:
        """The channel at a place in fractions of the sheet; None where no tile stands."""
        down, across = self.pitch
        row, column = int(y * self.height) // down, int(x * self.width) // across
        number = row * self.columns + column
        inside = column < self.columns and number < len(self.channels)
        return self.channels[number] if inside else None

    def box(self, channel: int) -> Box | None:
        """A channel's tile with its number, in fractions of the sheet; None if on another page."""
        if channel not in self.channels:
            return None
        row, column = divmod(self.channels.index(channel), self.columns)
        down, across = self.pitch
        top, left = self.gap / 2 + row * down, self.gap / 2 + column * across
        return Box(
            top / self.height,
            left / self.width,
            (top + down) / self.height,
            (left + across) / self.width,
        )

    @property
    def step(self) -> tuple[float, float]:
        """From one tile to the next, (x, y) in fractions of the sheet."""
        return self.pitch[1] / self.width, self.pitch[0] / self.height


@dataclass(frozen=True, slots=True)
class Sheet:
    """All channels of a layer, or one page of them, as one PNG.

    `shrunk` is how many pixels of a map became one of its tile, 1 where none was lost. `count` is
    the number of channels in all, `page` counts from 0. `telling` is the channel whose values
    differ most, or the largest of single numbers.
    """

    use: NetworkUse
    layer: str
    kind: str
    output: Shape
    grid: tuple[int, int]
    png: bytes
    geometry: SheetGeometry
    count: int
    page: int
    pages: int
    lowest: float
    highest: float
    dead: int
    telling: int
    shrunk: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel of a layer: `values` (H, W), and where they lie over the picture."""

    use: NetworkUse
    layer: str
    kind: str
    output: Shape
    channel: int
    channels: int
    values: Floats
    grid: Grid | None
    window: Box
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Statistics:
    """The values of a tensor or a channel: how many there are, and how they are spread.

    `zeros` is the share that is exactly 0, `spread` the standard deviation.
    """

    count: int
    lowest: float
    highest: float
    mean: float
    spread: float
    zeros: float


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """One row of the anatomy for one picture: `dead` of its `channels` are above 0 nowhere."""

    index: int
    layer: str
    kind: str
    output: Shape
    channels: int
    dead: int
    values: Statistics


@dataclass(frozen=True, slots=True)
class Along:
    """Statistics of every row of a network for one picture, in the order they ran."""

    use: NetworkUse
    layers: tuple[LayerStatistics, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """The kernels of a convolution, `values` (outputs, inputs of a group, height, width).

    `first` says that its input is the picture itself, whose channels are colours.
    """

    use: NetworkUse
    layer: str
    kind: str
    values: Floats
    groups: int
    first: bool


@dataclass(frozen=True, slots=True)
class FilterSheet:
    """The kernels of a convolution as one PNG, of one input channel or in colour.

    `inputs` is the number of input channels that each kernel has, `page` counts from 0.
    """

    use: NetworkUse
    layer: str
    kind: str
    png: bytes
    geometry: SheetGeometry
    kernel: tuple[int, int]
    outputs: int
    inputs: int
    groups: int
    first: bool
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the anatomy whose tensor can be looked at: `channels` maps of `grid` units.

    `explained` says whether the arithmetic of a unit can be taken apart, `filtered` whether it
    has filters.
    """

    index: int
    layer: str
    kind: str
    output: Shape
    channels: int
    grid: tuple[int, int]
    explained: bool
    filtered: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a network that can be looked at, in the order they ran.

    `start` is the one shown until another is chosen, `reason` a sentence why.
    """

    use: NetworkUse
    rows: tuple[Row, ...]
    start: str
    reason: str

    def row(self, layer: str) -> Row:
        """Look up a row. Raises BadRequest, which names one that there is."""
        for each in self.rows:
            if each.layer == layer:
                return each
        raise BadRequest(
            f"{self.use.title} has no layer {layer[:60]!r} to look into; choose one of the "
            f"anatomy's, such as {self.start}."
        )


def _cell(fraction: float, count: int) -> int:
    return min(count - 1, max(0, int(fraction * count // 1)))
