"""Mean and spread over folds. No torch here.

Stone, Cross-Validatory Choice and Assessment of Statistical Predictions, 1974. What a fold is,
`explorer.training.data.splits` decides.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.errors import BadRequest
from explorer.training.study_records import Spread

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe


def folded(recipe: Recipe, folds: int) -> tuple[Recipe, ...]:
    """The same recipe once for each of k folds held out. Raises BadRequest below two folds."""
    if folds < 2:
        raise BadRequest("Of k folds, k is at least two.")
    return tuple(
        dataclasses.replace(recipe, folds=folds, fold=fold) for fold in range(1, folds + 1)
    )


def spread(scores: Sequence[float]) -> Spread:
    """Mean, sample standard deviation and extent of scores. Raises BadRequest below two."""
    if len(scores) < 2:
        raise BadRequest("A spread needs the scores of two folds at least.")
    return Spread(
        tuple(scores),
        statistics.fmean(scores),
        statistics.stdev(scores),
        min(scores),
        max(scores),
    )
