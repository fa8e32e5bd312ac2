"""Intervals against printed values, scikit-learn, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from explorer.finetune import intervals


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    """Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (hits, of), (low, high) in printed.items():
        found = intervals.share(hits, of)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
        assert found.value == hits / of


def test_of_nothing_nothing_is_known() -> None:
    """None, not 0."""
    found = intervals.share(0, 0)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert intervals.f1(0, 0, 0).value is None


def test_f1_is_scikit_learns() -> None:
    """Six hits, two taken wrongly, one missed: 12 / 15."""
    labels = np.array([1] * 7 + [0] * 5)
    said = np.array([1] * 6 + [0] + [1] * 2 + [0] * 3)
    assert intervals.f1(6, 2, 1).value == pytest.approx(f1_score(labels, said))
    assert intervals.f1(6, 2, 1).value == pytest.approx(0.8)


def test_a_class_without_mistakes_is_not_certain() -> None:
    """Three of three: Wilson's low end is 3 / (3 + 1.96²), 0.4385, carried over to F1."""
    found = intervals.f1(3, 0, 0)
    jaccard = 3 / (3 + 1.959964**2)
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(2 * jaccard / (1 + jaccard))


def test_the_interval_of_f1_is_about_a_bootstraps_where_there_are_many() -> None:
    """Of 400 pictures drawn again 4,000 times."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 400)
    said = np.where(rng.random(400) < 0.8, labels, 1 - labels)
    draws = rng.integers(0, 400, (4000, 400))
    spread = [f1_score(labels[each], said[each]) for each in draws[:1000]]
    hits, wrongly, missed = (
        int(((labels == a) & (said == b)).sum()) for a, b in ((1, 1), (0, 1), (1, 0))
    )
    found = intervals.f1(hits, wrongly, missed)
    assert (found.low, found.high) == pytest.approx(np.percentile(spread, [2.5, 97.5]), abs=0.02)


def test_macro_f1_is_scikit_learns_and_within_its_interval() -> None:
    """Over the classes that have pictures; class 3 has none and is not one of the mean."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    said = np.where(rng.random(60) < 0.7, labels, rng.integers(0, 3, 60))
    found = intervals.macro_f1(labels, said, 4)
    assert found.value == pytest.approx(f1_score(labels, said, average="macro"))
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert 0.1 < found.high - found.low < 0.4


def test_a_bootstrap_without_mistakes_knows_nothing() -> None:
    """There is no spread to be drawn."""
    found = intervals.macro_f1(np.array([0, 1]), np.array([0, 1]), 2)
    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert intervals.macro_f1(np.zeros(0, int), np.zeros(0, int), 2).value is None


def test_mcnemars_exact_test_by_hand() -> None:
    """Five against one: twice the chance of at most one head in six throws, 2 · 7 / 64."""
    first = np.array([True] * 5 + [False] + [True] * 4 + [False] * 2)
    second = np.array([False] * 5 + [True] + [True] * 4 + [False] * 2)
    found = intervals.paired(first, second)
    assert (found.first, found.second, found.both, found.neither) == (5, 1, 4, 2)
    assert found.p == pytest.approx(14 / 64)
    assert intervals.paired(first, first).p == 1.0
