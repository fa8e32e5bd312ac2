"""Which input pixels each position of one axis sees, as exact integer intervals.

A convolution stack maps position i to [start + i*S, stop + i*S]. Upsampling, transposed
convolutions and attention windows make that map *periodic*: a few phases, each affine, repeating
every `period` positions while the interval moves on by `step` pixels. Every operator below turns
one such map into the next, exactly. Intervals are not clipped at the borders of the input: they
are the theoretical ones of Araujo, Norris and Sim (Distill, 2019).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Interval: TypeAlias = tuple[int, int]
Taps: TypeAlias = Callable[[int], Iterable[int]]
Interpolation: TypeAlias = Literal["nearest", "nearest-exact", "linear", "cubic"]

_FAR = 1 << 60
NOTHING: Interval = (_FAR, -_FAR)
"""The interval of a position that sees no input at all (start after stop)."""

_MOST_PHASES = 8192


class AxisField(NamedTuple):
    """The map from positions of a layer to intervals of input pixels, along one axis.

    Position i = q * period + phase sees pixels starts[phase] + q * step to stops[phase] + q * step,
    both included. The effective stride is step / period. With step 0 the map is a table: it lists
    `period` positions that lie on no grid, and there are no others.

    A named tuple because thousands are built and hashed per network, where a frozen dataclass
    costs several times more.
    """

    period: int
    step: int
    starts: tuple[int, ...]
    stops: tuple[int, ...]

    @property
    def on_grid(self) -> bool:
        """Whether positions are evenly spaced over the input."""
        return self.step != 0

    @property
    def stride(self) -> Fraction | None:
        """Input pixels from one position to the next; None off the grid."""
        return Fraction(self.step, self.period) if self.step else None

    @property
    def extent(self) -> int:
        """Pixels that the widest position sees."""
        return max(0, *(b - a + 1 for a, b in zip(self.starts, self.stops, strict=True)))

    def interval(self, position: int) -> Interval:
        """First and last input pixel that `position` sees, not clipped at the borders.

        A position without any input gives an interval whose start lies after its stop.
        """
        if not self.step:
            if not 0 <= position < self.period:
                return NOTHING
            return self.starts[position], self.stops[position]
        turns, phase = divmod(position, self.period)
        return self.starts[phase] + turns * self.step, self.stops[phase] + turns * self.step

    def hull(self, count: int) -> Interval:
        """The interval from the first to the last pixel that positions 0 to count-1 see."""
        if self.period == 1 and self.step:
            return self.starts[0], self.stops[0] + (count - 1) * self.step
        return _union(self.interval(position) for position in range(count))


IDENTITY = AxisField(1, 1, (0,), (0,))
"""The map of the input itself."""


class Axis(NamedTuple):
    """What is seen along one spatial axis by a number of `positions`.

    `local` maps positions to pixels; None once every path mixes the whole axis. `wide` is the
    interval seen through operators that mix all positions; None without such operators. `read`
    bounds what any window so far has reached: a strided one may leave the last pixels out.
    """

    positions: int
    local: AxisField | None
    wide: Interval | None = None
    read: Interval = (-_FAR, _FAR)

    def after(self, local: AxisField | None, count: int) -> Axis:
        """Return the axis after an operator made `count` positions, seeing `local`, of it."""
        read = self.read if local is None else _within(local.hull(count), self.read)
        return Axis(count, local, self.wide, read)

    @property
    def everything(self) -> Interval | None:
        """The interval that all positions see together."""
        if self.local is None:
            return self.wide
        return hull(_within(self.local.hull(self.positions), self.read), self.wide)


def hull(one: Interval, other: Interval | None) -> Interval:
    """Return the smallest interval that holds both."""
    return one if other is None else _union((one, other))


def _within(one: Interval, other: Interval) -> Interval:
    return max(one[0], other[0]), min(one[1], other[1])


def table(rows: Iterable[Interval]) -> AxisField:
    """Return the map that lists its positions' intervals one by one; of none, one sees nothing."""
    starts, stops = zip(*(list(rows) or [NOTHING]), strict=True)
    return AxisField(len(starts), 0, starts, stops)


def windowed(
    field: AxisField, kernel: int, stride: int, padding: int, *, dilation: int, count: int
) -> AxisField:
    """Return the map behind a sliding window, `count` positions long: convolution or pooling.

    Position i reads i*stride - padding + t*dilation for t = 0 to kernel-1. Ceil mode changes only
    `count`; a slice is kernel 1 with a negative padding.
    """
    step = field.step
    if field.period == 1 and step:
        last = (kernel - 1) * dilation - padding
        return AxisField(
            1, step * stride, (field.starts[0] - padding * step,), (field.stops[0] + last * step,)
        )
    return _windowed(field, kernel, stride, padding, dilation=dilation, count=count)


@lru_cache(maxsize=4096)
def _windowed(
    field: AxisField, kernel: int, stride: int, padding: int, *, dilation: int, count: int
) -> AxisField:
    reach = (kernel - 1) * dilation + 1

    def taps(position: int) -> Iterable[int]:
        first = position * stride - padding
        return range(first, first + reach, dilation)

    return remapped(field, count, 1, stride, taps)


