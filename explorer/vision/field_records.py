"""What a unit of a network can see, and what really moves it. No torch here.

Boxes are in pixels of the network's input, from its top left corner; `bottom` and `right` lie
just outside. `on_picture` carries them over to the picture the input was cut from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer.anatomy.sight import seen
from explorer.errors import BadRequest
from explorer.vision.grids import channels, unit
from explorer.vision.records import Box, NetworkUse, Preprocessing
from explorer.vision.spreads import Spread, sides

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explorer.anatomy.axes import Interval
    from explorer.anatomy.fields import Field
    from explorer.anatomy.records import ReceptiveField, Shape, Status

Unit: TypeAlias = tuple[int, int]
Over: TypeAlias = Literal["picture", "photographs", "noise"]
OVERS: tuple[Over, ...] = ("picture", "photographs", "noise")
"""What an effective field is averaged over: passes on one picture, several, or random inputs."""


@dataclass(frozen=True, slots=True)
class TheoreticalField:
    """Which input pixels a unit can see.

    `box` is clipped to the input, `unclipped` goes on past its borders; both are None where it is
    unknown. Where global operations let the unit see the whole input, `convolutional` is the
    unclipped extent along the paths without them.
    """

    status: Status
    box: Box | None
    unclipped: Box | None
    convolutional: Box | None
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether global operations let the unit see everything."""
        return self.convolutional is not None

    @property
    def sides(self) -> tuple[float, float] | None:
        """Height and width of the unclipped box."""
        return None if self.unclipped is None else sides(self.unclipped)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A row of the anatomy whose output has units on a grid, `height` by `width`.

    `field` says what each sees; `pixels` is the input's (H, W). Rows on the `main` path are those
    that a curve along the network shows.
    """

    name: str
    kind: str
    output: Shape
    height: int
    width: int
    pixels: tuple[int, int]
    field: Field
    receptive_field: ReceptiveField
    main: bool

    @property
    def channels(self) -> int:
        """How many numbers make up a unit."""
        return channels(self.field)

    def checked(self, y: int, x: int) -> Unit:
        """Return the unit if the row has it. Raises BadRequest with the rows and columns it has."""
        if not (0 <= y < self.height and 0 <= x < self.width):
            raise BadRequest(
                f"{self.name} has no unit in row {y}, column {x}; its rows go from 0 to "
                f"{self.height - 1} and its columns from 0 to {self.width - 1}."
            )
        return y, x

    def centre(self, y: int, x: int) -> tuple[float, float]:
        """Return the middle of what a unit sees along convolutions, (down, across) in pixels."""
        return self._middle(0, y), self._middle(1, x)

    def nearest(self, down: float, across: float) -> Unit:
        """Return the unit whose field's centre lies nearest to a point of the input.

        Where several see the same (a window of attention) it is the one that stands nearest.
        """
        return self._nearest(0, down), self._nearest(1, across)

    def cell(self, y: int, x: int) -> Box:
        """Return the part of the input that a unit stands for: as large as its units are apart.

        It lies around the field's centre; of units that see the same each has its own part.
        """
        top, bottom = self._cell(0, y)
        left, right = self._cell(1, x)
        return Box(top, left, bottom, right)

    def theoretical(self, y: int, x: int) -> TheoreticalField:
        """Return what a unit sees, exactly. Raises BadRequest for a unit that there is not."""
        self.checked(y, x)
        index = [each[0] for each in unit(self.field, y, x)]
        clipped = seen(self.field, index)
        record = self.receptive_field
        if clipped is None:
            return TheoreticalField(record.status, None, None, None, record.note)
        local = self._interval(0, y), self._interval(1, x)
        wide = [axis.wide is not None for axis in self.field.axes]
        ends = [each if each is not None else (0, -1) for each in clipped]
        return TheoreticalField(
            status=record.status,
            box=_box(*ends),
            unclipped=_box(
                *(end if w else mine for end, w, mine in zip(ends, wide, local, strict=True))
            ),
            convolutional=_box(*local) if any(wide) else None,
            note=record.note,
        )

    def _nearest(self, axis: int, pixel: float) -> int:
        def distance(position: int) -> tuple[float, float]:
            start, stop = self._cell(axis, position)
            return abs(self._middle(axis, position) - pixel), abs((start + stop) / 2 - pixel)

        return min(range(self.field.axes[axis].positions), key=distance)

    def _cell(self, axis: int, position: int) -> tuple[float, float]:
        count = self.field.axes[axis].positions
        apart, middle = self.pixels[axis] / count, self._middle(axis, position)
        local = self.field.axes[axis].local
        if local is not None and local.period == 1 and local.step:
            return middle - local.step / 2, middle + local.step / 2
        neighbours = (each for each in (position - 1, position + 1) if 0 <= each < count)
        if any(self._middle(axis, each) == middle for each in neighbours):
            return position * apart, (position + 1) * apart
        return middle - apart / 2, middle + apart / 2

    def _interval(self, axis: int, position: int) -> Interval:
        local = self.field.axes[axis].local
        assert local is not None
        first, last = local.interval(position)
        return (first, last) if first <= last else (0, -1)

    def _middle(self, axis: int, position: int) -> float:
        first, last = self._interval(axis, position)
        return (first + last + 1) / 2


@dataclass(frozen=True, slots=True)
class FieldRows:
    """The rows of a network that have units, in the order they run, and how it reads a picture."""

    use: NetworkUse
    preprocessing: Preprocessing
    rows: tuple[FieldRow, ...]

    @property
    def main(self) -> tuple[FieldRow, ...]:
        """The rows along the network's main path, from the input to the last map."""
        return tuple(each for each in self.rows if each.main)

    def row(self, name: str) -> FieldRow:
        """Look up a row. Raises BadRequest where none with units has this name."""
        for each in self.rows:
            if each.name == name:
                return each
        raise BadRequest(
            f"{self.use.title} has no layer {name[:60]!r} whose output keeps places of the "
            f"picture; choose one that does, such as {self.main[-1].name}."
        )


