"""From a followed field to the record of a layer: size, stride, padding, and how exact they are."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from explorer.anatomy import axes as maps
from explorer.anatomy.axes import Axis
from explorer.anatomy.layouts import LOOSE, Layout, is_plain, places
from explorer.anatomy.records import ReceptiveField, Status

if TYPE_CHECKING:
    from explorer.anatomy.axes import AxisField
    from explorer.anatomy.fields import Field, MaybeField

LOOSE_NOTE = "elements differ; the box holds what any of them sees"
PHASES_NOTE = "what a position sees alternates from one to the next; the box holds every case"
UNALIGNED_NOTE = "not aligned: paths of different strides meet here"
NOT_ON_GRID_NOTE = "positions no longer lie on the input's grid"


class Box(NamedTuple):
    """The one (size, stride, padding) that covers every position, and whether it is exact."""

    size: int
    stride: int | float | None
    padding: int | float | None
    exact: bool


@lru_cache(maxsize=8192)
def box(field: AxisField) -> Box:
    """Return the tightest box that holds every position's interval.

    Position i of the box covers [-padding + i*stride, -padding + i*stride + size - 1]; it is exact
    when that is, for every phase, neither more nor less than the interval itself.
    """
    extents = {b - a for a, b in zip(field.starts, field.stops, strict=True)}
    if not field.step:
        return Box(field.extent, None, None, len(extents) == 1)
    if field.period == 1:
        return Box(field.extent, field.step, -field.starts[0], True)
    stride = Fraction(field.step, field.period)
    seeing = [p for p in range(field.period) if field.starts[p] <= field.stops[p]]
    low = min(field.starts[p] - stride * p for p in seeing)
    size = math.ceil(max(field.stops[p] - stride * p for p in seeing) - low) + 1
    exact = len(seeing) == field.period and all(
        math.ceil(low + stride * p) == field.starts[p]
        and math.floor(low + stride * p + size - 1) == field.stops[p]
        for p in seeing
    )
    return Box(size, _number(stride), _number(-low), exact)


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def receptive_field(field: MaybeField, spatial: int = 2) -> ReceptiveField:
    """Return the record of a field along `spatial` axes; None gives size 0: it sees no input.

    With mixed axes (one whole, one local) the whole one has the input's size and the note says so.
    """
    if field is None:
        nothing = (0,) * spatial
        return ReceptiveField(
            nothing, (None,) * spatial, (None,) * spatial, Status.EXACT,
            note="does not depend on the input",
        )  # fmt: skip
    return _recorded(field)


def did_not_run(spatial: int = 2) -> ReceptiveField:
    """Return the record of a layer the forward pass never called."""
    none = (None,) * spatial
    return ReceptiveField(none, none, none, Status.UNKNOWN, note="it did not run")


@lru_cache(maxsize=8192)
def _recorded(field: Field) -> ReceptiveField:
    if field.fate in (Status.UNKNOWN, Status.DATA_DEPENDENT):
        none = (None,) * len(field.pixels)
        return ReceptiveField(none, none, none, field.fate, note=field.note)
    whole = [axis.wide is not None for axis in field.axes]
    if not any(whole):
        return _local(field, list(field.axes))
    if not all(whole):
        return _partly_whole(field, whole)
    none = (None,) * len(field.pixels)
    loosely = _is_loose(field.layout) or field.fate is Status.UPPER_BOUND
    return ReceptiveField(
        field.pixels,
        none,
        none,
        Status.UPPER_BOUND if loosely else Status.WHOLE_INPUT,
        convolutional=_convolutional(field),
        note=_sentence(LOOSE_NOTE if _is_loose(field.layout) else "", field.note, _unread(field)),
    )


def _convolutional(field: Field) -> ReceptiveField | None:
    if any(axis.local is None for axis in field.axes):
        return None
    return _local(field._replace(fate=Status.EXACT, note=""), list(field.axes))


def _local(field: Field, axes: list[Axis]) -> ReceptiveField:
    """Return the record of the local tracks."""
    boxes = [_box(field, number) for number in range(len(axes))]
    loosely = _is_loose(field.layout)
    exact = field.fate is Status.EXACT and not loosely and all(each.exact for each in boxes)
    doubts = map(_doubt, axes, boxes)
    return ReceptiveField(
        tuple([each.size for each in boxes]),
        tuple([each.stride for each in boxes]),
        tuple([each.padding for each in boxes]),
        Status.EXACT if exact else Status.UPPER_BOUND,
        note=_sentence(field.note, LOOSE_NOTE if loosely else "", *doubts),
    )


def _partly_whole(field: Field, whole: list[bool]) -> ReceptiveField:
    """Return the record where some axes were mixed whole and others stayed local."""
    axes = [
        Axis(1, maps.table([(0, pixels - 1)])) if wide else axis
        for wide, axis, pixels in zip(whole, field.axes, field.pixels, strict=True)
    ]
    record = _local(field._replace(axes=tuple(axes)), axes)
    names = _axis_names(len(whole))
    along = " and ".join(name for name, wide in zip(names, whole, strict=True) if wide)
    return ReceptiveField(
        record.size, record.stride, record.padding, record.status, _convolutional(field),
        _sentence(f"whole input along {along}", record.note, _unread(field)),
    )  # fmt: skip


def _box(field: Field, number: int) -> Box:
    local = field.axes[number].local
    if local is None:
        return Box(0, None, None, True)
    found = box(local)
    if on_grid(field, number):
        return found
    return Box(local.extent, None, None, _even(local))


def _even(local: AxisField) -> bool:
    return len({b - a for a, b in zip(local.starts, local.stops, strict=True)}) == 1


def on_grid(field: Field, number: int) -> bool:
    """Whether an axis' positions can be told from a tensor's index, evenly spaced over the input.

    Tokens (rows and columns in one dimension) still are; flattened with the channels, cut into
    windows or listed one by one they are not.
    """
    axis = field.axes[number]
    if axis.local is None or not axis.local.on_grid:
        return False
    return _lies_open(field.layout, number, axis.positions)


@lru_cache(maxsize=8192)
def _lies_open(layout: Layout, number: int, positions: int) -> bool:
    """Whether all positions of an axis run along one dimension, beside no channels."""
    found = places(layout, number)
    if len(found) != 1 or found[0][1].spacing != 1 or found[0][1].extent != positions:
        return False
    dim = layout[found[0][0]]
    return all(
        factor.axes and factor.axes != LOOSE
        for part in dim[0].parts or (dim,)
        if not is_plain(part)
        for factor in part
    )


def _doubt(axis: Axis, found: Box) -> str:
    if axis.local is None:
        return ""
    if found.stride is not None:
        return "" if found.exact else PHASES_NOTE
    if found.exact:
        return NOT_ON_GRID_NOTE if axis.positions > 1 else ""
    return PHASES_NOTE if axis.local.on_grid else UNALIGNED_NOTE


@lru_cache(maxsize=8192)
def _is_loose(layout: Layout) -> bool:
    return any(factor.axes == LOOSE for dim in layout for factor in dim)


def _unread(field: Field) -> str:
    """Say which pixels no window reaches: a strided layer may leave the last ones out."""
    parts = []
    for name, axis, pixels in zip(
        _axis_names(len(field.axes)), field.axes, field.pixels, strict=True
    ):
        if axis.wide is not None:
            missing = max(0, axis.wide[0]) + max(0, pixels - 1 - axis.wide[1])
            if missing:
                parts.append(f"{missing} of {pixels} pixels along {name} are never read")
    return "; ".join(parts)


def _axis_names(count: int) -> tuple[str, ...]:
    return {1: ("length",), 2: ("height", "width"), 3: ("time", "height", "width")}.get(
        count, tuple(f"axis {number}" for number in range(count))
    )


def _sentence(*notes: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, notes)))
