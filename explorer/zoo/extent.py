"""How small an input a network accepts, and what one forward pass costs. Loads torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.zoo.build import example_inputs

if TYPE_CHECKING:
    from torch import nn

    from explorer.zoo.cards import ModelCard


def accepts(model: nn.Module, card: ModelCard, side: int) -> bool:
    """Whether a forward pass on square inputs of this side comes to its end."""
    inputs = example_inputs(card, (side, side), device="meta")
    try:
        with torch.inference_mode():
            model(*inputs)
    except Exception:
        return False
    return True


def smallest_side(model: nn.Module, card: ModelCard) -> tuple[int, bool]:
    """Find the smallest square side a network accepts by bisection, and whether it is the only one.

    A network that takes its default size but not one pixel more is held to be built for it.
    """
    default = min(card.input_size)
    if card.task == "detection":
        return 1, False
    if not accepts(model, card, default + 1) and not accepts(model, card, default // 2):
        return default, True
    if accepts(model, card, 1):
        return 1, False
    refused, accepted = 1, default
    while accepted - refused > 1:
        side = (refused + accepted) // 2
        if accepts(model, card, side):
            accepted = side
        else:
            refused = side
    return accepted, False


def counted_macs(model: nn.Module, card: ModelCard) -> int:
    """Multiply-adds of one forward pass at the card's size, batch 1."""
    if card.task == "detection":
        weights = card.default_weights
        return round(weights.macs) if weights and weights.macs else 0
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        model(*example_inputs(card, device="meta"))
    return int(counter.get_total_flops()) // 2
