"""Calibration by hand, and against scikit-learn's reliability curve."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from explorer.finetune.calibration import calibrated, rows


def two(sure: list[float]) -> np.ndarray:
    """Probabilities of two classes, the first this likely."""
    return np.array([[each, 1 - each] for each in sure])


def test_the_error_by_hand() -> None:
    """0.95, 0.95 (one wrong) and 0.65 (right): (2 · |0.5 - 0.95| + |1 - 0.65|) / 3."""
    found = calibrated(two([0.95, 0.95, 0.65]), np.array([0, 1, 0]))
    assert found.error == pytest.approx((2 * 0.45 + 0.35) / 3)
    assert found.confidence == pytest.approx(0.85)
    assert found.accuracy.value == pytest.approx(2 / 3)
    assert found.log_loss == pytest.approx(-np.log([0.95, 0.05, 0.65]).mean())
    assert (found.bins[9].right.of, found.bins[9].right.hits) == (2, 1)
    assert found.bins[0].confidence is None


def test_bins_hold_their_upper_end() -> None:
    """(0.5, 0.6] has 0.6 in it, and (0.9, 1] has 1."""
    found = calibrated(two([0.6, 1.0]), np.array([0, 0]))
    assert [each.right.of for each in found.bins] == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_bins_are_scikit_learns() -> None:
    """Its curve of "the answer is right" given the confidence; and its log loss."""
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(500, 4)) * 2
    said = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.where(rng.random(500) < 0.7, said.argmax(axis=1), rng.integers(0, 4, 500))
    found = calibrated(said, labels, bins=8)
    right, sure = calibration_curve(said.argmax(axis=1) == labels, said.max(axis=1), n_bins=8)
    full = [each for each in found.bins if each.right.of]
    assert [each.right.value for each in full] == pytest.approx(right)
    assert [each.confidence for each in full] == pytest.approx(sure)
    assert found.log_loss == pytest.approx(log_loss(labels, said))
    assert sum(count for _, count, _, _ in rows(found)) == 500


def test_a_calibrated_network_is_not_blamed_for_few_pictures() -> None:
    """Right and wrong drawn with its own confidences: within what chance does, and said so."""
    rng = np.random.default_rng(5)
    sure = rng.uniform(0.5, 1, 40)
    found = calibrated(two(list(sure)), np.where(rng.random(40) < sure, 0, 1))
    assert found.by_chance.high is not None
    assert found.error <= found.by_chance.high
    assert "calibrated network shows by chance" in found.sentence


def test_overconfidence_is_called_so() -> None:
    """Always 0.99 sure, right in half of the cases; and the other way round."""
    labels = np.tile([0, 1], 100)
    assert "surer than it should be" in calibrated(two([0.99] * 200), labels).sentence
    modest = calibrated(two([0.55] * 200), np.zeros(200, int))
    assert "less sure than it could be" in modest.sentence
