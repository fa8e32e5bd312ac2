"""Is a network right as often as it is sure? No torch here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.finetune import intervals
from explorer.finetune.report_records import Bin, Calibration, Estimate

BINS = 10
DRAWS = 1_000
_SEED = 0
_LEAST = 1e-12
"""A probability of 0 for what is true would make the log loss infinite."""


def calibrated(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Calibration:
    """Hold the probability (n, classes) of each answer against how often such answers are right.

    The expected calibration error is that of Naeini, Cooper and Hauskrecht (2015), as in Guo,
    Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (2017): of the likeliest
    class alone, in bins of equal width from (0, 0.1] to (0.9, 1]. Few pictures give an error even
    to a calibrated network: how much is found by drawing right and wrong with the network's own
    confidences, as in Bröcker and Smith, "Increasing the reliability of reliability diagrams"
    (2007).
    """
    sure = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    places = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    error = float(_errors(sure, right[None].astype(np.float64), places, bins)[0])
    chance = _by_chance(sure, places, bins)
    accuracy = intervals.share(int(right.sum()), len(right))
    true = probabilities[np.arange(len(labels)), labels]
    return Calibration(
        bins=tuple(_bin(number, bins, sure, right, places) for number in range(bins)),
        error=error,
        by_chance=chance,
        confidence=float(sure.mean()),
        accuracy=accuracy,
        log_loss=float(-np.log(np.maximum(true, _LEAST)).mean()),
        sentence=_sentence(error, chance, float(sure.mean()), float(right.mean()), len(right)),
    )


def _errors(sure: np.ndarray, right: np.ndarray, places: np.ndarray, bins: int) -> np.ndarray:
    """The calibration error (draws,) of which answers are `right` (draws, n)."""
    members = np.eye(bins)[places]
    found: np.ndarray = np.abs((right - sure) @ members).sum(axis=1) / len(sure)
    return found


def _by_chance(sure: np.ndarray, places: np.ndarray, bins: int) -> Estimate:
    drawn = np.random.default_rng(_SEED).random((DRAWS, len(sure))) < sure
    errors = _errors(sure, drawn.astype(np.float64), places, bins)
    low, high = np.percentile(errors, [2.5, 97.5])
    return Estimate(float(errors.mean()), float(low), float(high))


def _bin(number: int, bins: int, sure: np.ndarray, right: np.ndarray, places: np.ndarray) -> Bin:
    here = places == number
    return Bin(
        low=number / bins,
        high=(number + 1) / bins,
        confidence=float(sure[here].mean()) if here.any() else None,
        right=intervals.share(int(right[here].sum()), int(here.sum())),
    )


def _sentence(
    error: float, chance: Estimate, confidence: float, accuracy: float, count: int
) -> str:
    assert chance.value is not None
    assert chance.high is not None
    said = (
        f"The network is {100 * confidence:.1f} % sure on average and right in "
        f"{100 * accuracy:.1f} %; its expected calibration error is {100 * error:.1f} points"
    )
    expected = f"{100 * chance.value:.1f}"
    if error <= chance.high:
        return (
            f"{said}, no more than a calibrated network shows by chance with {count:,} pictures "
            f"({expected} on average, up to {100 * chance.high:.1f})."
        )
    lean = "surer than it should be" if confidence > accuracy else "less sure than it could be"
    return (
        f"{said}, where a calibrated network would show {expected} by chance with "
        f"{count:,} pictures: it is {lean}."
    )


def rows(found: Calibration) -> Sequence[tuple[str, int, float | None, float | None]]:
    """Each bin as a row: its range, how many answers, mean confidence, accuracy; both of 1."""
    return [
        (f"{each.low:g} to {each.high:g}", each.right.of, each.confidence, each.right.value)
        for each in found.bins
    ]
