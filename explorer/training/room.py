"""Whether a step fits the memory, before it is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer import device as devices
from explorer import units
from explorer.errors import OutOfMemory
from explorer.training import losses
from explorer.training.evaluation import evaluating

if TYPE_CHECKING:
    from explorer.training.feed import Feed

_FEW = 2


def refuse_too_large(network: nn.Module, feed: Feed, size: int, title: str) -> None:
    """Raise OutOfMemory where a batch of this size needs more memory than is free.

    A system that runs out of memory kills a process instead of telling it. What is counted is what
    a pass of two pictures keeps for its way back, times the batch, so it is a little too low.
    """
    numbers = torch.arange(min(_FEW, len(feed)), device=feed.labels.device)
    needed = kept_bytes(network, feed.normalised(numbers)) / len(numbers) * size
    free = devices.free_bytes(feed.labels.device)
    if needed > free:
        raise OutOfMemory(
            f"{title} needs about {units.memory(int(needed))} for a step with {size:,} pictures "
            f"and {units.memory(free)} are free: choose a smaller batch size."
        )


def kept_bytes(network: nn.Module, pictures: Tensor) -> int:
    """Bytes of memory that a forward pass keeps for the backward one, weights left out."""
    own = {each.untyped_storage().data_ptr() for each in network.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with evaluating(network), torch.enable_grad(), hooks:
        # Its graph stays until the hooks are gone, or memory would be counted that was given back.
        scores = losses.heads(network(pictures))
    del scores
    return sum(kept.values())
