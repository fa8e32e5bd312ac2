"""SAMME's two formulas, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.training import samme


def test_a_member_votes_by_its_error() -> None:
    """With three classes and a fifth wrong: log(4) + log(2)."""
    assert samme.vote(0.2, 3) == pytest.approx(math.log(8))


def test_guessing_has_no_vote() -> None:
    """Wrong on two of three, with three classes, is chance; wrong on more is worse than that."""
    assert samme.vote(2 / 3, 3) == pytest.approx(0)
    assert samme.vote(0.8, 3) < 0
    assert samme.vote(0.0, 3) == math.inf


def test_two_classes_are_adaboost() -> None:
    """log((1 - err) / err), as Freund and Schapire have it."""
    assert samme.vote(0.25, 2) == pytest.approx(math.log(3))


def test_the_error_is_weighted() -> None:
    """Of weights 1, 2, 3 the wrong one has 2: a third."""
    error = samme.error(np.array([1.0, 2.0, 3.0]), np.array([False, True, False]))
    assert error == pytest.approx(1 / 3)


def test_wrong_pictures_weigh_more() -> None:
    """One of four wrong, two classes: exp(log 3) = 3 times; then it has half of all weight."""
    wrong = np.array([False, False, True, False])
    weights = samme.reweighted(np.ones(4), wrong, samme.vote(0.25, 2))
    assert weights == pytest.approx(np.array([1, 1, 3, 1]) * 4 / 6)
    assert samme.error(weights, wrong) == pytest.approx(0.5)


def test_the_member_just_boosted_is_worth_nothing_now() -> None:
    """With the new weights it is as good as guessing: an error of (K - 1) / K."""
    rng = np.random.default_rng(0)
    weights, wrong = rng.uniform(0.5, 1.5, 60), rng.uniform(size=60) < 0.3
    vote = samme.vote(samme.error(weights, wrong), 5)
    assert samme.error(samme.reweighted(weights, wrong, vote), wrong) == pytest.approx(4 / 5)
