"""Precision, recall and F1 against scikit-learn, and what is said of few pictures."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from explorer.finetune.scoring import scores

CLASSES = ("cat", "개", "🦊", "none held out")


@pytest.fixture
def labels() -> np.ndarray:
    """Ten, six and three pictures."""
    return np.repeat([0, 1, 2], [10, 6, 3])


@pytest.fixture
def predicted(labels: np.ndarray) -> np.ndarray:
    """Two cats are taken for dogs, one fox for what nobody showed."""
    said = labels.copy()
    said[:2], said[-1] = 1, 3
    return said


def test_every_class_is_scored_as_scikit_learn_does(
    labels: np.ndarray, predicted: np.ndarray
) -> None:
    """Precision, recall, F1 and counts."""
    found = scores(labels, predicted, CLASSES, (40, 24, 12, 5))
    theirs = precision_recall_fscore_support(labels, predicted, labels=range(3), zero_division=0)
    for each, precision, recall, f1, support in zip(found.classes[:3], *theirs, strict=True):
        assert each.precision.value == pytest.approx(precision)
        assert each.recall.value == pytest.approx(recall)
        assert each.f1.value == pytest.approx(f1)
        assert each.held_out == support
    assert [each.train for each in found.classes] == [40, 24, 12, 5]
    assert found.accuracy.hits == 16


def test_what_nobody_held_out_is_unknown(labels: np.ndarray, predicted: np.ndarray) -> None:
    """No recall without pictures; a precision of 0 where one was taken for it."""
    last = scores(labels, predicted, CLASSES, (40, 24, 12, 5)).classes[-1]
    assert last.recall.value is None
    assert last.precision.value == 0.0
    assert "unknown" in last.sentence


def test_few_pictures_are_said_to_be_few(labels: np.ndarray, predicted: np.ndarray) -> None:
    """Two of three fit a recall from 21 to 94 % (Wilson), and so does a sentence say."""
    found = scores(labels, predicted, CLASSES, (40, 24, 12, 5))
    fox = found.classes[2].sentence
    assert "🦊" in fox
    assert "so few fit a recall anywhere from 21 to 94 %" in fox
    assert "four times as many" in found.sentence
    many = scores(np.tile(labels, 50), np.tile(predicted, 50), CLASSES, (40, 24, 12, 5))
    assert "four times as many" not in many.sentence
    assert "so few" not in many.classes[0].sentence


def test_one_picture_and_no_pictures_have_their_words() -> None:
    """Grammar, and no division by nothing."""
    one = scores(np.array([0]), np.array([1]), ("a", "b"), (3, 3))
    assert one.classes[0].sentence.startswith("a: of its only held-out picture none was")
    none = np.zeros(0, np.int64)
    assert "unknown" in scores(none, none, ("a", "b"), (3, 3)).sentence
