"""How the learning rate changes, as a function of how much of the run is over. No torch here.

A share of the length, not a number of steps, so that runs limited by epochs, steps or seconds have
the same schedules, and nothing has to be kept to continue one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

MILESTONES = (0.5, 0.75)
"""Where "step" divides by ten: at half and three quarters, as He et al. (2015) for CIFAR-10."""
RISE, START, END = 0.3, 1 / 25, 1 / 25e4
"""One-cycle (Smith and Topin, 2017): the share in which it rises, and what it begins and ends at,
as torch's `OneCycleLR`."""
_ROUNDING = 1e-9


def learning_rate(recipe: Recipe, before: float, after: float) -> float:
    """The learning rate of the step that takes the run from one share of its length to another.

    `before` and `after` are from 0 to 1. The schedule is read where the step begins. Over the
    warm-up it is multiplied by a straight rise, which is read where the step ends: the first step
    moves too, and milestones stay where they are (Goyal et al., 2017, section 2.2).
    """
    rate = recipe.learning_rate * factor(recipe.schedule, before)
    warm_up = recipe.warm_up / 100
    return rate * min(1.0, after / warm_up) if warm_up else rate


def factor(schedule: str, share: float) -> float:
    """What the learning rate is multiplied by after this share of the run."""
    if schedule == "step":
        passed = sum(share >= milestone - _ROUNDING for milestone in MILESTONES)
        return float(10.0**-passed)
    if schedule == "cosine":
        return _eased(1.0, 0.0, share)
    if schedule == "one-cycle":
        if share < RISE:
            return _eased(START, 1.0, share / RISE)
        return _eased(1.0, END, (share - RISE) / (1 - RISE))
    return 1.0


def _eased(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