@dataclass(frozen=True, slots=True)
class EffectiveField:
    """What moves a unit: the mean over passes of the absolute gradient, its colours added up.

    `values` (H, W) are those of the network's input; `window` is where the input lies in the
    picture, `unit` the (row, column). Each pass differentiates the unit's `channels` numbers,
    added with random signs. `method` says all that in a sentence.
    """

    use: NetworkUse
    row: str
    unit: Unit
    channels: int
    theoretical: TheoreticalField
    centre: tuple[float, float]
    values: npt.NDArray[np.floating]
    spread: Spread
    window: Box
    over: Over
    passes: int
    seconds: float
    method: str
    notes: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """Side of the square with 95 % of the mass over the side of the theoretical box.

        At most 1: around a centre off the middle, a square that holds nearly the whole input
        reaches past it.
        """
        theory = self.theoretical.sides
        if theory is None or self.spread.side_95 is None or max(theory) == 0:
            return None
        return min(1.0, self.spread.side_95 / max(theory))


@dataclass(frozen=True, slots=True)
class FieldGrowth:
    """Effective fields around one point of the picture, row by row along the network.

    `point` is (down, across) in input pixels, `pixels` the input's (H, W).
    """

    use: NetworkUse
    point: tuple[float, float]
    pixels: tuple[int, int]
    fields: tuple[EffectiveField, ...]
    seconds: float

    def at(self, row: str) -> EffectiveField | None:
        """The field measured at a row, if it is one of them."""
        return next((each for each in self.fields if each.row == row), None)


def on_picture(box: Box, window: Box, pixels: Sequence[int]) -> Box:
    """Carry a box of input pixels over to the picture, whose part `window` became the input."""
    down = (window.bottom - window.top) / pixels[0]
    across = (window.right - window.left) / pixels[1]
    return Box(
        window.top + box.top * down,
        window.left + box.left * across,
        window.top + box.bottom * down,
        window.left + box.right * across,
    )


def _box(rows: Interval, columns: Interval) -> Box:
    return Box(rows[0], columns[0], rows[1] + 1, columns[1] + 1)
