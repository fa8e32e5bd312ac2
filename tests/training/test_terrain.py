"""Terrain: heights from 0 to 1 that keep the order of losses."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.training import surfaces, terrain
from explorer.training.surfaces import SURFACES


@pytest.mark.parametrize("key", SURFACES)
def test_heights_lie_between_nought_and_one(key: str) -> None:
    """The highest place is 1, none is below 0, and none is no number."""
    made = terrain.terrain(key)
    assert made.heights.shape == (terrain.ROWS, terrain.COLUMNS)
    assert made.heights.min() >= 0
    assert made.heights.max() == pytest.approx(1)


def test_heights_are_the_losses_bent() -> None:
    """Below the knee in proportion, far above by the logarithm, and 0 at the minimum."""
    made = terrain.terrain("ravine")
    low = made.height(np.array([0.001, 0.002]) * made.knee)
    high = made.height(np.array([1e6, 1e7, 1e8]) * made.knee)
    assert low[1] / low[0] == pytest.approx(2, rel=1e-2)
    assert np.diff(high) == pytest.approx([np.log(10) / made.top] * 2, rel=1e-3)
    assert made.height(np.array(0.0)) == 0


def test_the_grid_stands_as_the_window_does() -> None:
    """First row at the lower edge, first column at the left one."""
    ground = surfaces.find("rosenbrock")
    made = terrain.terrain("rosenbrock")
    corner = made.height(ground.value(ground.low[0], ground.high[1]))
    assert made.heights[-1, 0] == pytest.approx(float(corner))
