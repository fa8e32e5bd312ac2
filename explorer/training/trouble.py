"""What goes wrong in a run, in sentences that say what to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from explorer.anatomy.measure import exhaustion
from explorer.errors import BadRequest, Diverged, ExplorerError
from explorer.training import telling

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.training.recipe import Recipe

CUSTOMARY = {"sgd": 0.1, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.01, "adadelta": 1.0}
"""Learning rates of the optimisers' papers and of torch; 0.001 for the Adam family."""
_EARLY = 3
_TOGETHER = 50


def diverged(recipe: Recipe, step: int, what: str = "loss") -> Diverged:
    """Say at which step the loss stopped being a number, and which knob is the likely cause."""
    return Diverged(
        f"The {what} is no number any more from step {step:,} on: {_advice(recipe, step)}."
    )


class Watch:
    """Stops a run at its first loss that is no number.

    A GPU is not waited for at every step: it is asked about the last few steps together.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._recent: list[Tensor] = []

    def check(self, loss: Tensor, step: int) -> None:
        """Look at a step's loss (0-d), or later. Raises Diverged."""
        self._recent.append(loss.detach())
        if loss.is_cpu or telling.tells_step(step) or len(self._recent) == _TOGETHER:
            finite = torch.stack(self._recent).isfinite().tolist()
            self._recent.clear()
            if not all(finite):
                raise diverged(self._recipe, step - len(finite) + 1 + finite.index(False))


def _advice(recipe: Recipe, step: int) -> str:
    if recipe.precision == "fp16":
        return "numbers of fp16 end at 65,504, so choose bf16 or fp32"
    if recipe.initialisation == "too large" and step <= _EARLY:
        return 'the weights began too large, so choose the initialisation "he"'
    rate, usual = recipe.learning_rate, CUSTOMARY.get(recipe.optimiser, 0.001)
    if rate > usual:
        return f"the learning rate {rate:g} is high for {recipe.optimiser}, so try {rate / 10:g}"
    if recipe.initialisation not in ("own", "he"):
        return f'the initialisation "{recipe.initialisation}" may be the cause, so choose "he"'
    if not recipe.clip_norm:
        return f"clip gradients at 1, or lower the learning rate from {rate:g} to {rate / 10:g}"
    return f"lower the learning rate from {rate:g} to {rate / 10:g}"


@contextmanager
def sentences(recipe: Recipe, title: str, batch: int, device: torch.device) -> Iterator[None]:
    """Turn what torch raises in a step into the library's own errors."""
    try:
        with exhaustion(title, batch, device):
            yield
    except ExplorerError:
        raise
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise BadRequest(
            "A batch normalisation cannot learn from one value per channel: choose a batch size "
            "of 2 or more, larger pictures or another normalisation."
        ) from None
    except Exception as error:
        if recipe.compiled == "no" or not type(error).__module__.startswith("torch._"):
            raise
        raise BadRequest(
            f"{title} could not be compiled ({type(error).__name__}): set compile to no."
        ) from None
