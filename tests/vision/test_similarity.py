"""Two maps told apart: by ranks of absolute values, in one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.vision.similarity import rank_correlation, told_apart

RISING = np.arange(1, 10, dtype=np.float32).reshape(3, 3)


def test_ranks_are_those_of_absolute_values() -> None:
    """Signs and any rising function of the values change nothing; the reverse order is -1."""
    assert rank_correlation(RISING, -(RISING**3)) == pytest.approx(1)
    assert rank_correlation(RISING, RISING[::-1, ::-1]) == pytest.approx(-1)


def test_ranks_by_hand() -> None:
    """Spearman's 1 - 6 sum d^2 / (n (n^2 - 1)): swapping neighbours in 4 gives 1 - 6 * 4 / 60."""
    one = np.array([[1, 2, 3, 4]], np.float32)
    other = np.array([[2, 1, 4, 3]], np.float32)
    assert rank_correlation(one, other) == pytest.approx(0.6)


def test_two_classes_are_told_apart_in_a_sentence() -> None:
    """The same map knows no class, the reverse one does, and a blank one says nothing."""
    assert told_apart(RISING, 2 * RISING, "tabby") == (
        "The map of tabby looks almost the same (rank correlation 1.00): it hardly knows the class."
    )
    assert "it depends on the class" in told_apart(RISING, RISING[::-1, ::-1], "tabby")
    assert "blank" in told_apart(RISING, np.zeros_like(RISING), "tabby")
