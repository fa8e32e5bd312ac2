"""Accuracy over depth, a colour for each kind."""

from __future__ import annotations

from explorer.figures import depths
from explorer.shipped.comparisons import Rung

RUNGS = (
    Rung("Plain", 56, 30.0, 31.0),
    Rung("Plain", 20, 70.0, 71.5),
    Rung("Residual", 20, 72.0, None),
    Rung("Residual", 56, 74.0, 75.0),
)


def test_depth_goes_from_left_to_right() -> None:
    """Whatever the order of the runs; what is unknown is a gap."""
    figure = depths.accuracy(RUNGS)
    drawn = {trace.name: (list(trace.x), list(trace.y)) for trace in figure.data}
    assert drawn == {
        "Plain, training": ([20, 56], [70.0, 30.0]),
        "Plain, test": ([20, 56], [71.5, 31.0]),
        "Residual, training": ([20, 56], [72.0, 74.0]),
        "Residual, test": ([20, 56], [None, 75.0]),
    }
    assert list(figure.layout.xaxis.tickvals) == [20, 56]


def test_kinds_differ_in_colour_and_symbol() -> None:
    """Training is solid and test dashed, in the colour of the kind."""
    plain, plain_test, residual, _ = depths.accuracy(RUNGS).data
    assert plain.line.color == plain_test.line.color != residual.line.color
    assert plain.marker.symbol != residual.marker.symbol
    assert (plain.line.dash, plain_test.line.dash) == ("solid", "dash")


def test_numbers_are_told_too() -> None:
    """One row a run, in the order in which they came."""
    rows = depths.accuracy_rows(RUNGS)
    assert rows[1] == {
        "kind": "Plain", "layers": 20, "training accuracy, %": 70.0, "test accuracy, %": 71.5,
    }  # fmt: skip
    assert rows[2]["test accuracy, %"] is None
