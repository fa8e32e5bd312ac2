"""Fields behind operators that only move elements: views, permutations, picks, joins, shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from explorer.anatomy import axes as maps
from explorer.anatomy.axes import NOTHING, Axis, AxisField
from explorer.anatomy.fields import (
    Field,
    MaybeField,
    bounded,
    differing,
    joined,
    mixed_over,
)
from explorer.anatomy.layouts import (
    Factor,
    is_plain,
    joined_parts,
    part_at,
    plain,
    viewed,
)
from explorer.anatomy.sliding import (
    LOST_PLACE,
    MOST_LISTED,
    Slide,
    along,
    listed,
    parted,
    reordered,
    slid,
    windowed,
    with_dim,
)

_NO_FACTORS = "this view does not divide its dimensions; the bound holds all positions"


def reshaped(field: Field, shape: Sequence[int]) -> Field:
    """Return the field after a view, reshape, flatten or unflatten."""
    layout = viewed(field.layout, tuple(shape))
    if layout is None:
        return bounded(field, shape, _NO_FACTORS)
    return field if layout == field.layout else field._replace(layout=layout)


def permuted(field: Field, order: Sequence[int]) -> Field:
    """Return the field after a permutation of dimensions."""
    return field._replace(layout=tuple(field.layout[dim] for dim in order))


def selected(field: Field, dim: int, index: int) -> Field:
    """Return the field of one index along a dimension, which disappears."""
    dim %= len(field.layout)
    part = part_at(field.layout[dim], index % field.shape[dim], 1)
    if part is not None:
        field = parted(field, dim, part)
    factors = field.layout[dim]
    layout = (*field.layout[:dim], *field.layout[dim + 1 :])
    if is_plain(factors):
        return field._replace(layout=layout)
    if len(factors) > 1:
        found = listed(field, dim)
        if found is None:
            return bounded(field, field.shape[:dim] + field.shape[dim + 1 :], LOST_PLACE)
        field, factors = found, found.layout[dim]
    extent, numbers, spacing, _ = factors[0]
    index %= extent
    axes = list(field.axes)
    for number in numbers:
        if number >= 0:
            axes[number] = _at_digit(axes[number], spacing, extent, index)
    return field._replace(layout=layout, axes=tuple(axes))


def _at_digit(axis: Axis, spacing: int, extent: int, digit: int) -> Axis:
    """Return an axis with one digit of its positions' index held fixed."""
    if axis.local is None:
        return axis
    if spacing == 1 and extent == axis.positions:
        return axis.after(maps.table([axis.local.interval(digit)]), 1)
    return axis._replace(local=maps.held(axis.local, spacing, extent, digit, axis.positions))


def concatenated(parts: Sequence[tuple[Sequence[int], MaybeField]], dim: int) -> MaybeField:
    """Return the field of tensors, given as (shape, field), joined along a dimension.

    Channels joined see the union over the paths. Positions joined (a class token before the
    patches) become a list of places off the grid.
    """
    seen = [field for _, field in parts if field is not None]
    if not seen:
        return None
    rank = len(parts[0][0])
    dim %= rank
    total = sum(shape[dim] for shape, _ in parts)
    if all(is_plain(field.layout[dim]) for field in seen):
        return joined([with_dim(each, dim, plain(total)) for each in seen])
    together = joined_parts(
        [plain(shape[dim]) if each is None else each.layout[dim] for shape, each in parts]
    )
    if together is not None:
        return joined(
            [
                with_dim(each, dim, plain(total) if is_plain(each.layout[dim]) else together)
                for each in seen
            ]
        )
    shape = [*parts[0][0][:dim], total, *parts[0][0][dim + 1 :]]
    return _listed_together(parts, dim, total) or bounded(
        joined([bounded(field, shape, LOST_PLACE) for field in seen]), shape, LOST_PLACE
    )


def _listed_together(
    parts: Sequence[tuple[Sequence[int], MaybeField]], dim: int, total: int
) -> MaybeField:
    """Join along a dimension with positions; None where they cannot be listed."""
    lists = [
        field if field is None or is_plain(field.layout[dim]) else listed(field, dim)
        for _, field in parts
    ]
    if total > MOST_LISTED or any(
        new is None and old is not None for new, (_, old) in zip(lists, parts, strict=True)
    ):
        return None
    seen = [field for field in lists if field is not None]
    factors = [factor for each in seen for factor in each.layout[dim]]
    numbers = tuple(sorted({number for factor in factors for number in factor.axes}))
    widened = []
    offset = 0
    for (shape, _), field in zip(parts, lists, strict=True):
        stretch = range(offset, offset + shape[dim])
        if field is not None:
            widened.append(_widened(field, dim, numbers, stretch, total))
        offset = stretch.stop
    return joined(widened)


