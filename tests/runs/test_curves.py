"""Curves of runs, held against sums done by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.runs.curves import METRICS, Line, lines, smoothed, thinned
from explorer.runs.records import Steps
from explorer.training.records import Epoch, Score


def steps(count: int) -> Steps:
    """Steps 1 to `count`, two an epoch; each column has values of its own."""
    number = np.arange(1.0, count + 1)
    return Steps(
        number, number, number / 2, number * 3, 1 / number, 90 + number, 0 * number + 0.1,
        0 * number + 50, number * 7,
    )  # fmt: skip


def epoch(number: float, loss: float | None) -> Epoch:
    """An epoch of two steps whose held-out pictures gave this loss."""
    score = None if loss is None else Score(loss, 75.0, None, 10)
    return Epoch(number, int(2 * number), 6 * number, Score(1.0, 50.0, None, 20), score, False)


@pytest.mark.parametrize(
    ("axis", "x", "held_out"),
    [
        ("step", [1, 2, 3], [2, 4]),
        ("epoch", [0.5, 1, 1.5], [1, 2]),
        ("seconds", [3, 6, 9], [6, 12]),
    ],
)
def test_each_axis_has_its_own_places(axis: str, x: list[float], held_out: list[float]) -> None:
    """Steps, epochs and seconds, for batches and for held-out pictures alike."""
    told = (epoch(1.0, 0.7), epoch(2.0, 0.6))
    train, validation = lines("r", "Run", steps(3), told, axis=axis)  # type: ignore[arg-type]
    assert train.x.tolist() == x
    assert train.y.tolist() == pytest.approx([1, 1 / 2, 1 / 3])
    assert validation.x.tolist() == held_out
    assert validation.y.tolist() == [0.7, 0.6]
    assert (train.part, validation.part) == ("train", "validation")


def test_error_is_what_accuracy_leaves() -> None:
    """Both of 100 %."""
    train, validation = lines("r", "Run", steps(2), (epoch(1.0, 0.7),), metric="error")
    assert train.y.tolist() == [9, 8]
    assert validation.y.tolist() == [25]


def test_what_has_no_point_is_no_curve() -> None:
    """Nothing was held out, or it is nothing that held-out pictures have."""
    assert [line.part for line in lines("r", "Run", steps(2), (epoch(1.0, None),))] == ["train"]
    told = lines("r", "Run", steps(2), (epoch(1.0, 0.5),), metric="gradient_norm")
    assert [line.y.tolist() for line in told] == [[7, 14]]
    assert lines("r", "Run", steps(0), ()) == ()


def test_every_metric_can_be_drawn() -> None:
    """What the table promises is there."""
    for metric in METRICS:
        assert lines("r", "Run", steps(2), (epoch(1.0, 0.5),), metric=metric)[0].y.shape == (2,)


def test_smoothing_is_a_corrected_exponential_mean() -> None:
    """By hand at one half: 4, then (4/4 + 8/2) / (3/4), then (4/8 + 8/4 + 0/2) / (7/8)."""
    assert smoothed(np.array([4.0, 8.0, 0.0]), 0.5).tolist() == pytest.approx([4, 20 / 3, 20 / 7])
    assert smoothed(np.array([4.0, 8.0]), 0.0).tolist() == [4, 8]


def test_smoothing_passes_over_what_is_no_number() -> None:
    """One infinite loss does not spoil the rest; it is a gap."""
    found = smoothed(np.array([4.0, math.inf, 8.0]), 0.5)
    assert found[[0, 2]].tolist() == pytest.approx([4, 20 / 3])
    assert math.isnan(found[1])


def test_thinning_keeps_ends_and_peaks() -> None:
    """A single peak among ten thousand points is still to be seen."""
    y = np.zeros(10_000)
    y[7_123] = 9.0
    y[1_234] = -9.0
    y[500:900] = np.nan
    few = thinned(Line("r", "Run", "train", np.arange(10_000.0), y))
    assert len(few.x) <= 300
    assert {0.0, 9_999.0, 7_123.0, 1_234.0} <= set(few.x)
    assert few.y[few.x == 7_123] == 9.0
    assert (np.diff(few.x) > 0).all()
    whole = Line("r", "Run", "train", np.arange(300.0), np.arange(300.0))
    assert thinned(whole) is whole
