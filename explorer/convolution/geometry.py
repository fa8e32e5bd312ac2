"""How large the output is, and what a window cannot do. No torch here.

Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadRequest
from explorer.units import shape as written

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Geometry, Pair

LARGEST_NUMBER = 1e6
"""What a cell may hold, positive or negative: more cannot be read in a cell."""

_AXES = ("height", "width")


def reach(kernel: Pair, dilation: Pair) -> Pair:
    """Rows and columns from a window's first to its last."""
    down, across = (d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    return down, across


def output_size(size: Pair, kernel: Pair, geometry: Geometry) -> Pair:
    """Return height and width after a sliding window. Raises `BadRequest` where there are none."""
    check_window(size, kernel, geometry)
    down, across = (
        (n + 2 * p - r) // s + 1
        for n, p, r, s in zip(
            size, geometry.padding, reach(kernel, geometry.dilation), geometry.stride, strict=True
        )
    )
    return down, across


def transposed_size(size: Pair, kernel: Pair, geometry: Geometry) -> Pair:
    """Return height and width after a transposed convolution.

    Raises `BadRequest` where the padding cuts everything away, and for an output padding that is
    not smaller than stride or dilation.
    """
    _check_positive(kernel, geometry)
    for s, d, more in zip(geometry.stride, geometry.dilation, geometry.output_padding, strict=True):
        if not 0 <= more < max(s, d):
            raise BadRequest(
                f"The output padding of {more} must be smaller than the stride or the dilation, "
                f"which are {s} and {d}: choose a smaller output padding or a larger stride."
            )
    down, across = (
        (n - 1) * s - 2 * p + r + more
        for n, s, p, r, more in zip(
            size, geometry.stride, geometry.padding, reach(kernel, geometry.dilation),
            geometry.output_padding, strict=True,
        )
    )  # fmt: skip
    if min(down, across) < 1:
        raise BadRequest(
            f"A padding of {max(geometry.padding)} cuts the whole output away (its size would be "
            f"{down} × {across}): choose less padding, a larger kernel or a larger stride."
        )
    return down, across


def check_window(size: Pair, kernel: Pair, geometry: Geometry) -> None:
    """Raise `BadRequest`, which says what to change, unless a window fits and can slide."""
    _check_positive(kernel, geometry)
    check_padding(size, geometry)
    window = reach(kernel, geometry.dilation)
    padded = tuple(n + 2 * p for n, p in zip(size, geometry.padding, strict=True))
    if any(r > n for r, n in zip(window, padded, strict=True)):
        spread = f" with dilation {max(geometry.dilation)}" if max(geometry.dilation) > 1 else ""
        raise BadRequest(
            f"The {written(kernel)} kernel{spread} reaches over {written(window)} positions, but "
            f"the padded input has only {written(padded)}: choose a smaller kernel"
            f"{' or dilation' if spread else ''}, more padding or a larger input."
        )


def check_padding(size: Pair, geometry: Geometry) -> None:
    """Raise `BadRequest` where the border cannot be taken from the input."""
    for axis, n, p in zip(_AXES, size, geometry.padding, strict=True):
        if geometry.mode == "reflect" and p >= n:
            raise BadRequest(
                f"Reflecting {p} positions needs an input of more than {p}, and its {axis} is {n}: "
                f"choose a padding of at most {n - 1}, or zeros."
            )
        if geometry.mode == "circular" and p > n:
            raise BadRequest(
                f"Going round by {p} positions needs an input of at least {p}, and its {axis} is "
                f"{n}: choose a padding of at most {n}, or zeros."
            )


def check_channels(channels: int, outputs: int, depth: int, groups: int) -> None:
    """Raise `BadRequest` unless kernels of `depth` channels can read `channels` in `groups`."""
    if groups < 1:
        raise BadRequest(f"There cannot be {groups} groups: choose 1 or more.")
    for count, what in ((channels, "in"), (outputs, "out")):
        if count % groups:
            raise BadRequest(
                f"{count} channels {what} cannot be shared out evenly among {groups} groups: "
                f"choose a number of groups that divides {count}."
            )
    if depth * groups != channels:
        raise BadRequest(
            f"These kernels are {depth} deep and the input has {channels} channels"
            f"{f' in {groups} groups' if groups > 1 else ''}: a kernel is as deep as its input, so "
            f"choose an input of {depth * groups} or other kernels."
        )


def check_numbers(numbers: Array, what: str) -> None:
    """Raise `BadRequest`, which names the first bad cell, unless all are numbers and readable.

    The last two axes are a cell's row and column.
    """
    for place, value in _cells(numbers):
        row, column = (each + 1 for each in place[-2:])
        if not math.isfinite(value):
            raise BadRequest(
                f"The cell in row {row}, column {column} of the {what} holds no number: type one "
                "there, 0 for nothing."
            )
        if abs(value) > LARGEST_NUMBER:
            raise BadRequest(
                f"The cell in row {row}, column {column} of the {what} is too large: type a number "
                f"from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}."
            )


def _cells(numbers: Array) -> list[tuple[tuple[int, ...], float]]:
    """The cells that are no number or too large to show."""
    bad = np.argwhere(~(np.abs(numbers) <= LARGEST_NUMBER))
    return [(tuple(place), float(numbers[tuple(place)])) for place in bad.tolist()]


def _check_positive(kernel: Pair, geometry: Geometry) -> None:
    for numbers, what, least in (
        (kernel, "kernel", 1), (geometry.stride, "stride", 1), (geometry.dilation, "dilation", 1),
        (geometry.padding, "padding", 0),
    ):  # fmt: skip
        if min(numbers) < least:
            raise BadRequest(f"The {what} cannot be {min(numbers)}: choose {least} or more.")
