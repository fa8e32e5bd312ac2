"""What studies of finished runs tell. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SHARPNESS = (
    "Sharpness: by how much the loss on training pictures rises, on average over random "
    "directions and both ways along each, when every filter is moved by half of its own norm "
    "(directions normalised filter by filter, Li et al. 2018; biases and normalisation stay)"
)
"""The convention of the number, as it stands beneath it."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """The loss around the weights a run ended with.

    `distances` (D,) are in filter norms and `losses` (K, D) along K random directions; `axis` (P,)
    and `plane` (P, P) hold the loss on the plane of two of them, rows along the second. Losses
    are cross-entropies, means over `pictures` training pictures in evaluation mode.
    """

    run: str
    distances: np.ndarray
    losses: np.ndarray
    axis: np.ndarray
    plane: np.ndarray
    base: float
    sharpness: float
    pictures: int


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """What a network says at every place of a plane of points.

    `across` (G,) and `down` (G,) are the places' coordinates, `winner` uint8 (G, G) the likeliest
    class and `probability` (G, G) its probability; rows run along `down`. `points` (N, 2) with
    their `labels` (N,) are what it learned from.
    """

    run: str
    across: np.ndarray
    down: np.ndarray
    winner: np.ndarray
    probability: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """A share in per cent, and where it would lie for 95 of 100 bootstrap samples."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Members:
    """An ensemble's members on the test pictures: each alone, and the first so many together.

    `agreement` is the share of pictures, in per cent, on which two members say the same, a mean
    over all pairs; None for a single network. `weights` are the members' votes, adding up to one.
    """

    run: str
    alone: tuple[Interval, ...]
    together: tuple[Interval, ...]
    weights: tuple[float, ...]
    agreement: float | None
    pictures: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What a recipe's network costs: parameters, and multiply-adds for one input of `shape`.

    `not_counted` names operators without a formula.
    """

    title: str
    params: int
    macs: int
    shape: tuple[int, int, int]
    depth: int
    not_counted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Scores of k folds: their mean, standard deviation (of a sample: by k - 1), and extent."""

    scores: tuple[float, ...]
    mean: float
    deviation: float
    low: float
    high: float