def _widened(field: Field, dim: int, numbers: tuple[int, ...], stretch: range, total: int) -> Field:
    """Return a field in a longer list of places, seeing nothing outside its own stretch."""
    axes = list(field.axes)
    for number in numbers:
        local = axes[number].local
        if local is not None:
            single = axes[number].positions == 1
            own = [local.interval(0 if single else each) for each in range(len(stretch))]
            after = total - stretch.stop
            local = maps.table([NOTHING] * stretch.start + own + [NOTHING] * after)
        axes[number] = axes[number]._replace(positions=total, local=local)
    layout = (*field.layout[:dim], (Factor(total, numbers),), *field.layout[dim + 1 :])
    return field._replace(layout=layout, axes=tuple(axes))


def indexed(field: Field, dims: Sequence[int], out: Sequence[int]) -> Field:
    """Return the field behind indexing `dims` with tensors that do not depend on the input.

    Only shapes are known here, not the indices' values: positions so picked are all bounded.
    """
    rank = len(field.layout)
    if not dims or not all(is_plain(field.layout[dim]) for dim in dims):
        return bounded(field, out, LOST_PLACE)
    together = list(dims) == list(range(dims[0], dims[-1] + 1))
    first = dims[0] if together else 0
    kept = [factors for dim, factors in enumerate(field.layout) if dim not in dims]
    new = tuple(plain(out[first + k]) for k in range(len(out) - rank + len(dims)))
    return field._replace(layout=(*kept[:first], *new, *kept[first:]))


def rolled(field: Field, dim: int, shift: int, *, masked: bool = False) -> Field:
    """Return the field after positions moved round by `shift`.

    With `masked`, what comes round counts as lying beyond the edge, like padding: shifted windows
    bar attention between the two ends, so that it sees nothing across the seam.
    """
    count = field.shape[dim]
    if masked:
        slide = Slide(1, 1, shift, 1)
        return along(field, dim, count, windowed(slide, count))
    return reordered(field, dim, tuple((position - shift) % count for position in range(count)))


def flipped(field: Field, dim: int) -> Field:
    """Return the field with a dimension in reverse order."""
    return reordered(field, dim, tuple(reversed(range(field.shape[dim]))))


def repeated(field: Field, dim: int, times: int) -> Field:
    """Return the field with a dimension's elements repeated as a block."""
    count = field.shape[dim]
    return reordered(field, dim, tuple(range(count)) * times) if times != 1 else field


def shuffled_up(field: Field, factor: int, out: Sequence[int]) -> Field:
    """Return the field behind pixel shuffle: channels become factor x factor finer positions."""
    field = mixed_over(
        field, field.layout[-3], (*field.layout[:-3], plain(out[-3]), *field.layout[-2:])
    )
    for dim in (len(out) - 2, len(out) - 1):
        count = out[dim]

        def change(local: AxisField, count: int = count) -> AxisField:
            return maps.resampled(local, Fraction(1, factor), count, "nearest")

        field = along(field, dim, count, change)
    return field


def shuffled_down(field: Field, factor: int, out: Sequence[int]) -> Field:
    """Return the field behind pixel unshuffle: blocks of positions become channels."""
    field = slid(field, [Slide(factor, factor, 0, 1)] * 2, out)
    return field._replace(
        layout=(*field.layout[:-3], differing(field, out[-3]), *field.layout[-2:])
    )


def unfolded(field: Field, dim: int, length: int, step: int, count: int) -> Field:
    """Return the field of windows taken along a dimension, their elements in a new last one."""
    dim %= len(field.layout)
    if is_plain(field.layout[dim]):
        layout = (*field.layout[:dim], plain(count), *field.layout[dim + 1 :], plain(length))
        return field._replace(layout=layout)

    def change(local: AxisField) -> AxisField:
        return maps.windowed(local, length, step, 0, dilation=1, count=count)

    field = along(field, dim, count, change)
    return field._replace(layout=(*field.layout, differing(field, length)))


__all__ = [
    "concatenated",
    "flipped",
    "indexed",
    "permuted",
    "repeated",
    "reshaped",
    "rolled",
    "selected",
    "shuffled_down",
    "shuffled_up",
    "unfolded",
]
