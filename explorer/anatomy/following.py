"""Follow receptive fields through a recorded forward pass, operator by operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from explorer.anatomy import fields
from explorer.anatomy.operators.moving import placed
from explorer.anatomy.records import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.anatomy.fields import MaybeField
    from explorer.anatomy.operators import OperatorCall, TensorRef


def follow(calls: Sequence[OperatorCall], inputs: Iterable[TensorRef]) -> int:
    """Set `field` of every tensor the calls made; return the number of spatial axes followed.

    Each operator's entry says how (`Operator.field`): it is given the call, whose tensors carry
    the fields found so far, and returns the field of its output, or one per output. Behind an
    operator without such a rule the field is unknown.
    """
    inputs = list(inputs)
    spatial = spatial_axes(calls, inputs)
    for ref in inputs:
        ref.field = fields.of_input(ref.shape, min(spatial, len(ref.shape)))
    for call in calls:
        _follow(call)
        if call.in_place:
            _write_through(call, calls)
    return spatial


def _write_through(call: OperatorCall, calls: Sequence[OperatorCall]) -> None:
    """Let the tensors of which the written one is a view see what was written into them."""
    view, field = call.inputs[0], call.output.field
    while view.node >= 0 and field is not None:
        maker = calls[view.node]
        if maker.in_place or not maker.inputs or maker.inputs[0].storage is not view.storage:
            return
        if maker.func is None:
            return  # handed on by a module: the same tensor, not a view of it
        field = placed(field, maker, view.output)
        view = maker.inputs[0]
        view.rewritten = [*(view.rewritten or ()), (call.index, view.field)]
        view.field = fields.joined_or_none((view.field, field))


def field_after(ref: TensorRef, call: int) -> MaybeField:
    """Return what a tensor saw right after a call, whatever was written into its views later."""
    for index, before in ref.rewritten or ():
        if index > call:
            return cast("MaybeField", before)
    return cast("MaybeField", ref.field)


def _follow(call: OperatorCall) -> None:
    for ref in call.inputs:
        if ref.field is not None:
            break
    else:
        return
    if call.func is None:
        for before, after in zip(call.inputs, call.outputs, strict=True):
            after.field = before.field
        return
    rule = call.operator.field if call.operator is not None else None
    if rule is None:
        seen = [ref.field for ref in call.inputs]
        note = f"no rule follows {call.short}"
        for ref in call.outputs:
            ref.field = fields.lost(ref.shape, seen, Status.UNKNOWN, note)
        return
    found = rule(call)
    if isinstance(found, list):
        for ref, each in zip(call.outputs, found, strict=True):
            ref.field = each
    else:
        for ref in call.outputs:
            ref.field = found


def spatial_axes(calls: Iterable[OperatorCall], inputs: Sequence[TensorRef]) -> int:
    """Number of spatial axes of a network's inputs: as many as its first window slides along.

    Without any convolution or pooling it is what an input has beside sample and channel.
    """
    for call in calls:
        if call.func is not None and call.short in _AXES:
            return _AXES[call.short]
    return max((len(ref.shape) - 2 for ref in inputs), default=0)


_AXES = {
    f"{name}{axes}d": axes
    for axes in (1, 2, 3)
    for name in ("conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool")
}
