"""What the elements of a tensor see of the network's input: the field a trace hands from op to op.

A `Field` joins a layout (which positions run along which dimension) with one map per spatial axis
of the input (which pixels a position sees). Each axis is followed on two tracks: `local`, along
the convolutional paths, and `wide`, through operators that mix all positions of the axis (global
pooling, attention, fully connected layers). A tensor that does not depend on the input at all
(a weight, an anchor, a position embedding) has no field: None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from explorer.anatomy import axes as maps
from explorer.anatomy.axes import IDENTITY, Axis, hull
from explorer.anatomy.layouts import (
    LOOSE,
    Dim,
    Factor,
    Layout,
    is_plain,
    loose,
    merged,
    places,
    plain,
    plain_layout,
    size,
    sizes,
    spelled,
)
from explorer.anatomy.records import Status


class Field(NamedTuple):
    """The receptive fields of all elements of one tensor.

    `pixels` is the input's size along each spatial axis (H, W or T, H, W). `fate` is EXACT while
    everything is followed exactly, and the reason why not otherwise, with a `note`.
    """

    layout: Layout
    axes: tuple[Axis, ...]
    pixels: tuple[int, ...]
    fate: Status = Status.EXACT
    note: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the tensor."""
        return sizes(self.layout)

    @property
    def whole(self) -> bool:
        """Whether every element certainly sees the whole input."""
        return self.fate is Status.EXACT and all(axis.wide for axis in self.axes)


MaybeField: TypeAlias = Field | None


def of_input(shape: Sequence[int], spatial: int = 2) -> Field:
    """Return the field of a network input whose last `spatial` dimensions are its axes."""
    pixels = tuple(shape[len(shape) - spatial :])
    layout = plain_layout(tuple(shape[: len(shape) - spatial]))
    layout += tuple((Factor(extent, (axis,)),) for axis, extent in enumerate(pixels))
    return Field(
        layout, tuple(Axis(extent, IDENTITY, None, (0, extent - 1)) for extent in pixels), pixels
    )


def lost(shape: Sequence[int], inputs: Iterable[MaybeField], fate: Status, note: str) -> MaybeField:
    """Return the field behind an operator that no rule follows: data-dependent or unknown.

    Without a field among the inputs there is none behind it either.
    """
    seen = [field for field in inputs if field is not None]
    if not seen:
        return None
    layout = plain_layout(tuple(shape))
    if fate is Status.DATA_DEPENDENT and all(field.whole for field in seen):
        everything = tuple(Axis(1, None, axis.wide) for axis in seen[0].axes)
        return Field(layout, everything, seen[0].pixels)
    nothing = tuple(Axis(1, None) for _ in seen[0].axes)
    return Field(layout, nothing, seen[0].pixels, fate, note)


def bounded(field: Field, shape: Sequence[int], note: str) -> Field:
    """Return the honest bound where positions cannot be followed any more: all of them."""
    axes = tuple(Axis(1, None, axis.everything) for axis in field.axes)
    layout = plain_layout(tuple(shape))
    if field.whole or field.fate is not Status.EXACT:
        return field._replace(layout=layout, axes=axes)
    return Field(layout, axes, field.pixels, Status.UPPER_BOUND, note)


def mixed_over(field: Field, factors: Iterable[Factor], layout: Layout) -> Field:
    """Return the field after elements along `factors` saw each other; `layout` is what remains.

    An axis of which nothing remains in the layout has been mixed whole and goes over to the wide
    track; of a digit (an attention window) the map takes the union over the group.
    """
    axes = list(field.axes)
    for factor in spelled(tuple(factors)):
        for number in factor.axes:
            if number < 0 or axes[number].local is None:
                continue
            axes[number] = _mixed_axis(axes[number], factor)
    for number, axis in enumerate(axes):
        if axis.local is not None and not places(layout, number) and places(field.layout, number):
            axes[number] = Axis(1, None, axis.everything)
    return field._replace(layout=layout, axes=tuple(axes))


def _mixed_axis(axis: Axis, factor: Factor) -> Axis:
    assert axis.local is not None
    if factor.spacing == 1 and factor.extent == axis.positions:
        return Axis(1, None, axis.everything)
    local = maps.mixed(axis.local, factor.spacing, factor.extent, axis.positions)
    return axis._replace(local=local)


def reduced(field: Field, dims: Iterable[int], keep: bool) -> Field:
    """Return the field after a sum, mean or maximum over whole dimensions."""
    rank = len(field.layout)
    gone = {dim % rank for dim in dims} if rank else set()
    layout = tuple(
        () if number in gone else dim
        for number, dim in enumerate(field.layout)
        if keep or number not in gone
    )
    factors = [factor for number in gone for factor in field.layout[number]]
    if any(factor.axes for factor in factors):
        return mixed_over(field, factors, layout)
    return field._replace(layout=layout)


def contracted(field: Field, dim: int, outputs: int) -> Field:
    """Return the field after a linear map of one dimension onto `outputs` new elements."""
    dim %= len(field.layout)
    layout = (*field.layout[:dim], plain(outputs), *field.layout[dim + 1 :])
    if is_plain(field.layout[dim]):
        return field if layout == field.layout else field._replace(layout=layout)
    return mixed_over(field, field.layout[dim], layout)


