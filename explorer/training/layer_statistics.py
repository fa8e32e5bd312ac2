"""How large each layer's gradient is, and how far a step moves its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from explorer.training.initialisation import weight_of

if TYPE_CHECKING:
    from torch import nn


def weights_of(layers: Sequence[tuple[str, nn.Module]]) -> list[nn.Parameter]:
    """The kernels or matrix of every layer; biases are left out, for they begin at zero."""
    return [found for _, module in layers if (found := weight_of(module)) is not None]


def norms(tensors: Sequence[Tensor]) -> list[float]:
    """The Euclidean norm of each tensor, all in one go."""
    if not tensors:
        return []
    # One transfer from the device for all of them.
    return list(map(float, torch.stack(list(torch._foreach_norm(list(tensors)))).tolist()))


def gradient_norms(weights: Sequence[nn.Parameter]) -> tuple[float, ...]:
    """The norm of each layer's gradient; 0 for a layer that none reached."""
    return tuple(norms([torch.zeros_like(w) if w.grad is None else w.grad for w in weights]))


def total_norm(weights: Sequence[nn.Parameter]) -> Tensor:
    """The Euclidean norm over all gradients (0-d)."""
    gradients = [each.grad for each in weights if each.grad is not None]
    total: Tensor = torch.stack(list(torch._foreach_norm(gradients))).norm()
    return total


def copies(weights: Sequence[nn.Parameter]) -> list[Tensor]:
    """What the weights are now, kept for `update_ratios`."""
    return [each.detach().clone() for each in weights]


def update_ratios(weights: Sequence[nn.Parameter], before: Sequence[Tensor]) -> tuple[float, ...]:
    """How far each layer's weights moved, as a share of their norm before; nan if that was 0."""
    if not weights:
        return ()
    moved = torch._foreach_sub([each.detach() for each in weights], list(before))
    pairs = zip(norms(moved), norms(before), strict=True)
    return tuple(step / size if size else float("nan") for step, size in pairs)
