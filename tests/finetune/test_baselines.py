"""What has to be beaten: each baseline by hand, and an honest verdict in every case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.finetune import intervals
from explorer.finetune.baselines import baselines, nearest, verdict
from explorer.finetune.report_records import Baseline

LABELS = np.repeat([0, 1, 0, 1], [12, 8, 6, 6])
HELD_OUT = np.repeat([False, True], [20, 12])


def clouds(apart: float) -> np.ndarray:
    """Two clouds in six dimensions."""
    noise = np.random.default_rng(1).normal(size=(32, 6))
    noise[:, 0] += apart * (2 * LABELS - 1)
    return noise


def test_the_majority_is_that_of_what_was_learned_from() -> None:
    """Twelve against eight: class 0 is said of all, right in six of twelve."""
    said = np.zeros(32, int)
    majority = baselines(clouds(9), LABELS, HELD_OUT, said, ("cat", "dog"))[0]
    assert majority.method == "majority"
    assert (majority.accuracy.hits, majority.accuracy.of) == (6, 12)
    assert "cat" in majority.how


def test_clouds_far_apart_are_told_apart_by_both() -> None:
    """And nobody can tell them in clouds that are one."""
    truth = LABELS.copy()
    easy = baselines(clouds(9), LABELS, HELD_OUT, truth, ("cat", "dog"))
    assert [each.accuracy.hits for each in easy] == [6, 12, 12]
    hard = baselines(clouds(0), LABELS, HELD_OUT, truth, ("cat", "dog"))
    assert all(each.accuracy.hits < 12 for each in hard)
    assert all(each.against.second == 0 for each in hard)


def test_the_nearest_is_that_of_the_smallest_angle() -> None:
    """(10, 1) is closer to (1, 1) in the plane, and to (40, 0) by its angle."""
    known = np.array([[1.0, 1.0], [40.0, 0.0]])
    assert nearest(known, np.array([7, 9]), np.array([[10.0, 1.0], [0.0, 3.0]])).tolist() == [9, 7]


def test_one_class_alone_in_what_was_learned_from() -> None:
    """Nothing breaks: all say that class."""
    labels = np.array([0, 0, 0, 1, 1])
    held_out = np.array([False, False, False, True, True])
    found = baselines(np.eye(5), labels, held_out, labels, ("a", "b"))
    assert [each.accuracy.hits for each in found] == [0, 0, 0]


def judged(network: np.ndarray, baseline: np.ndarray) -> tuple[Baseline, ...]:
    """Two baselines: one that is never right, and one that has these pictures right."""
    best = Baseline(
        "logistic",
        "Logistic regression",
        "",
        intervals.share(int(baseline.sum()), len(baseline)),
        intervals.paired(network, baseline),
    )
    never = np.zeros_like(baseline)
    worst = replace(
        best,
        method="majority",
        accuracy=intervals.share(0, len(baseline)),
        against=intervals.paired(network, never),
    )
    return worst, best


def first(count: int, of: int = 40) -> np.ndarray:
    """The first so many pictures are right."""
    return np.arange(of) < count


@pytest.mark.parametrize(
    ("network", "baseline", "said"),
    [
        (39, 20, "beats every baseline"),
        (21, 20, "by chance too"),
        (20, 20, "no better than logistic regression"),
        (19, 20, "does not beat logistic regression on the frozen features: 19 of 40"),
        (10, 30, "does not beat logistic regression"),
    ],
)
def test_the_verdict_is_honest(network: int, baseline: int, said: str) -> None:
    """Better, not clearly better, equal, a little worse, worse."""
    sentence = verdict(judged(first(network), first(baseline)))
    assert said in sentence
    assert ("cannot rule out chance" in sentence) == (network == 19)
    if baseline != network:
        assert "exact McNemar test, p" in sentence


def test_without_held_out_pictures_nothing_is_claimed() -> None:
    """Nobody knows."""
    nobody = np.zeros(32, bool)
    found = baselines(clouds(9), LABELS, nobody, LABELS, ("cat", "dog"))
    assert "nobody knows" in verdict(found)
