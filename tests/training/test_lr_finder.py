"""The range test: read from curves made by hand, and run on a small problem."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.library import CALLS
from explorer.errors import Cancelled
from explorer.training import lr_finder
from explorer.training.lr_finder import find, read, rounded, smoothed
from explorer.training.recipe import checked


def test_a_tenth_of_the_lowest_is_suggested() -> None:
    """A valley whose floor is at 0.3, by hand: smoothing does not move it."""
    rates = np.geomspace(1e-6, 10, 140)
    losses = 1.0 + (np.log10(rates) - np.log10(0.3)) ** 2
    found = read(rates, losses, diverged=False)
    assert found.lowest is not None
    assert found.steepest is not None
    assert found.lowest == pytest.approx(0.3, rel=0.07)
    assert found.steepest < found.lowest
    assert found.suggested == 0.02
    assert "0.02" in found.sentence


def test_where_nothing_falls_nothing_is_suggested() -> None:
    """A flat curve, a rising one, and none at all."""
    rates = np.geomspace(1e-6, 10, 140)
    for losses in (np.ones(140), np.linspace(1, 2, 140), np.empty(0)):
        found = read(rates[: len(losses)], losses, diverged=False)
        assert (found.lowest, found.steepest, found.suggested) == (None, None, None)
        assert found.sentence


def test_smoothing_moves_nothing_and_is_not_carried_away() -> None:
    """A straight line stays one but at its ends; a loss of a million counts as four times the
    lowest."""
    line = np.linspace(2.0, 3.0, 60)
    assert smoothed(line)[15:-15] == pytest.approx(line[15:-15])
    assert smoothed(np.array([1.0] * 30 + [1e6])).max() <= 4.0


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.069, 0.05), (0.08, 0.1), (0.0014, 0.001), (0.003, 0.002), (2.0, 2.0)]
)
def test_suggestions_are_round(rate: float, expected: float) -> None:
    """1, 2 or 5 times a power of ten."""
    assert rounded(rate) == expected


@pytest.mark.slow
def test_on_digits_it_finds_the_customary_rates() -> None:
    """LeNet-5 with momentum takes some hundredths, with Adam some thousandths."""
    slow = find(checked(network="lenet5", data="digits", optimiser="adam"))
    fast = find(checked(network="lenet5", data="digits", optimiser="momentum"))
    assert slow.suggested is not None
    assert fast.suggested is not None
    assert 0.001 <= slow.suggested <= 0.01
    assert 0.01 <= fast.suggested <= 0.1
    assert fast.diverged, "at the end the learning rate is far too high"
    assert len(fast.rates) == len(fast.losses) < lr_finder.STEPS


def test_it_can_be_cancelled() -> None:
    """By whoever listens to its progress."""

    def progress(fraction: float, sentence: str) -> None:
        if fraction > 0.1:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        find(checked(network="lenet5", data="digits"), progress=progress)


def test_the_engine_can_be_asked() -> None:
    """In the lane of the training pages."""
    call = CALLS["training.find_rate"]
    assert (call.target, call.lane) == ("explorer.training.lr_finder:find", "training")
