"""What multiplications are done in: fp32, bf16, or fp16 with a scaled loss."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

_TYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """Runs a network in the recipe's precision; weights and the optimiser stay in fp32.

    Where fp16 would round small gradients to zero, the loss is multiplied before the backward pass
    and the gradients divided after it (Micikevicius et al., 2018, section 3.2). Raises BadRequest
    for a precision that the device does not have.
    """

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        _refuse(recipe.precision, device)
        self._device = device
        self._type = _TYPES.get(recipe.precision)
        self.scaler = torch.amp.GradScaler(device.type) if recipe.precision == "fp16" else None

    def autocast(self) -> AbstractContextManager[Any]:
        """Within it, multiplications are done in the recipe's precision."""
        if self._type is None:
            return nullcontext()
        return torch.autocast(self._device.type, self._type)

    def backward(self, loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
        """Give every weight its gradient, at its true size."""
        optimiser.zero_grad()
        if self.scaler is None:
            loss.backward()
        else:
            self.scaler.scale(loss).backward()
            self.scaler.unscale_(optimiser)

    def move(self, optimiser: torch.optim.Optimizer) -> None:
        """Let the optimiser step, unless a gradient was too large for fp16."""
        if self.scaler is None:
            optimiser.step()
        else:
            self.scaler.step(optimiser)
            self.scaler.update()


def _refuse(precision: str, device: torch.device) -> None:
    if precision == "fp16" and device.type != "cuda":
        raise BadRequest(
            f"fp16 is for NVIDIA's GPUs, and this runs on the {device.type.upper()}: "
            "choose fp32 or bf16."
        )
    if precision == "bf16" and device.type == "cuda" and not torch.cuda.is_bf16_supported(False):
        raise BadRequest("This GPU does not multiply in bf16: choose fp16 or fp32.")


def make_repeatable(device: torch.device) -> None:
    """Let the GPU's libraries take the algorithms that give the same numbers every time.

    For the whole process: cuDNN otherwise picks the fastest by trying, and some of those add up
    in any order. The CPU's do not depend on anything but the number of threads.
    """
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
