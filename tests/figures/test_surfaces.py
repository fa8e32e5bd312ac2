"""Figures of optimisers on surfaces show the paths' own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import surfaces as drawn
from explorer.training import paths, surfaces
from explorer.training.paths_records import Paths, Settings, Sweep
from explorer.training.recipe_knobs import OPTIMISERS


@pytest.fixture
def ways() -> Paths:
    """Two optimisers on the ravine, one of which leaves the picture."""
    return paths.paths("ravine", [("adam", 0.1), ("sgd", 0.09)], Settings((-3.6, 1.6), 30))


def test_every_optimiser_has_a_title_and_a_colour() -> None:
    """All ten, each another one."""
    assert set(drawn.TITLES) == set(OPTIMISERS)
    assert len({drawn.colour(each) for each in OPTIMISERS}) == len(OPTIMISERS)


def test_losses_stand_above_the_minimum(ways: Paths) -> None:
    """One line an optimiser, by step, and the goal."""
    ground = surfaces.find("ravine")
    figure = drawn.losses(ways, ground, 0.5)
    assert [trace.name for trace in figure.data] == ["Adam", "SGD"]
    assert list(figure.data[0].y) == pytest.approx(ways.paths[0].losses.tolist())
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.shapes[0].y0 == 0.5


def test_a_loss_at_the_minimum_is_a_gap() -> None:
    """The bowl is left with one step of rate one; a logarithm of 0 is not drawn."""
    ways = paths.paths("bowl", [("sgd", 1.0)], Settings((1.0, 1.0), 3))
    assert list(drawn.losses(ways, surfaces.find("bowl"), 0.1).data[0].y) == [1.0, None, None, None]


def test_loss_rows_hold_everything(ways: Paths) -> None:
    """Place, loss, gradient and memory of each step."""
    rows = drawn.loss_rows(ways)
    assert len(rows) == 2 * 31
    row = rows[5]
    assert (row["step"], row["optimiser"]) == (5, "Adam")
    assert row["loss"] == ways.paths[0].losses[5]
    assert row["exp_avg_sq y"] == ways.paths[0].state[1].values[5, 1]


def test_the_landscape_ends_lines_at_its_edge(ways: Paths) -> None:
    """What left the window is not drawn beyond it."""
    figure = drawn.landscape(ways, surfaces.find("ravine"))
    ground, *lines = figure.data
    assert ground.type == "surface"
    for line, path in zip(lines, ways.paths, strict=True):
        inside = np.abs(path.positions[:, 1]) <= 3
        assert np.array_equal(np.isfinite(np.array(line.x, dtype=float)), inside)


def test_rates_leave_gaps_where_nobody_arrives() -> None:
    """None in the line, "never" in the table."""
    swept = Sweep("bowl", Settings((1, 1)), 0.1, ("sgd",), (0.1, 1.0, 3.0), ((20, 1, None),))
    figure = drawn.rates(swept)
    assert list(figure.data[0].y) == [20, 1, None]
    assert figure.layout.xaxis.type == "log"
    assert [row["SGD"] for row in drawn.rate_rows(swept)] == ["20", "1", "never"]
