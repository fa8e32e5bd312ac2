"""AdamP: Heo et al., “AdamP: Slowing Down the Slowdown for Momentum Optimizers on Scale-invariant
Weights”, ICLR 2021, arXiv 2006.08217, algorithm 2."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DELTA = 0.1
"""A gradient whose cosine with its weights is below this, over the root of how many they are, is
taken to belong to weights whose scale does not matter."""
DECAY_SHARE = 0.1
"""How much of the weight decay such weights get; a choice of the authors' own code."""


class AdamP(torch.optim.Optimizer):
    """Adam whose step does not lengthen weights that a normalisation divides by their length.

    The part of the step along the weights is taken out where the gradient has (nearly) none:
    filter by filter if that holds for every filter of a layer, else for the layer as a whole.
    Vectors, such as biases, are always stepped as by Adam. Weight decay is AdamW's.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every weight that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weights in group["params"]:
                if weights.grad is not None:
                    self._move(weights, weights.grad, group)
        return loss

    def _move(self, weights: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        first, second = group["betas"]
        state = self.state[weights]
        if not state:
            state["step"] = torch.tensor(0.0)
            state["mean"] = torch.zeros_like(weights)
            state["square"] = torch.zeros_like(weights)
        state["step"] += 1
        count = state["step"].item()
        state["mean"].lerp_(gradient, 1 - first)
        state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = (state["square"] / (1 - second**count)).sqrt_().add_(group["eps"])
        direction = state["mean"] / (1 - first**count) / spread
        direction, share = projected(weights, gradient, direction)
        weights.mul_(1 - group["lr"] * group["weight_decay"] * share)
        weights.sub_(direction, alpha=group["lr"])


def projected(weights: Tensor, gradient: Tensor, direction: Tensor) -> tuple[Tensor, float]:
    """Take out of a direction what only lengthens the weights; with the share of weight decay."""
    if weights.dim() > 1:
        for rows in (len(weights), 1):
            flat = weights.reshape(rows, -1)
            cosines = F.cosine_similarity(flat, gradient.reshape(rows, -1), dim=1).abs()
            if cosines.max() < DELTA / math.sqrt(flat.shape[1]):
                unit = F.normalize(flat, dim=1)
                moved = direction.reshape(rows, -1)
                along = (unit * moved).sum(dim=1, keepdim=True)
                return (moved - along * unit).view_as(weights), DECAY_SHARE
    return direction, 1.0
