"""Receptive-field rules that many operators share, and how a rule is written.

A rule is given the call, whose tensors carry the fields found so far, and returns the field of the
output, or a list with one per output. None stands for a tensor that does not see the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from explorer.anatomy.fields import (
    Field,
    MaybeField,
    fitted,
    joined_or_none,
    lost,
    normalised,
    reduced,
)
from explorer.anatomy.operators.registry import OperatorCall
from explorer.anatomy.records import Status

Rule: TypeAlias = Callable[[OperatorCall], "MaybeField | list[MaybeField]"]


def of_first(rule: Callable[[Field, OperatorCall], Any]) -> Rule:
    """Make a rule of one that looks at the first argument's field only.

    Where another tensor sees the input too (weights that are computed), it cannot tell: unknown.
    """

    def checked(call: OperatorCall) -> Any:
        refs = call.inputs
        field = refs[0].field
        for ref in refs[1:]:
            if ref.field is not None:
                fields = [each.field for each in refs]
                note = f"{call.short} was given weights or settings that depend on the input"
                return lost(call.output.shape, fields, Status.UNKNOWN, note)
        return None if field is None else rule(field, call)

    return checked


def same(call: OperatorCall) -> MaybeField:
    """Each element sees what it saw in the first argument."""
    field: MaybeField = call.inputs[0].field
    return field


def union(call: OperatorCall) -> MaybeField:
    """Each element sees what the elements in its place see, over all arguments."""
    first = call.inputs[0].field
    if len(call.inputs) > 1:
        for ref in call.inputs[1:]:
            if ref.field is not None:
                first = joined_or_none([each.field for each in call.inputs])
                break
    return fitted(first, call.output.shape)


def over_dims(position: int = 1, keyword: str = "dim") -> Rule:
    """A reduction over the dimensions given at an argument, over all of them if none is."""

    def rule(field: Field, call: OperatorCall) -> MaybeField:
        dims = call.argument(position, keyword)
        if dims is None or isinstance(dims, bool) or dims == []:
            dims = range(len(field.layout))
        elif isinstance(dims, int):
            dims = [dims]
        keep = len(call.output.shape) == len(field.layout)
        return fitted(reduced(field, dims, keep), call.output.shape)

    return of_first(rule)


def over_dim_or_both(call: OperatorCall) -> MaybeField:
    """A maximum or minimum: over a dimension, over everything, or of two tensors."""
    return union(call) if len(call.inputs) > 1 else _over_dim(call)  # type: ignore[return-value]


def among(position: int = 1, keyword: str = "dim", default: int = -1) -> Rule:
    """Each element is set against the others along a dimension and stays in its place."""

    def rule(field: Field, call: OperatorCall) -> MaybeField:
        dim = call.argument(position, keyword, default)
        return normalised(field, [dim]) if field.layout else field

    return of_first(rule)


def by_data(call: OperatorCall) -> MaybeField:
    """Where an element looks depends on values, not on its place."""
    note = f"what {call.short} picks depends on the data"
    return lost(call.output.shape, fields_of(call), Status.DATA_DEPENDENT, note)


def fields_of(call: OperatorCall) -> list[MaybeField]:
    """Return the fields of all tensors a call was given."""
    return [ref.field for ref in call.inputs]


def pairs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the two numbers per dimension, last dimension first, of a padding argument."""
    yield from zip(numbers[::2], numbers[1::2], strict=True)


_over_dim = over_dims()
