"""How alike two saliency maps are. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr  # type: ignore[import-untyped]
from skimage.metrics import structural_similarity

if TYPE_CHECKING:
    from explorer.vision.attribution_records import Map

BLIND, DOUBTFUL = 0.9, 0.5
WINDOW = 7
"""Side of the window in which structural similarity compares, scikit-image's own choice."""


def rank_correlation(one: Map, other: Map) -> float | None:
    """Return Spearman's rank correlation of absolute values, -1 to 1.

    None where it has no meaning: one map is constant, or has values that are no numbers.
    """
    first, second = np.abs(one).ravel(), np.abs(other).ravel()
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(spearmanr(first, second).statistic)


def similarity(one: Map, other: Map) -> float | None:
    """Return the structural similarity (SSIM, Wang et al. 2004) of absolute values, up to 1.

    Each map is brought to [0, 1] first. None where one of them is constant, no number, or smaller
    than the window.
    """
    first, second = _scaled(np.abs(one)), _scaled(np.abs(other))
    if first is None or second is None or min(first.shape) < WINDOW:
        return None
    found = structural_similarity(  # type: ignore[no-untyped-call]
        first, second, win_size=WINDOW, data_range=1.0
    )
    return float(found)


def class_blindness(correlation: float | None, other: str) -> str:
    """Say in one sentence what the likeness to another class's map means."""
    if correlation is None:
        return f"The map cannot be compared with that of {other}: one of them is blank."
    number = f"rank correlation {correlation:.2f}".replace("-", "−")
    if correlation > BLIND:
        return f"The map of {other} looks almost the same ({number}): it hardly knows the class."
    if correlation > DOUBTFUL:
        return f"The map of {other} is similar ({number}): only part of it is about the class."
    return f"The map of {other} is another one ({number}): it depends on the class."


def told_apart(one: Map, other: Map, name: str) -> str:
    """Say in one sentence whether a map of another class, called `name`, is another map."""
    return class_blindness(rank_correlation(one, other), name)


def _scaled(values: Map) -> Map | None:
    low, spread = values.min(), np.ptp(values)
    if not np.isfinite(spread) or spread == 0:
        return None
    scaled: Map = (values - low) / spread
    return scaled
