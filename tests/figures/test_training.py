"""Runs for study: every number of the records is in the figure, and in the table below it."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import training
from explorer.runs.curves import Line
from explorer.runs.records import LayerSteps
from explorer.training.lr_records import LearningRates
from explorer.training.records import Histogram, Histograms, Seen

COLOUR = {"a": "#111111"}
LINES = (
    Line("a", "lenet", "train", np.array([1.0, 2.0, 3.0]), np.array([2.3, 1.1, 0.7])),
    Line("a", "lenet", "validation", np.array([3.0]), np.array([0.9])),
)


def test_curves_are_drawn_whole_with_exact_hover() -> None:
    """Nothing is thinned; the axis says what is measured and against what."""
    long = Line("a", "a", "train", np.arange(5000.0), np.arange(5000.0))
    figure = training.curves([long], metric="accuracy", colour=COLOUR, axis="epoch", log=True)
    assert len(figure.data[0].x) == 5000
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.title.text == "Accuracy, %"
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("linear", "log")


def test_batches_are_solid_and_held_out_pictures_dashed() -> None:
    """Both in the run's own colour."""
    solid, dashed = training.curves(LINES, metric="loss", colour=COLOUR).data
    assert (solid.line.dash, dashed.line.dash) == ("solid", "dash")
    assert solid.line.color == dashed.line.color == "#111111"
    assert dashed.name == "lenet, held out"
    assert "markers" in dashed.mode, "a single point is to be seen"


def test_the_table_says_what_the_curves_say() -> None:
    """A row for each point."""
    rows = training.curve_rows(LINES, metric="accuracy", axis="step")
    assert rows[0] == {"run": "lenet", "pictures": "batches", "step": 1.0, "accuracy, %": 2.3}
    assert rows[-1]["pictures"] == "held out"
    assert len(rows) == 4


def test_a_strip_hovers_the_value_itself() -> None:
    """Colour is the logarithm; zero is a hole, not the smallest colour."""
    found = LayerSteps(
        np.array([1.0, 5.0]), np.array([[1.0, 0.0], [100.0, 10.0]]), np.full((2, 2), 0.001)
    )
    heat = training.strip(found, ["first", "last"], "gradient norm").data[0]
    assert list(heat.y) == ["first", "last"]
    assert np.allclose(heat.z, [[0, 2], [np.nan, 1]], equal_nan=True)
    assert heat.customdata[0][1] == 100.0
    rows = training.strip_rows(found, ["first", "last"], "update ratio")
    assert rows[0] == {"step": 1, "layer": "first", "update ratio": 0.001}
    assert len(rows) == 4


def histogram(*counts: int) -> Histogram:
    """Counts between 0, 1, 2, ..."""
    return Histogram(np.array(counts), np.arange(len(counts) + 1.0), 0)


FOUND = Histograms(
    9, ("conv", "head"),
    (histogram(1, 2), histogram(3)), (histogram(4), histogram(5)), (histogram(6), histogram(7, 8)),
)  # fmt: skip


def test_histograms_are_of_the_layer_asked_for() -> None:
    """Weights, gradients and outputs side by side, bars as wide as their bins."""
    figure = training.histograms(FOUND, "head")
    assert [list(bar.y) for bar in figure.data] == [[3], [5], [7, 8]]
    assert list(figure.data[2].x) == [0.5, 1.5]
    assert list(figure.data[2].width) == [1.0, 1.0]
    rows = training.histogram_rows(FOUND, "conv")
    assert rows[1] == {"of": "Weights", "from": 1.0, "to": 2.0, "count": 2}


def test_an_unknown_layer_is_refused() -> None:
    """Rather than another layer shown in its place."""
    with pytest.raises(ValueError, match="tuple"):
        training.histograms(FOUND, "tail")


def test_certainty_is_the_probability_of_the_right_class() -> None:
    """Not of the class that the network would choose."""
    labels = np.array([1, 0])
    seen = [
        Seen(step, labels, np.array(told), None)
        for step, told in ((0, [[0.9, 0.1], [0.5, 0.5]]), (8, [[0.2, 0.8], [0.7, 0.3]]))
    ]
    heat = training.certainty(seen, ("cat", "dog")).data[0]
    assert list(heat.y) == ["1: dog", "2: cat"]
    assert np.allclose(heat.z, [[10, 80], [50, 70]])
    rows = training.certainty_rows(seen, ("cat", "dog"))
    assert rows[0] == {
        "step": 0, "picture": 1, "right class": "dog", "% for it": 10.0, "says": "cat",
    }  # fmt: skip


def test_the_curve_of_rates_marks_what_is_proposed() -> None:
    """Exponents of ten across; what blew up goes beyond the figure instead of flattening it."""
    found = LearningRates(
        np.array([1e-3, 1e-2, 1e-1, 1.0]), np.array([2.3, 1.3, 2.0, 900.0]),
        np.array([2.3, 1.8, 1.9, 300.0]), 0.01, 0.005, 0.001, True, "Take 0.001.",
    )  # fmt: skip
    figure = training.rates(found)
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.range[1] < 3
    assert [line.x0 for line in figure.layout.shapes] == [0.001, 0.01]
    assert [note.x for note in figure.layout.annotations] == [-3, -2]
    assert training.rate_rows(found)[1] == {
        "learning rate": 0.01, "loss": 1.3, "running mean": 1.8,
    }  # fmt: skip
