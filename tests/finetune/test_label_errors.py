"""Confident learning by hand, against its authors' own package, and on labels made wrong."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.finetune import label_errors


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (60, 4) and labels (60,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, 60)
    labels[:4] = range(4)
    logits = rng.normal(size=(60, 4)) * 1.2
    logits[np.arange(60), labels] += 1.5
    said = np.exp(logits)
    return said / said.sum(axis=1, keepdims=True), labels


def test_confidence_by_hand() -> None:
    """Thresholds are (0.9 + 0.8 + 0.1) / 3 = 0.6 and (0.7 + 0.5) / 2 = 0.6."""
    said = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.5, 0.5]])
    labels = np.array([0, 0, 0, 1, 1])
    assert label_errors.confident(said, labels).tolist() == [0, 0, 1, 1, -1]
    assert label_errors.confident_joint(said, labels).tolist() == [[2, 1], [0, 1]]
    assert label_errors.contradicted(said, labels) == ((2, 1),)


def test_the_joint_is_that_of_its_authors() -> None:
    """What cleanlab 2.9 gives for the same numbers: the joint, and the rows in their order."""
    said, labels = drawn(2)
    joint = [[6, 0, 0, 2], [0, 7, 1, 0], [0, 0, 8, 3], [0, 0, 0, 7]]
    assert label_errors.confident_joint(said, labels).tolist() == joint
    rows = [row for row, _ in label_errors.contradicted(said, labels)]
    assert rows == [49, 11, 38, 21, 18, 44]


@pytest.fixture
def features() -> np.ndarray:
    """Three clouds of thirty in eight dimensions."""
    middles = np.eye(8)[:3] * 4
    noise = np.random.default_rng(0).normal(size=(90, 8)) * 0.7
    return np.repeat(middles, 30, axis=0) + noise


LABELS = np.repeat([0, 1, 2], 30)
ALONE = np.full(90, -1)
ITEMS = np.arange(90) + 1000
NAMES = ("cat", "dog", "fox")


def test_labels_made_wrong_are_found(features: np.ndarray) -> None:
    """Six of ninety: all of them, nothing else, by their numbers and with the true class."""
    labels = LABELS.copy()
    wrong = {4: 1, 17: 2, 33: 0, 50: 2, 61: 1, 88: 0}
    labels[list(wrong)] = list(wrong.values())
    found = label_errors.doubts(features, labels, ALONE, ITEMS, NAMES)
    assert {each.item - 1000: each.given for each in found.found} == wrong
    assert all(each.suggested == LABELS[each.item - 1000] for each in found.found)
    margins = [each.suggested_probability - each.given_probability for each in found.found]
    assert margins == sorted(margins, reverse=True)
    assert "6 of 90 labels are clearly contradicted" in found.sentence


def test_right_labels_are_left_alone(features: np.ndarray) -> None:
    """Nothing is made up."""
    found = label_errors.doubts(features, LABELS, ALONE, ITEMS, NAMES)
    assert found.found == ()
    assert found.judged == 90
    assert "None of 90 labels" in found.sentence


def test_copies_do_not_speak_for_each_other(features: np.ndarray) -> None:
    """A wrong picture and its four copies, all labelled wrong: as one group they are found."""
    copied = np.concatenate([features, np.repeat(features[:1], 4, axis=0)])
    labels = np.concatenate([LABELS, [1] * 4])
    labels[0] = 1
    twins = np.full(94, -1)
    twins[[0, 90, 91, 92, 93]] = 7
    found = label_errors.doubts(copied, labels, twins, np.arange(94), NAMES)
    assert {0, 90, 91, 92, 93} <= {each.item for each in found.found}


def test_too_few_pictures_are_not_judged(features: np.ndarray) -> None:
    """Four of a class, or five that are copies of one: named, and left out."""
    labels = LABELS.copy()
    labels[4:30] = 1
    found = label_errors.doubts(features, labels, ALONE, ITEMS, NAMES)
    assert found.unjudged == (0,)
    assert found.judged == 86
    assert "Nothing is said of cat" in found.sentence
    few = np.r_[0:3, 30:33]
    nothing = label_errors.doubts(features[few], LABELS[few], ALONE[few], ITEMS[few], NAMES)
    assert (nothing.found, nothing.judged, nothing.unjudged) == ((), 0, (0, 1, 2))
    assert nothing.sentence.startswith("Too few pictures to doubt a label")


def test_a_picture_never_teaches_about_itself() -> None:
    """Of chance features and labels, out-of-fold answers are right as often as chance."""
    rng = np.random.default_rng(4)
    noise, labels = rng.normal(size=(600, 10)), np.tile([0, 1], 300)
    said = label_errors.out_of_fold(noise, labels, np.arange(600), 2)
    assert (said.argmax(axis=1) == labels).mean() == pytest.approx(0.5, abs=0.06)
    assert said.sum(axis=1) == pytest.approx(np.ones(600))
