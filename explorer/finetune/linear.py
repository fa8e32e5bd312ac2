"""A linear classifier on a network's features, the same for all who compare with one. No torch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MOST_DIRECTIONS = 256
"""Of more features the directions of largest variance are taken: it stays a matter of seconds."""
STRENGTH = 5.0
"""scikit-learn's C for features whose squares add up to 1 on average, however many there are.

From 2 to 20 it makes little difference with 8 to 48 pictures of each of 2 to 10 classes."""
HOW = (
    "Logistic regression on the frozen network's features, scaled to unit variance, on at most "
    f"{MOST_DIRECTIONS} of their principal directions, with an L2 penalty (C = {STRENGTH:g} by the "
    "number of features)."
)
_MOST_STEPS = 500


def probabilities(
    features: np.ndarray, labels: np.ndarray, asked: np.ndarray, classes: int
) -> np.ndarray:
    """Learn from features (n, d) with labels (n,), answer for others (m, d): (m, classes).

    A class nobody showed it has a probability of 0.
    """
    found = np.zeros((len(asked), classes))
    known = np.unique(labels)
    if len(known) == 1:
        found[:, known[0]] = 1.0
        return found
    if len(asked):
        found[:, known] = _fitted(features, labels).predict_proba(asked)
    return found


def _fitted(features: np.ndarray, labels: np.ndarray) -> Any:
    varied = int(np.ptp(features, axis=0).astype(bool).sum())
    directions = min(MOST_DIRECTIONS, len(features) - 1, features.shape[1])
    model = make_pipeline(
        StandardScaler(),
        PCA(directions, random_state=0),
        LogisticRegression(C=STRENGTH / max(varied, 1), max_iter=_MOST_STEPS),
    )
    with warnings.catch_warnings():
        # A few steps short of the optimum it says the same of all pictures but the closest.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(features, labels)
