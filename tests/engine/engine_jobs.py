"""A small training loop that tests add to the engine: it needs no data, and fails when asked to.

The network `line` fits y = 2x - 1 by gradient descent, one noisy point a step; the recipe's data
says what happens on the way.
"""

from __future__ import annotations

import errno
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from engine_calls import CALLS

from explorer.errors import Diverged, OutOfMemory
from explorer.training.records import (
    Began,
    Ended,
    Epoch,
    Filters,
    Histogram,
    Histograms,
    Layers,
    Reason,
    Record,
    Score,
    Seen,
    Step,
)

if TYPE_CHECKING:
    import torch

    from explorer.training.recipe import Recipe

__all__ = ["CALLS", "TRAINERS"]

EPOCH = 10
"""Steps."""


class Line:
    """Fits a line; `length` counts epochs of ten steps."""

    def __init__(
        self,
        recipe: Recipe,
        *,
        checkpoint: Path | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        self.recipe = recipe
        self._between = between
        self._noise = random.Random(recipe.seed)
        self._asked: Reason | None = None
        self.step, self.seconds, self.slope, self.offset = 0, 0.0, 0.0, 0.0
        if checkpoint is not None:
            state = json.loads(checkpoint.read_text())
            self.step, self.seconds, self.slope, self.offset, noise = state
            self._noise.setstate((noise[0], tuple(noise[1]), noise[2]))

    def records(self) -> Iterator[Record]:
        """Train, and tell of it."""
        steps = int(self.recipe.length) * EPOCH
        yield Began(
            "Line", 2, ("line",), ("a", "b"), (1, 2, 2), 10, 4, 4, EPOCH, steps, False, "cpu", 1,
            self.step,
        )  # fmt: skip
        pictures = np.zeros((5, 2, 2, 3), np.uint8)
        while self.step < steps and self._asked is None:
            yield self._learned()
            yield Layers(self.step, (abs(self.slope),), (0.5,))
            if self.step % EPOCH == 0:
                loss = (self.slope - 2) ** 2
                yield Epoch(
                    self.step / EPOCH,
                    self.step,
                    self.seconds,
                    Score(loss, 50.0, None, 10),
                    None,
                    True,
                )
                yield Seen(self.step, np.arange(5) % 2, np.full((5, 2), 0.5), pictures)
                yield Filters(self.step, np.full((1, 1, 2, 2), self.slope, np.float32))
            WAYS.get(self.recipe.data, lambda _: None)(self)
            self._between()
        reason: Reason = self._asked or "length"
        yield Ended(reason, self.step / EPOCH, self.step, self.seconds, None, None, None)

    def _learned(self) -> Step:
        x = self._noise.uniform(-1, 1)
        error = self.slope * x + self.offset - (2 * x - 1 + self._noise.gauss(0, 0.01))
        rate = self.recipe.learning_rate
        self.slope, self.offset = self.slope - rate * error * x, self.offset - rate * error
        self.step, self.seconds = self.step + 1, self.seconds + 0.125
        epoch, slope = self.step / EPOCH, abs(self.slope)
        return Step(self.step, epoch, self.seconds, error**2, 50.0, rate, 8.0, slope)

    def ask(self, reason: Reason) -> None:
        """End after the step that runs."""
        self._asked = reason

    def save(self, path: Path) -> None:
        """Write all that is needed to go on."""
        beside = path.with_name("beside")
        state = [self.step, self.seconds, self.slope, self.offset, self._noise.getstate()]
        beside.write_text(json.dumps(state))
        beside.replace(path)

    def weights(self) -> dict[str, torch.Tensor]:
        """Return slope and offset."""
        import torch  # noqa: PLC0415 - the broker imports this module, and has no torch

        return {"line": torch.tensor([self.slope, self.offset])}

    def best_weights(self) -> dict[str, torch.Tensor] | None:
        """Return the same: it never gets worse."""
        return self.weights()

    def histograms(self) -> Histograms:
        """Return the one weight's."""
        one = (Histogram(np.array([1]), np.array([self.slope, self.slope + 1]), 0),)
        return Histograms(self.step, ("line",), one, one, one)


def _raise(step: int, error: BaseException) -> Callable[[Line], None]:
    def way(line: Line) -> None:
        if line.step == step:
            raise error

    return way


def _stubborn(line: Line) -> None:
    """Take memory, and never look up."""
    line.taken = np.ones(20_000_000)
    time.sleep(600)


def _crash(line: Line) -> None:
    if line.step == 5:
        os.abort()


WAYS: dict[str, Callable[[Line], Any]] = {
    "slow": lambda _: time.sleep(0.02),
    "stubborn": _stubborn,
    "crash": _crash,
    "diverging": _raise(
        25, Diverged("The loss is no number any more from step 25 on: turn it down.")
    ),
    "large": _raise(25, OutOfMemory("Line does not fit into memory; choose a smaller batch.")),
    "full": _raise(25, OSError(errno.ENOSPC, "No space left on device")),
    "hungry": _raise(25, MemoryError()),
    "buggy": _raise(25, ZeroDivisionError("division by zero\nand more")),
}

TRAINERS = {"line": Line}
