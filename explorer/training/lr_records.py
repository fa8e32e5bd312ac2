"""What a learning-rate range test found. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class LearningRates:
    """The loss of a batch at each learning rate, from low to high, one step each.

    `rates`, `losses` and `smoothed` are float64 (T,); `smoothed` are averaged over their
    neighbours, and in them the rest is read: `lowest` is the rate at which the loss was lowest,
    `steepest` the one at which it fell fastest, and `suggested` a tenth of the lowest, in round
    numbers. All three are None where the loss fell at no rate. `diverged` says that the test ended
    because the loss blew up.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    lowest: float | None
    steepest: float | None
    suggested: float | None
    diverged: bool
    sentence: str
