"""Which learning rate suits a recipe: the range test of Smith, “Cyclical Learning Rates for
Training Neural Networks”, 2017, section 3.3. Loads torch."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d  # type: ignore[import-untyped]

from explorer.errors import Diverged
from explorer.progress import Progress, silent
from explorer.runs.trainers import trainer
from explorer.training.lr_records import LearningRates

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

LOW, HIGH, STEPS = 1e-6, 10.0, 140
"""Twenty steps for each power of ten."""
WIDTH = 3.0
"""Standard deviation, in steps, of the window in which losses are averaged: to both sides, because
a running mean would lag and show the lowest loss at too high a rate."""
BLOWN_UP = 4.0
"""The test ends where the last few losses are so many times the lowest mean; more is cut off."""
LAST = 5
FALL = 0.02
"""The loss has fallen where it is lower than at first by this share."""


def find(
    recipe: Recipe, *, device: str | None = None, progress: Progress = silent
) -> LearningRates:
    """Take a step at each learning rate from 1e-6 to 10, and see where the loss falls and rises.

    Everything else is as in the recipe, without its schedule. The network is thrown away. Raises
    what `Training` raises for the recipe, and what `progress` raises.
    """
    progress(0.0, "Building the network")
    alone = dataclasses.replace(recipe, ensemble="one", members=1, patience=0)
    training = trainer(alone)(
        dataclasses.replace(alone, unit="steps", length=float(STEPS)), device=device
    )
    rates = np.geomspace(LOW, HIGH, STEPS)
    losses: list[float] = []
    blown_up = False
    for number, rate in enumerate(rates):
        progress(number / STEPS, f"Trying a learning rate of {rate:.1e}")
        try:
            losses.append(training.learn(float(rate)).item())
        except Diverged:
            blown_up = True
        blown_up = blown_up or _blown_up(losses)
        if blown_up:
            break
    return read(rates[: len(losses)], np.array(losses), diverged=blown_up)


def _blown_up(losses: list[float]) -> bool:
    return min(losses[-LAST:]) > BLOWN_UP * float(smoothed(np.array(losses)).min())


def smoothed(losses: np.ndarray) -> np.ndarray:
    """Losses (T,) averaged over their neighbours, none counted above four times the lowest."""
    if not len(losses):
        return losses
    cut = np.minimum(losses, BLOWN_UP * losses.min())
    return np.asarray(gaussian_filter1d(cut, WIDTH, mode="nearest"))


def read(rates: np.ndarray, losses: np.ndarray, *, diverged: bool) -> LearningRates:
    """Make a suggestion of losses at rising rates (T,)."""
    means = smoothed(losses)
    place = int(means.argmin()) if len(means) else 0
    if not place or means[place] > (1 - FALL) * means[0]:
        return LearningRates(
            rates, losses, means, None, None, None, diverged,
            "The loss fell at none of these learning rates: look at initialisation, normalisation "
            "and data first.",
        )  # fmt: skip
    slopes = np.gradient(means[: place + 1], np.log(rates[: place + 1]))
    steepest, lowest = float(rates[slopes.argmin()]), float(rates[place])
    suggested = rounded(lowest / 10)
    sentence = (
        f"The loss was lowest at {lowest:.1e}, on the edge of too much: begin with a tenth of it, "
        f"{suggested:g}."
    )
    return LearningRates(rates, losses, means, lowest, steepest, suggested, diverged, sentence)


def rounded(rate: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten, on a logarithmic scale."""
    power = 10.0 ** math.floor(math.log10(rate))
    part = min((1, 2, 5, 10), key=lambda each: abs(math.log(rate / (each * power))))
    return float(f"{part * power:.0e}")
