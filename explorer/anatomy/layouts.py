"""Which positions of which input axis run along each dimension of a tensor.

A tensor dimension is an ordered product of factors, the outermost first. A plain factor counts
channels, heads or samples; any other counts positions of one spatial axis: all of them, or, once a
`view` has split them, the digits of their index (Swin's windows split 56 rows into 8 x 7). Views,
transpositions and flattening only rearrange factors, so positions can be followed through them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple, TypeAlias


class Factor(NamedTuple):
    """`extent` positions, each `spacing` apart, on the axes named; a plain one has no axes.

    More than one axis means that one index runs through a list of places, so that every axis has
    that index. With `parts`, stretches one after the other (a class token, then the patches), each
    with factors of its own; only one of them carries positions.
    """

    extent: int
    axes: tuple[int, ...] = ()
    spacing: int = 1
    parts: tuple[tuple[Factor, ...], ...] = ()


Dim: TypeAlias = tuple[Factor, ...]
Layout: TypeAlias = tuple[Dim, ...]

LOOSE = (-1,)
"""Axes of a factor whose elements see less than the field says: it holds their union."""


def plain(size: int) -> Dim:
    """Return a dimension that carries no positions."""
    return () if size == 1 else (Factor(size),)


def loose(size: int) -> Dim:
    """Return a dimension along which elements differ in ways the field only bounds."""
    return () if size == 1 else (Factor(size, LOOSE),)


@lru_cache(maxsize=8192)
def plain_layout(shape: tuple[int, ...]) -> Layout:
    """Return the layout of a tensor whose dimensions carry no positions."""
    return tuple(map(plain, shape))


@lru_cache(maxsize=8192)
def sizes(layout: Layout) -> tuple[int, ...]:
    """Return the shape of the tensor that `layout` describes."""
    return tuple(size(dim) for dim in layout)


def size(dim: Dim) -> int:
    """Return the number of elements along a dimension."""
    return math.prod(factor.extent for factor in dim)


def is_plain(dim: Dim) -> bool:
    """Whether a dimension carries neither positions nor loose elements."""
    return not dim or (len(dim) == 1 and not dim[0].axes)


@lru_cache(maxsize=8192)
def viewed(layout: Layout, shape: tuple[int, ...]) -> Layout | None:
    """Return the layout after a view or reshape to `shape`; None where factors do not divide.

    >>> viewed(((Factor(56, (0,)),),), (8, 7))
    ((Factor(extent=8, axes=(0,), spacing=7),), (Factor(extent=7, axes=(0,), spacing=1),))
    """
    if sizes(layout) == shape:
        return layout
    if not any(factor.axes for dim in layout for factor in dim):
        return plain_layout(shape)
    waiting = [factor for dim in reversed(layout) for factor in reversed(dim) if factor.extent > 1]
    dims = []
    for wanted in shape:
        dim = _take(waiting, wanted)
        if dim is None:
            return None
        dims.append(dim)
    return tuple(dims)


def _take(waiting: list[Factor], wanted: int) -> Dim | None:
    """Take `wanted` elements off the end of `waiting`, splitting the last factor if need be."""
    taken: list[Factor] = []
    while wanted > 1:
        if not waiting:
            return None
        factor = waiting.pop()
        if wanted % factor.extent == 0:
            wanted //= factor.extent
        elif factor.extent % wanted == 0 and not factor.parts:
            inner = factor.extent // wanted
            waiting.append(factor._replace(extent=inner))
            factor = Factor(wanted, factor.axes, factor.spacing * (inner if factor.axes else 1))
            wanted = 1
        else:
            return None
        taken.append(factor)
    return merged(taken)


def merged(factors: list[Factor]) -> Dim:
    """Join neighbouring factors that are digits of one index."""
    dim: list[Factor] = []
    for factor in factors:
        if factor.extent == 1 and len(factors) > 1:
            continue
        last = dim[-1] if dim else None
        if last and last.axes == factor.axes and factor.axes in ((), LOOSE):
            dim[-1] = Factor(last.extent * factor.extent, factor.axes)
        elif last and _continues(last, factor):
            dim[-1] = Factor(last.extent * factor.extent, factor.axes, factor.spacing)
        else:
            dim.append(factor)
    return tuple(dim)


def _continues(outer: Factor, inner: Factor) -> bool:
    """Whether two neighbouring factors are digits of one index."""
    same = outer.axes == inner.axes and not outer.parts and not inner.parts
    return same and outer.spacing == inner.extent * inner.spacing


def joined_parts(dims: list[Dim]) -> Dim | None:
    """Return stretches joined into one dimension; None where several of them carry positions."""
    parts: list[Dim] = []
    for dim in dims:
        parts.extend(dim[0].parts if len(dim) == 1 and dim[0].parts else (dim,))
    if sum(not is_plain(part) for part in parts) != 1:
        return None
    axes = sorted({axis for part in parts for factor in part for axis in factor.axes})
    return (Factor(sum(map(size, parts)), tuple(axes), 0, tuple(parts)),)


def part_at(dim: Dim, start: int, count: int) -> Dim | None:
    """Return the stretch of a dimension that was joined from parts, if it is just one of them."""
    if len(dim) != 1:
        return None
    for part in dim[0].parts:
        if start == 0 and size(part) == count:
            return part
        if is_plain(part) and start >= 0 and start + count <= size(part):
            return plain(count)
        start -= size(part)
    return None


def spelled(dim: Dim) -> Dim:
    """Return the factors of a dimension with those of its parts in place of the joined one."""
    if not any(factor.parts for factor in dim):
        return dim
    return tuple(
        each
        for factor in dim
        for each in ((f for part in factor.parts for f in part) if factor.parts else (factor,))
    )


@lru_cache(maxsize=8192)
def places(layout: Layout, axis: int) -> tuple[tuple[int, Factor], ...]:
    """Return where an axis runs: each of its factors with its dimension, counted from the end."""
    return tuple(
        (number - len(layout), factor)
        for number, dim in enumerate(layout)
        for factor in spelled(dim)
        if axis in factor.axes
    )