@lru_cache(maxsize=4096)
def transposed(
    field: AxisField, kernel: int, stride: int, padding: int, *, dilation: int, count: int
) -> AxisField:
    """Return the map behind a transposed convolution, `count` positions long.

    Input j adds to outputs j*stride - padding + t*dilation, so output i reads the j with
    (i + padding - t*dilation) divisible by the stride: `stride` phases.
    """

    def taps(position: int) -> Iterable[int]:
        reached = (position + padding - t * dilation for t in range(kernel))
        return [each // stride for each in reached if each % stride == 0]

    return remapped(field, count, stride, 1, taps)


@lru_cache(maxsize=4096)
def resampled(
    field: AxisField,
    scale: Fraction,
    count: int,
    kind: Interpolation,
    *,
    align_corners: bool = False,
    antialias: bool = False,
) -> AxisField:
    """Return the map behind an interpolation; `scale` is input positions per output position.

    With `align_corners`, `scale` is (inputs - 1) / (outputs - 1). Neighbours whose weight is
    exactly zero are not counted as seen.
    """

    def centre(position: int) -> Fraction:
        if align_corners or kind == "nearest":
            return position * scale
        half = Fraction(1, 2)
        return (position + half) * scale - (0 if kind == "nearest-exact" else half)

    def taps(position: int) -> Iterable[int]:
        at = centre(position)
        below = math.floor(at)
        if kind.startswith("nearest"):
            return (below,)
        reach = 1 if kind == "linear" else 2
        if antialias and scale > 1:
            return _inside(at - reach * scale, at + reach * scale)
        if at == below:
            return (below,)
        return range(below - reach + 1, below + reach + 1)

    return remapped(field, count, scale.denominator, scale.numerator, taps)


def _inside(low: Fraction, high: Fraction) -> range:
    """Whole numbers strictly between two bounds, where a tent or cubic filter is not zero."""
    return range(math.floor(low) + 1, math.ceil(high))


@lru_cache(maxsize=4096)
def adaptive(field: AxisField, inputs: int, outputs: int) -> AxisField:
    """Return the map behind adaptive pooling of `inputs` positions into `outputs`.

    Position i reads floor(i*inputs/outputs) to ceil((i+1)*inputs/outputs) - 1.
    """
    if inputs == outputs:
        return field

    def taps(position: int) -> Iterable[int]:
        return range(position * inputs // outputs, -(-(position + 1) * inputs // outputs))

    shared = math.gcd(inputs, outputs)
    return remapped(field, outputs, outputs // shared, inputs // shared, taps)


@lru_cache(maxsize=4096)
def mixed(field: AxisField, spacing: int, extent: int, count: int) -> AxisField:
    """Return the map when positions exchange everything within groups of `extent`.

    A group holds positions `spacing` apart: spacing 1 is a window of neighbours, a larger one a
    sparse grid. `count` positions stay, each seeing what its whole group sees.
    """
    block = spacing * extent

    def taps(position: int) -> Iterable[int]:
        first = position - position % block + position % spacing
        return range(first, first + block, spacing)

    return remapped(field, count, block, block, taps)


@lru_cache(maxsize=4096)
def held(field: AxisField, spacing: int, extent: int, digit: int, count: int) -> AxisField:
    """Return the map with one digit of each position's index held at a value (see `mixed`)."""
    block = spacing * extent

    def taps(position: int) -> Iterable[int]:
        return (position - position % block + position % spacing + digit * spacing,)

    return remapped(field, count, block, block, taps)


@lru_cache(maxsize=4096)
def rearranged(field: AxisField, order: tuple[int, ...]) -> AxisField:
    """Return the table whose position i sees what position order[i] sees: rolls, flips, picks."""
    return table(field.interval(position) for position in order)


@lru_cache(maxsize=8192)
def union(one: AxisField, other: AxisField, count: int) -> AxisField:
    """Return what `count` positions see over two paths: minimum start, maximum stop.

    Where the paths' strides differ their positions are not aligned and the result is a table.
    """
    if one == other:
        return one
    period = math.lcm(one.period, other.period)
    aligned = one.step and one.step * other.period == other.step * one.period
    if not aligned or period > _MOST_PHASES:
        return table(
            _union((one.interval(position), other.interval(position))) for position in range(count)
        )
    rows = [_union((one.interval(phase), other.interval(phase))) for phase in range(period)]
    return _periodic(rows, one.step * (period // one.period))


def remapped(field: AxisField, count: int, outputs: int, inputs: int, taps: Taps) -> AxisField:
    """Return the map of `count` positions that read the positions `taps` lists.

    The pattern must repeat: taps(i + outputs) are taps(i), each `inputs` further on.
    """
    repeats = field.period // math.gcd(field.period, inputs)
    period = outputs * repeats
    if not field.step or period > _MOST_PHASES:
        return table(_union(map(field.interval, taps(position))) for position in range(count))
    rows = [_union(map(field.interval, taps(phase))) for phase in range(period)]
    return _periodic(rows, field.step * (inputs * repeats // field.period))


def _union(intervals: Iterable[Interval]) -> Interval:
    start, stop = NOTHING
    for low, high in intervals:
        if low <= high:
            start = min(start, low)
            stop = max(stop, high)
    return start, stop


def _periodic(rows: list[Interval], step: int) -> AxisField:
    """Build the map with the fewest phases."""
    period = len(rows)
    for shorter in range(1, period):
        if period % shorter == 0 and step * shorter % period == 0:
            shift = step * shorter // period
            if all(
                _shifted(rows[phase - shorter], shift) == rows[phase]
                for phase in range(shorter, period)
            ):
                rows, step = rows[:shorter], shift
                break
    starts, stops = zip(*rows, strict=True)
    return AxisField(len(rows), step, starts, stops)


def _shifted(interval: Interval, by: int) -> Interval:
    return interval if interval[0] > interval[1] else (interval[0] + by, interval[1] + by)