def normalised(field: Field, dims: Iterable[int]) -> Field:
    """Return the field after each element was set against all others along `dims`: softmax, norms.

    Elements keep their places, so the local track stays beside what the statistics saw.
    """
    rank = len(field.layout)
    chosen = [dim % rank for dim in dims]
    if all(is_plain(field.layout[dim]) for dim in chosen):
        return field
    layout = tuple(
        _tight(dim) if number in chosen else dim for number, dim in enumerate(field.layout)
    )
    return joined((field._replace(layout=layout), reduced(field, chosen, keep=True)))


def _tight(dim: Dim) -> Dim:
    """Return a dimension whose elements all see what the field says."""
    return merged([Factor(factor.extent) if factor.axes == LOOSE else factor for factor in dim])


def matched(one: MaybeField, other: MaybeField, shape: Sequence[int]) -> MaybeField:
    """Return the field of a matrix product, (..., i, k) times (..., k, j), of output `shape`."""
    left = None if one is None else reduced(one, (-1,), keep=len(one.layout) > 1)
    right = None if other is None else reduced(other, (max(-2, -len(other.layout)),), keep=True)
    if left is not None and one is not None and len(one.layout) == 1:
        left = left._replace(layout=((),))
    if other is not None and right is not None and len(other.layout) == 1:
        right = right._replace(layout=((), ()))
    return fitted(joined_or_none((left, right)), shape)


def fitted(field: MaybeField, shape: Sequence[int]) -> MaybeField:
    """Return the field with its layout broadcast to `shape`."""
    if field is None or field.shape == tuple(shape):
        return field
    layout = field.layout[max(0, len(field.layout) - len(shape)) :]
    layout = ((),) * (len(shape) - len(layout)) + layout
    return field._replace(
        layout=tuple(
            dim if size(dim) == wanted else plain(wanted)
            for dim, wanted in zip(layout, shape, strict=True)
        )
    )


def joined_or_none(fields: Iterable[MaybeField]) -> MaybeField:
    """Return the union over several paths, leaving out those that do not see the input."""
    seen = tuple(field for field in fields if field is not None)
    return joined(seen) if seen else None


def joined(fields: Sequence[Field]) -> Field:
    """Return the union over several paths, element by element with broadcasting."""
    result = fields[0]
    for field in fields[1:]:
        if field is not result and field != result:
            result = _joined(result, field)
    return result


@lru_cache(maxsize=4096)
def _joined(one: Field, other: Field) -> Field:
    if one.layout != other.layout:
        one, other = _alongside(one, other)
    layout = tuple(
        b if size(a) < size(b) or (is_plain(a) and not is_plain(b)) else a
        for a, b in zip(one.layout, other.layout, strict=True)
    )
    axes = tuple(_joined_axis(one, other, number) for number in range(len(one.axes)))
    fate, note = max((one.fate, one.note), (other.fate, other.note), key=_severity)
    if all(axis.wide for axis in axes) and (one.whole or other.whole):
        fate, note = Status.EXACT, ""
    return Field(layout, axes, one.pixels, fate, note)


_ORDER = tuple(Status)


def _severity(fate: tuple[Status, str]) -> int:
    return _ORDER.index(fate[0])


def _alongside(one: Field, other: Field) -> tuple[Field, Field]:
    """Give two fields layouts in which the same positions stand in the same dimensions.

    Where an axis runs along different dimensions (queries against keys), the second operand is
    spread: its positions there become loose elements of which only the union is kept.
    """
    rank = max(len(one.layout), len(other.layout))
    one, other = (
        each._replace(layout=((),) * (rank - len(each.layout)) + each.layout)
        for each in (one, other)
    )
    for dim in range(rank):
        mine, theirs = one.layout[dim], other.layout[dim]
        if mine != theirs and not is_plain(mine) and not is_plain(theirs):
            other = spread(other, dim)
    for number, (first, second) in enumerate(zip(one.axes, other.axes, strict=True)):
        if first.local is None or second.local is None:
            continue
        here = places(one.layout, number)
        for dim, factor in places(other.layout, number):
            if here and (dim, factor) not in here:
                other = spread(other, dim)
    return one, other


def differing(field: Field, extent: int) -> Dim:
    """Return a dimension whose elements see different parts of what the field says."""
    return plain(extent) if field.whole else loose(extent)


def spread(field: Field, dim: int) -> Field:
    """Return the field with one dimension loose: each element credited with all that dim sees.

    Where every element sees the whole input anyway nothing is loose.
    """
    dim %= len(field.layout)
    blurred = differing(field, size(field.layout[dim]))
    layout = (*field.layout[:dim], blurred, *field.layout[dim + 1 :])
    return mixed_over(field, field.layout[dim], layout)


def _joined_axis(one: Field, other: Field, number: int) -> Axis:
    first, second = one.axes[number], other.axes[number]
    if first == second:
        return first
    wide = first.wide if second.wide is None else hull(second.wide, first.wide)
    if first.local is None or second.local is None:
        kept = second if first.local is None else first
        return Axis(kept.positions, kept.local, wide)
    count = max(first.positions, second.positions)
    read = hull(first.read, second.read)
    if first.positions != second.positions:
        # The shorter one is a single place, seen from every position of the other.
        first, second = (
            Axis(count, maps.table([each.local.hull(each.positions)] * count))
            if each.positions < count and each.local is not None
            else each
            for each in (first, second)
        )
    assert first.local is not None
    assert second.local is not None
    return Axis(count, maps.union(first.local, second.local, count), wide, read)
