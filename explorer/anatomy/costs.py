"""What an operator's call costs: multiply-adds, and memory kept for the backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.utils.flop_counter import flop_registry

from explorer.anatomy.operators import OperatorCall, Storage, TensorRef

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def macs_of(call: OperatorCall) -> int | None:
    """Multiply-adds of a call by its entry, else by torch's own formula, else None."""
    entry = call.operator
    if entry is not None:
        cost = entry.macs
        return cost(call) if callable(cost) else cost
    if call.func is None:
        return 0
    formula = flop_registry.get(call.func._overloadpacket)
    if formula is None:
        return None
    flops: int = formula(*[_shaped(each) for each in call.args], out_val=call.output.shape)
    return flops // 2


def _shaped(value: Any) -> Any:
    if isinstance(value, TensorRef):
        return value.shape
    if isinstance(value, list):
        return [_shaped(each) for each in value]
    return value


def has_weights(call: OperatorCall, learned: Collection[int] = ()) -> bool:
    """Whether a call is a layer with weights: a convolution or product with a parameter in it.

    `learned` are the calls that made weights of parameters: a norm, a cast to another type.
    """
    if call.operator is None or not call.operator.weighted:
        return False
    return any(ref.parameter is not None or ref.node in learned for ref in call.inputs)


def makes_weights(call: OperatorCall, learned: Collection[int]) -> bool:
    """Whether a call computes something of parameters alone."""
    if not all(ref.constant for ref in call.inputs):
        return False
    return any(ref.parameter is not None or ref.node in learned for ref in call.inputs)


def kept(call: OperatorCall) -> Sequence[Storage]:
    """What autograd keeps of a call's tensors for the backward pass, parameters apart.

    Of an operator without an entry it is taken to keep all inputs.
    """
    rule = call.operator.saved if call.operator is not None else "inputs"
    if rule in ("nothing", "mask") or call.func is None:
        return ()
    if rule == "output" or (rule == "input or result" and call.in_place):
        refs: Sequence[TensorRef] = call.outputs[:1]
    elif rule == "inputs":
        refs = _factors(call.inputs)
    elif call.in_place:
        return ()  # overwritten: autograd keeps a copy, see `scratch_bytes`
    else:
        refs = call.inputs[:1]
    return [ref.storage for ref in refs if not ref.constant]


def _factors(inputs: Sequence[TensorRef]) -> Sequence[TensorRef]:
    """The factors of a product that the gradient of another factor needs."""
    learning = [not ref.constant or ref.parameter is not None for ref in inputs]
    others = sum(learning)
    return [ref for ref, own in zip(inputs, learning, strict=True) if others > own]


def scratch_bytes(call: OperatorCall) -> int:
    """Memory the backward pass needs beside tensors of the forward: masks, indices, copies.

    A dropout mask takes a byte per element, as on the GPU.
    """
    rule = call.operator.saved if call.operator is not None else "nothing"
    if rule == "mask":
        return call.output.numel
    if rule == "input" and call.in_place:
        return call.output.storage.bytes
    return 8 * call.output.numel if rule == "input and indices" else 0
