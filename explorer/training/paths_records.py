"""The ways of optimisers over a surface, step by step. No torch here.

Row t of every array is the state after t steps, row 0 the start; `gradients[t]` is the gradient
that step t + 1 is made with, noise included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LONGEST = 1000
"""Steps that a way may have."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all optimisers of a race have in common.

    `noise` is the standard deviation of Gaussian noise added to both parts of every gradient, the
    same for all at the same step, drawn from `seed`.
    """

    start: tuple[float, float]
    steps: int = 100
    momentum: float = 0.9
    second_moment: float = 0.99
    weight_decay: float = 0.0
    noise: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """One thing an optimiser remembers: torch's name of it, and values (T + 1, 2)."""

    name: str
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class Path:
    """One optimiser's way: positions (T + 1, 2), exact losses (T + 1,), gradients (T + 1, 2).

    T is the number of steps asked for, or fewer where it ran off: `broke` is then the step with
    which its position, loss or gradient stopped being a number of any use.
    """

    optimiser: str
    learning_rate: float
    positions: np.ndarray
    losses: np.ndarray
    gradients: np.ndarray
    state: tuple[State, ...]
    broke: int | None

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.losses) - 1


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways of several optimisers from one start over one surface."""

    surface: str
    settings: Settings
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """How many steps each optimiser needs to come below a loss and stay, by its learning rate.

    `steps` has a row per optimiser and a column per rate; None where it never came there.
    """

    surface: str
    settings: Settings
    target: float
    optimisers: tuple[str, ...]
    rates: tuple[float, ...]
    steps: tuple[tuple[int | None, ...], ...]

    def best(self, optimiser: str) -> tuple[float, int] | None:
        """The learning rate with the fewest steps, and these; None where none arrives."""
        row = self.steps[self.optimisers.index(optimiser)]
        found = [(steps, rate) for rate, steps in zip(self.rates, row, strict=True) if steps]
        return min(found)[::-1] if found else None
