"""How little so few pictures tell: intervals of shares, of F1, and of differences. No torch here.

Pictures are taken to be drawn by chance, one without regard to the other, from all those the
network will see; all intervals are of 95 %.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from explorer.finetune.report_records import Estimate, Paired, Share

LEVEL = 0.95
_DEVIATIONS = NormalDist().inv_cdf((1 + LEVEL) / 2)
DRAWS = 1_000
"""Samples of a bootstrap."""
_SEED = 0


def share(hits: int, of: int) -> Share:
    """Return a share with its interval by Wilson (1927), which holds for few pictures too.

    "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    if not of:
        return Share(0, 0, None, None)
    return Share(hits, of, *wilson(hits / of, of))


def wilson(value: float, of: int) -> tuple[float, float]:
    """Return the interval of a share that was counted on `of` pictures, within 0 and 1."""
    z2 = _DEVIATIONS**2 / of
    middle = (value + z2 / 2) / (1 + z2)
    half = _DEVIATIONS / (1 + z2) * math.sqrt(value * (1 - value) / of + z2 / (4 * of))
    # At the ends it is closed, which rounding must not spoil.
    return (max(0.0, middle - half) if value > 0 else 0.0,
            min(1.0, middle + half) if value < 1 else 1.0)  # fmt: skip


def f1(hits: int, wrongly: int, missed: int) -> Estimate:
    """Return F1 of a class from how many are found, taken for it wrongly, and missed.

    F1 = 2 J / (1 + J), where J is the share of hits among all three, a binomial one: the interval
    is Wilson's of J, carried over. Lam, Gopal and Qian, "Confidence intervals for the F1 score: a
    comparison of four methods" (2023). A bootstrap would claim certainty of a class without
    mistakes, however few its pictures.
    """
    found = share(hits, hits + wrongly + missed)
    value, low, high = (
        None if each is None else 2 * each / (1 + each)
        for each in (found.value, found.low, found.high)
    )
    return Estimate(value, low, high)


def macro_f1(labels: np.ndarray, predicted: np.ndarray, classes: int) -> Estimate:
    """Return the mean F1 over the classes that have pictures, with a bootstrap's interval.

    Labels and predictions are (n,). The interval holds the middle 95 % of what 1,000 samples of n
    pictures, drawn with replacement, give; without any mistake to be drawn it is unknown.
    """
    if not len(labels):
        return Estimate(None, None, None)
    value = float(_macro(np.ones((1, len(labels))), labels, predicted, classes)[0])
    if (labels == predicted).all():
        return Estimate(value, None, None)
    even = np.full(len(labels), 1 / len(labels))
    draws = np.random.default_rng(_SEED).multinomial(len(labels), even, size=DRAWS)
    tail = 50 * (1 - LEVEL)
    spread = _macro(draws.astype(np.float64), labels, predicted, classes)
    low, high = np.percentile(spread, [tail, 100 - tail])
    return Estimate(value, float(low), float(high))


def _macro(
    times: np.ndarray, labels: np.ndarray, predicted: np.ndarray, classes: int
) -> np.ndarray:
    """Mean F1 of samples that hold each picture so many `times` (draws, n)."""
    each = np.eye(classes)
    there = times @ each[labels]
    hits = times @ (each[labels] * (labels == predicted)[:, None])
    both = there + times @ each[predicted]
    scores = np.divide(2 * hits, both, out=np.zeros_like(hits), where=both > 0)
    found: np.ndarray = scores.sum(axis=1, where=there > 0) / (there > 0).sum(axis=1)
    return found


def paired(first: np.ndarray, second: np.ndarray) -> Paired:
    """Hold two classifiers against each other: which pictures (n,) each of them has right.

    McNemar's test in its exact form: of the pictures on which they differ, either is as likely to
    be the one that is right. McNemar, "Note on the sampling error of the difference between
    correlated proportions or percentages", Psychometrika 12 (1947).
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    differ = only_first + only_second
    # Here, for the page server takes a second to load it and compares two networks now and then.
    from scipy.stats import binomtest  # type: ignore[import-untyped] # noqa: PLC0415

    return Paired(
        both=int((first & second).sum()),
        first=only_first,
        second=only_second,
        neither=int((~first & ~second).sum()),
        p=float(binomtest(only_first, differ).pvalue) if differ else 1.0,
    )
