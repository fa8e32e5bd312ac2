"""Update rules by hand: the numbers that stand in the formulas are those that are calculated with.

That they are torch's own steps is held by the tests of paths.
"""

from __future__ import annotations

import numpy as np
import pytest

from explorer.training import updates
from explorer.training.paths_records import Path, Settings, State


def path(optimiser: str, state: tuple[State, ...] = ()) -> Path:
    """One step from (2, -1) with the gradient (0.5, -4)."""
    places = np.array([[2.0, -1.0], [0.0, 0.0]])
    gradients = np.array([[0.5, -4.0], [0.0, 0.0]])
    return Path(optimiser, 0.1, places, np.zeros(2), gradients, state, None)


def test_gradient_descent_in_words() -> None:
    """2 - 0.1 * 0.5 = 1.95, and negative numbers stand in brackets."""
    (line,) = updates.update(path("sgd"), Settings((2, -1)), 1).lines
    assert line.general == r"\theta - \eta\,g"
    assert line.filled == (r"2 - 0.1 \cdot 0.5", r"(-1) - 0.1 \cdot (-4)")
    assert line.values == pytest.approx((1.95, -0.6))


def test_weight_decay_is_written_where_there_is_any() -> None:
    """Added to the gradient by momentum, taken from the weights by AdamW."""
    settings = Settings((2, -1), weight_decay=0.5)
    momentum = updates.update(path("momentum"), settings, 1).lines
    assert momentum[0].values == pytest.approx((0.5 + 0.5 * 2, -4 - 0.5))
    adamw = updates.update(path("adamw"), settings, 1).lines
    assert adamw[0].values == pytest.approx((2 - 0.1 * 0.5 * 2, -1 + 0.1 * 0.5))


def test_what_was_remembered_goes_in() -> None:
    """0.9 times the velocity before, plus the gradient."""
    state = (State("momentum_buffer", np.array([[1.0, 3.0], [0.0, 0.0]])),)
    lines = updates.update(path("momentum", state), Settings((2, -1)), 1).lines
    assert lines[0].filled[0] == r"0.9 \cdot 1 + 0.5"
    assert lines[0].values == pytest.approx((1.4, -1.3))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (12.34567, "12.35"), (0.00001234, r"1.234 \cdot 10^{-5}"),
        (-123456.0, r"-1.235 \cdot 10^{5}"), (12345.0, "12345"), (float("inf"), r"\infty"),
    ],
)  # fmt: skip
def test_numbers_as_latex(value: float, text: str) -> None:
    """Four digits, powers of ten where it is very large or small."""
    assert updates.number(value) == text
