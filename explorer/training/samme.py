"""Boosting for any number of classes: what a member's vote counts, and what the next attends to.

Zhu, Zou, Rosset and Hastie, “Multi-class AdaBoost”, 2009, algorithm 2 (SAMME),
https://doi.org/10.4310/SII.2009.v2.n3.a8. No torch here.
"""

from __future__ import annotations

import math

import numpy as np


def error(weights: np.ndarray, wrong: np.ndarray) -> float:
    """The share of the weights (N,) that lies on pictures a member got wrong (N,)."""
    return float(weights[wrong].sum() / weights.sum())


def vote(error: float, classes: int) -> float:
    """What a member's vote counts: log((1 - err) / err) + log(K - 1).

    Zero for one that is no better than guessing. Infinite for one that makes no mistake.
    """
    if error <= 0:
        return math.inf
    return math.log((1 - error) / error) + math.log(classes - 1)


def reweighted(weights: np.ndarray, wrong: np.ndarray, vote: float) -> np.ndarray:
    """The weights (N,) for the next member, with a mean of 1.

    What was wrong counts exp(vote) times as much as before.
    """
    raised = weights * np.where(wrong, math.exp(vote), 1.0)
    return np.asarray(raised / raised.mean())
