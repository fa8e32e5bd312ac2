"""How far a share could lie off, had other pictures been drawn.

Efron and Tibshirani, An Introduction to the Bootstrap, 1993: draw as many pictures with
replacement, count again, and look where most counts lie. No torch here.
"""

from __future__ import annotations

import numpy as np

from explorer.errors import BadRequest
from explorer.training.study_records import Interval

DRAWS = 2000
_TAILS = (2.5, 97.5)


def interval(right: np.ndarray, seed: int = 0) -> Interval:
    """The share of a (N,) array of booleans that is true, and its 95 % percentile interval.

    Raises BadRequest for an empty array.
    """
    count = len(right)
    if not count:
        raise BadRequest("A share needs one picture at least.")
    share = float(np.mean(right))
    # Of N drawn with replacement, the number that is right is binomial: no need to draw each one.
    drawn = np.random.default_rng(seed).binomial(count, share, DRAWS) * (100.0 / count)
    low, high = np.percentile(drawn, _TAILS)
    return Interval(100.0 * share, float(low), float(high))
