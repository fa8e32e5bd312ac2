"""Ranks, errors, entropies and changes, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.vision.prediction_records import (
    Guess,
    changes,
    entropy_bits,
    judged,
    rank_of,
    ranked,
    written,
)

NAMES = ("cat", "dog", "house", "football", "lion")
SCORES = (0.1, 0.6, 0.05, 0.05, 0.2)
"""The textbook's five classes: a picture of a dog, the network nearly sure of it."""


def test_classes_are_ranked_by_probability() -> None:
    """Dog, lion, cat; of the two equal ones the lower class number is first."""
    assert [each.name for each in ranked(SCORES, NAMES, 5)] == [
        "dog", "lion", "cat", "house", "football",
    ]  # fmt: skip
    first = ranked(SCORES, NAMES, 1)
    assert [(each.rank, each.name, each.index, each.probability) for each in first] == [
        (1, "dog", 1, 0.6)
    ]
    assert len(ranked(SCORES, NAMES, 50)) == 5


@pytest.mark.parametrize(
    ("right", "rank", "top1"),
    [("dog", 1, 0), ("lion", 2, 1), ("cat", 3, 1), ("house", 4, 1), ("football", 5, 1)],
)
def test_top_one_and_top_five(right: str, rank: int, top1: int) -> None:
    """Only dog is no top-1 error; with five classes nothing is a top-5 error."""
    verdict = judged(SCORES, NAMES, NAMES.index(right))
    assert verdict.rank == rank
    assert verdict.error(1) == top1
    assert verdict.error(5) == 0
    assert verdict.probability == SCORES[NAMES.index(right)]


def test_a_sixth_class_can_be_a_top_five_error() -> None:
    """The last of six equal classes is not among the first five."""
    verdict = judged([1 / 6] * 6, (*NAMES, "tree"), 5)
    assert verdict.rank == 6
    assert verdict.error(5) == 1


def test_ranks_agree_with_the_ranking_where_classes_tie() -> None:
    """Counting those before gives the same as sorting."""
    values = np.random.default_rng(0).integers(0, 4, 50) / 100
    order = ranked(values, [str(i) for i in range(50)], 50)
    assert [rank_of(values, each.index) for each in order] == list(range(1, 51))


def test_entropy() -> None:
    """Certainty is 0 bits, a coin 1, eight equal classes 3."""
    assert entropy_bits([1.0, 0.0]) == 0
    assert str(entropy_bits([1.0, 0.0])) == "0.0", "and not minus zero"
    assert entropy_bits([0.5, 0.5]) == pytest.approx(1)
    assert entropy_bits([1 / 8] * 8) == pytest.approx(3)


def test_changes_name_both_tops() -> None:
    """The classes of either top two, in the order of the second answer."""
    found = changes(np.array(SCORES), np.array([0.5, 0.3, 0.1, 0.06, 0.04]), NAMES, 2)
    assert [(each.name, each.rank_before, each.rank_after) for each in found] == [
        ("cat", 3, 1), ("dog", 1, 2), ("lion", 2, 5),
    ]  # fmt: skip
    assert [(each.before, each.after) for each in found] == [(0.1, 0.5), (0.6, 0.3), (0.2, 0.04)]


def test_an_averaged_guess_has_no_score() -> None:
    """NaN rather than a zero that looks like one."""
    assert np.isnan(Guess(1, "dog", 1, 0.6).logit)


def test_numbers_have_a_real_minus() -> None:
    """As they stand in sentences."""
    assert written(-2.1179) == "−2.12"
    assert written(255.0, 0) == "255"
