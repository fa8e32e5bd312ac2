"""Fields behind operators that move along an axis: windows, resampling, slices, pads and shifts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from explorer.anatomy import axes as maps
from explorer.anatomy.axes import Axis, AxisField, Interpolation
from explorer.anatomy.fields import Field, contracted, mixed_over
from explorer.anatomy.layouts import Dim, Factor, is_plain, loose, part_at, places, plain, size
from explorer.anatomy.records import Status

LOST_PLACE = "positions cannot be followed through this operator; the bound holds all of them"
MOST_LISTED = 4096

Change: TypeAlias = Callable[[AxisField], AxisField]


class Slide(NamedTuple):
    """A sliding window along one dimension."""

    kernel: int
    stride: int
    padding: int
    dilation: int


def along(field: Field, dim: int, count: int, change: Change) -> Field:
    """Return the field after `change` made `count` positions of those along one dimension.

    Plain dimensions just change their size. Where only digits of an index run along the
    dimension, the result is the bound of all of them, and says so.
    """
    factors = field.layout[dim]
    if is_plain(factors):
        return with_dim(field, dim, plain(count))
    factor = factors[0]
    if not _is_whole(field, factors):
        field = settled(field, dim)
        factors = field.layout[dim]
        factor = factors[0]
        if not _is_whole(field, factors):
            return _blurred(field, dim, count)
    axes = list(field.axes)
    for number in factor.axes:
        axis = axes[number]
        local = None if axis.local is None else change(axis.local)
        axes[number] = axis.after(local, count)
    layout = (*field.layout[:dim], (Factor(count, factor.axes),), *field.layout[dim + 1 :])
    return Field(layout, tuple(axes), field.pixels, field.fate, field.note)


def _is_whole(field: Field, factors: Dim) -> bool:
    """Whether a dimension runs through every position of its axes, in order."""
    if len(factors) != 1:
        return False
    extent, axes, spacing, _ = factors[0]
    return spacing == 1 and all(
        number >= 0 and field.axes[number].positions == extent for number in axes
    )


def with_dim(field: Field, dim: int, factors: Dim) -> Field:
    """Return the field with other factors along one dimension."""
    if field.layout[dim] == factors:
        return field
    return field._replace(layout=(*field.layout[:dim], factors, *field.layout[dim + 1 :]))


def _blurred(field: Field, dim: int, count: int) -> Field:
    """Return the bound where windows run over digits or over several axes at once."""
    layout = (*field.layout[:dim], loose(count), *field.layout[dim + 1 :])
    mixed = mixed_over(field, field.layout[dim], layout)
    if mixed.fate is Status.EXACT and not mixed.whole:
        return mixed._replace(fate=Status.UPPER_BOUND, note=LOST_PLACE)
    return mixed


def settled(field: Field, dim: int) -> Field:
    """Renumber an axis of which only the leading digits are left: every n-th position remains."""
    factors = field.layout[dim]
    if len(factors) != 1 or len(factors[0].axes) != 1 or factors[0].axes[0] < 0:
        return field
    extent, (number,), spacing, _ = factors[0]
    axis = field.axes[number]
    if len(places(field.layout, number)) != 1 or extent * spacing != axis.positions:
        return field
    local = axis.local
    if local is not None:
        local = maps.windowed(local, 1, spacing, 0, dilation=1, count=extent)
    axes = (*field.axes[:number], axis.after(local, extent), *field.axes[number + 1 :])
    layout = (*field.layout[:dim], (Factor(extent, (number,)),), *field.layout[dim + 1 :])
    return field._replace(layout=layout, axes=axes)


def slid(
    field: Field, slides: Sequence[Slide], out: Sequence[int], *, over_channels: bool = False
) -> Field:
    """Return the field behind windows over the last dimensions: a convolution or pooling.

    `out` is the output's shape. A convolution also mixes the dimension before them, the channels.
    """
    first = len(out) - len(slides)
    if over_channels:
        field = contracted(field, first - 1, out[first - 1])
    return _slid_open(field, slides, out, first) or _slid_anyhow(field, slides, out, first)


def _slid_open(
    field: Field, slides: Sequence[Slide], out: Sequence[int], first: int
) -> Field | None:
    """Slide where each dimension runs through one whole axis, as in nearly all of a network."""
    layout, axes = list(field.layout), list(field.axes)
    for dim, (kernel, stride, padding, dilation) in enumerate(slides, start=first):
        factors = layout[dim]
        if len(factors) != 1 or len(factors[0].axes) != 1:
            return None
        extent, (number,), spacing, _ = factors[0]
        if number < 0 or spacing != 1 or axes[number].positions != extent:
            return None
        if kernel == stride == 1 and not padding:
            continue
        count = out[dim]
        local = axes[number].local
        if local is not None:
            local = maps.windowed(local, kernel, stride, padding, dilation=dilation, count=count)
        axes[number] = axes[number].after(local, count)
        layout[dim] = (Factor(count, (number,)),)
    return Field(tuple(layout), tuple(axes), field.pixels, field.fate, field.note)


def _slid_anyhow(field: Field, slides: Sequence[Slide], out: Sequence[int], first: int) -> Field:
    for dim, slide in enumerate(slides, start=first):
        if slide == (1, 1, 0, slide.dilation):
            continue
        field = along(field, dim, out[dim], windowed(slide, out[dim]))
    return field


@lru_cache(maxsize=2048)
def windowed(slide: Slide, count: int) -> Change:
    """Return the change of a map that a sliding window makes."""
    kernel, stride, padding, dilation = slide
    return lambda local: maps.windowed(
        local, kernel, stride, padding, dilation=dilation, count=count
    )


def slid_back(
    field: Field, slides: Sequence[Slide], out: Sequence[int], *, over_channels: bool = True
) -> Field:
    """Return the field behind a transposed convolution over the last dimensions."""
    first = len(out) - len(slides)
    if over_channels:
        field = contracted(field, first - 1, out[first - 1])
    for dim, slide in enumerate(slides, start=first):
        field = along(field, dim, out[dim], _transposed(slide, out[dim]))
    return field


def _transposed(slide: Slide, count: int) -> Change:
    kernel, stride, padding, dilation = slide
    return lambda local: maps.transposed(
        local, kernel, stride, padding, dilation=dilation, count=count
    )


def resized(
    field: Field,
    out: Sequence[int],
    kind: Interpolation,
    scales: Sequence[float | None],
    *,
    align_corners: bool = False,
    antialias: bool = False,
) -> Field:
    """Return the field behind an interpolation of the last dimensions to shape `out`.

    `scales` are the factors the call was given, None where it was given a size: torch then steps
    through the input by the ratio of the sizes, otherwise by 1 / factor.
    """
    first = len(out) - len(scales)
    for dim, factor in enumerate(scales, start=first):
        inputs, outputs = size(field.layout[dim]), out[dim]
        if inputs == outputs and factor in (None, 1.0):
            continue
        step = _step(inputs, outputs, factor, align_corners)

        def change(local: AxisField, step: Fraction = step, count: int = outputs) -> AxisField:
            return maps.resampled(
                local, step, count, kind, align_corners=align_corners, antialias=antialias
            )

        field = along(field, dim, outputs, change)
    return field


def _step(inputs: int, outputs: int, factor: float | None, align_corners: bool) -> Fraction:
    if align_corners:
        return Fraction(inputs - 1, outputs - 1) if outputs > 1 else Fraction(0)
    if factor is not None and factor > 0:
        return 1 / Fraction(factor).limit_denominator(1 << 12)
    return Fraction(inputs, outputs)


def pooled_to(field: Field, wanted: Sequence[int]) -> Field:
    """Return the field behind adaptive pooling of the last dimensions; to 1 it is global."""
    first = len(field.layout) - len(wanted)
    for dim, outputs in enumerate(wanted, start=first):
        factors = field.layout[dim]
        inputs = size(factors)
        if outputs == 1:
            layout = (*field.layout[:dim], (), *field.layout[dim + 1 :])
            field = mixed_over(field, factors, layout)
        elif inputs != outputs:
            field = along(field, dim, outputs, _adaptive(inputs, outputs))
    return field


@lru_cache(maxsize=512)
def _adaptive(inputs: int, outputs: int) -> Change:
    return lambda local: maps.adaptive(local, inputs, outputs)


def sliced(field: Field, dim: int, start: int, step: int, count: int) -> Field:
    """Return the field of positions start, start + step, ... of one dimension."""
    dim %= len(field.layout)
    if count == size(field.layout[dim]) and start == 0 and step == 1:
        return field
    part = part_at(field.layout[dim], start, count) if step == 1 else None
    if part is not None:
        return parted(field, dim, part)
    if len(field.layout[dim]) > 1:
        field = listed(field, dim) or field
    return along(field, dim, count, windowed(Slide(1, step, -start, 1), count))


def parted(field: Field, dim: int, part: Dim) -> Field:
    """Return the field of one stretch of a joined dimension; one without positions sees none."""
    if not is_plain(part):
        return with_dim(field, dim, part)
    axes = list(field.axes)
    for number in field.layout[dim][0].axes:
        axes[number] = Axis(1, None, axes[number].wide)
    return with_dim(field._replace(axes=tuple(axes)), dim, part)


def padded(field: Field, dim: int, before: int, count: int, *, circular: bool = False) -> Field:
    """Return the field of a dimension padded to `count` positions, `before` of them in front.

    Zeros, reflections and repeated borders count as unclipped positions beyond the edge.
    """
    inputs = size(field.layout[dim])
    if before == 0 and count == inputs:
        return field
    if circular:
        order = tuple((position - before) % inputs for position in range(count))
        return reordered(field, dim, order)
    return along(field, dim, count, windowed(Slide(1, 1, before, 1), count))


def reordered(field: Field, dim: int, order: tuple[int, ...]) -> Field:
    """Return the field whose position i along a dimension is the former position order[i]."""
    if len(field.layout[dim]) > 1:
        field = listed(field, dim) or field
    if is_plain(field.layout[dim]) or len(order) <= MOST_LISTED:
        return along(field, dim, len(order), lambda local: maps.rearranged(local, order))
    return _blurred(field, dim, len(order))


def listed(field: Field, dim: int) -> Field | None:
    """Return the field with one index over all places of a dimension that runs over several axes.

    None where channels run along it too, an axis continues elsewhere, or the list grows too long.
    """
    factors = field.layout[dim]
    count = size(factors)
    numbers = sorted({number for factor in factors for number in factor.axes})
    if count > MOST_LISTED or numbers[:1] == [-1]:
        return None
    if any(not factor.axes or factor.parts for factor in factors):
        return None
    axes = list(field.axes)
    for number in numbers:
        if any(place[0] != dim - len(field.layout) for place in places(field.layout, number)):
            return None
        local = axes[number].local
        if local is not None:
            local = maps.rearranged(local, _positions(factors, number))
        axes[number] = axes[number]._replace(positions=count, local=local)
    layout = (*field.layout[:dim], (Factor(count, tuple(numbers)),), *field.layout[dim + 1 :])
    return field._replace(layout=layout, axes=tuple(axes))


@lru_cache(maxsize=1024)
def _positions(factors: Dim, number: int) -> tuple[int, ...]:
    """Return the position on one axis of each element along a dimension."""
    positions = [0]
    for factor in factors:
        spacing = factor.spacing if number in factor.axes else 0
        positions = [each + digit * spacing for each in positions for digit in range(factor.extent)]
    return tuple(positions)
