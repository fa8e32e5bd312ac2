"""How much memory the activations of a forward pass need at once.

Conventions: a tensor is born with the operator that allocates it and dies after the last
operator that reads it (or a view of it). Views and in-place results share their tensor's
memory. The network's input counts until its last use, its outputs to the end. Parameters,
buffers and an operator's own scratch space are not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.anatomy.operators import OperatorCall, Storage, TensorRef


def peak(
    calls: Sequence[OperatorCall], inputs: Iterable[TensorRef], outputs: Iterable[TensorRef]
) -> tuple[int, int]:
    """Largest number of bytes alive at once, and the index of the call during which they are.

    Without any call the peak is the inputs' own size and the index -1.
    """
    last_use: dict[Storage, int] = {}
    for each in inputs:
        last_use[each.storage] = -1
    alive = sum(storage.bytes for storage in last_use)
    for call in calls:
        for ref in (*call.inputs, *call.outputs):
            if ref.storage.born != CONSTANT:
                last_use[ref.storage] = call.index
    for ref in outputs:
        last_use[ref.storage] = len(calls)
    dying: dict[int, int] = {}
    for storage, index in last_use.items():
        dying[index] = dying.get(index, 0) + storage.bytes
    largest, where = alive, -1
    for call in calls:
        born = {ref.storage for ref in call.outputs if ref.storage.born == call.index}
        alive += sum(storage.bytes for storage in born)
        if alive > largest:
            largest, where = alive, call.index
        alive -= dying.get(call.index, 0)
    return largest, where


CONSTANT = -2
"""`Storage.born` of parameters and buffers."""
