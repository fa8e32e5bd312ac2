"""Figures of gradient flow show what was measured, and what has no place on a logarithmic axis."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import gradient_flow as drawn
from explorer.training.gradient_flow_records import (
    ACTIVATIONS,
    INITIALISATIONS,
    NORMALISATIONS,
    Bench,
    Flow,
    NetworkFlow,
    Setup,
)
from explorer.training.mean_field import Theory


def flow(*gradients: float, setup: Setup | None = None) -> Flow:
    """A chain with these gradients, and activations of one."""
    given = np.array(gradients)
    return Flow(setup or Setup(), Bench(), np.ones(len(given)), given, given, 1.0, 1.0)


def test_every_word_has_a_title() -> None:
    """Whatever a chain may be made of; skips are named where there are any."""
    assert {*ACTIVATIONS, *INITIALISATIONS, *NORMALISATIONS} <= set(drawn.WORDS)
    assert drawn.title(Setup("sigmoid", "glorot")) == "Sigmoid, Glorot"
    assert drawn.title(Setup("relu", "he", "batch", skip=True)) == "ReLU, He, batch norm, skips"


def test_lines_are_the_measured_numbers() -> None:
    """By layer from 1 on, on a logarithmic axis."""
    figure = drawn.flows([flow(0.01, 0.1, 1.0)], [None], "gradients")
    assert list(figure.data[0].x) == [1, 2, 3]
    assert list(figure.data[0].y) == [0.01, 0.1, 1.0]
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low < -2 < 0 < high


def test_zero_and_infinity_are_triangles_at_the_edges() -> None:
    """They are in no line, and the hover text says what they are."""
    figure = drawn.flows([flow(0.0, 0.1, np.inf)], [None], "gradients")
    line, zero, infinite = figure.data
    assert list(line.y) == [None, 0.1, None]
    assert (list(zero.x), zero.marker.symbol) == ([1], "triangle-down")
    assert (list(infinite.x), infinite.marker.symbol) == ([3], "triangle-up")
    assert "exactly 0" in zero.hovertemplate
    assert "fp32" in infinite.hovertemplate


def test_a_chain_of_zeros_is_drawn() -> None:
    """No number at all to find a range from."""
    figure = drawn.flows([flow(0.0, 0.0)], [None], "gradients")
    assert list(figure.data[1].x) == [1, 2]


def test_theory_is_dotted_and_ends_where_fp32_does() -> None:
    """Not for the weights' gradients, of which it says nothing."""
    line = np.array([1e-60, 1e-3, 1.0])
    theory = Theory(line, line, 0.1, "", "", "", "", "")
    figure = drawn.flows([flow(0.1, 0.2, 1.0)], [theory], "gradients")
    assert figure.data[0].line.dash == "dot"
    assert list(figure.data[0].y) == [None, 1e-3, 1.0]
    assert len(drawn.flows([flow(0.1, 0.2, 1.0)], [theory], "weights").data) == 1


def test_rows_have_everything() -> None:
    """Measured and, where there is one, theory."""
    rows = drawn.flow_rows([flow(0.5, 1.0), flow(0.1, 1.0)], [None, None])
    assert [row["layer"] for row in rows] == [1, 2, 1, 2]
    assert rows[2]["gradient by activations"] == 0.1
    assert rows[0]["gradient, theory"] is None


def test_networks_name_their_layers() -> None:
    """A line for each set of weights, the layer's name in the hover text."""
    values = np.array([1.0, 0.1])
    nets = [
        NetworkFlow("lenet5", "LeNet-5", each, False, ("c1", "f6"), values, values, values, 2.3, 3)
        for each in ("Random weights", "MNIST")
    ]
    figure = drawn.networks(nets, "weights")
    assert [trace.name for trace in figure.data] == ["Random weights", "MNIST"]
    assert list(figure.data[0].text) == ["c1", "f6"]
    assert drawn.network_rows(nets)[1] == {
        "weights": "Random weights",
        "layer": "f6",
        "activations": 0.1,
        "gradient by activations": 0.1,
        "gradient by weights": 0.1,
    }
    assert figure.data[0].y == pytest.approx((1.0, 0.1))
