"""What one unit of a network sees: the box of input pixels behind an index into a tensor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explorer.anatomy.layouts import Dim, Factor, places, size
from explorer.anatomy.records import Status

if TYPE_CHECKING:
    from explorer.anatomy.axes import Interval
    from explorer.anatomy.fields import Field


def seen(field: Field, index: Sequence[int]) -> tuple[Interval | None, ...] | None:
    """Return the first and last input pixel, per axis, that the element at `index` sees.

    Clipped to the input, where kernels with gaps may see less of the border than the interval
    says; None for every axis where it sees nothing. The whole answer is None where the field is
    unknown or depends on the data. Unlike the box of a record this is the element's own interval,
    exact also where neighbours see different extents.
    """
    if field.fate in (Status.UNKNOWN, Status.DATA_DEPENDENT):
        return None
    digits = [
        (factor, digit)
        for dim, number in zip(field.layout, index, strict=True)
        for factor, digit in _digits(dim, number)
    ]
    found = tuple(_interval(field, number, digits) for number in range(len(field.axes)))
    return (None,) * len(found) if None in found else found


def _interval(field: Field, number: int, digits: list[tuple[Factor, int]]) -> Interval | None:
    axis, pixels = field.axes[number], field.pixels[number]
    found = [] if axis.wide is None else [axis.wide]
    here = [(factor, digit) for factor, digit in digits if number in factor.axes]
    if axis.local is not None and (here or not places(field.layout, number)):
        found.append(axis.local.interval(sum(digit * factor.spacing for factor, digit in here)))
    found = [each for each in found if each[0] <= each[1]]
    start = max(0, min((each[0] for each in found), default=pixels))
    stop = min(pixels - 1, max((each[1] for each in found), default=-1))
    return (start, stop) if start <= stop else None


def _digits(dim: Dim, number: int) -> Iterator[tuple[Factor, int]]:
    """Split an index along a dimension into the digits of its factors."""
    for factor in reversed(dim):
        number, digit = divmod(number, factor.extent)
        if not factor.parts:
            yield factor, digit
            continue
        for part in factor.parts:
            if digit < size(part):
                yield from _digits(part, digit)
                break
            digit -= size(part)
