"""What goes wrong in a run, in sentences that say what to change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from explorer.anatomy.measure import exhaustion
from explorer.errors import BadRequest, Diverged, ExplorerError

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.training.recipe import Recipe
    from explorer.training.standing import Standing

CUSTOMARY = {"sgd": 0.1, "momentum": 0.1, "nesterov": 0.1, "adagrad": 0.01, "adadelta": 1.0}
"""Learning rates of the optimisers' papers and of torch; 0.001 for the Adam family."""
_EARLY = 3
_TOGETHER = 50


def diverged(recipe: Recipe, step: int, what: str = "The loss is") -> Diverged:
    """Say from which step on there are no numbers any more, and which knob is the likely cause."""
    return Diverged(f"{what} no number any more from step {step:,} on: {_advice(recipe, step)}.")


def check_weights(recipe: Recipe, weights: Sequence[Tensor], step: int) -> None:
    """Raise Diverged where a weight is no number: the last step moved it too far.

    With sound weights a loss can still be infinite in evaluation: early in the training of deep
    networks the running statistics of batch normalisations lag behind.
    """
    if not all(bool(each.isfinite().all()) for each in weights):
        raise diverged(recipe, step, "The weights are")


class Watch:
    """Reads the gauges of a run's steps, and stops it at the first loss that is no number.

    A GPU is not waited for at every step: several are read together.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._unread: list[tuple[Tensor, int]] = []

    def add(self, gauge: Tensor, count: int) -> bool:
        """Take a step's gauge (`losses.gauge`); whether it is time to read."""
        self._unread.append((gauge, count))
        return gauge.is_cpu or len(self._unread) == _TOGETHER

    def read(self, at: Standing) -> list[float]:
        """Add all up that is not read yet, and return the last. Raises Diverged."""
        gauges = torch.stack([gauge for gauge, _ in self._unread]).tolist()
        first = at.step - len(gauges) + 1
        for step, (row, (_, count)) in enumerate(zip(gauges, self._unread, strict=True), first):
            if not math.isfinite(row[0]):
                raise diverged(self._recipe, step)
            at.tally.add(row, count)
        self._unread.clear()
        return list(gauges[-1])

    @property
    def behind(self) -> bool:
        """Whether there is something to read."""
        return bool(self._unread)


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
