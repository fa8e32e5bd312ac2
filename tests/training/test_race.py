"""The race: who arrives when, who leaves the picture, and why."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.training import race, surfaces
from explorer.training.paths_records import Path, Settings


def walked(
    positions: list[tuple[float, float]], optimiser: str = "sgd", rate: float = 0.1,
    surface: str = "bowl", broke: int | None = None,
) -> Path:  # fmt: skip
    """A path along given places, with its surface's own losses and gradients."""
    ground, places = surfaces.find(surface), np.array(positions, dtype=float)
    losses = np.array([ground.value(*each) for each in places])
    gradients = np.array([ground.gradient(*each) for each in places])
    return Path(optimiser, rate, places, losses, gradients, (), broke)


def test_arrival_is_the_first_step_below() -> None:
    """Losses 2, 0.5, 0.125: below 0.5 after two steps, below 3 before the first."""
    path = walked([(2, 0), (1, 0), (0.5, 0)])
    assert race.arrival(path, 0.5) == 2
    assert race.arrival(path, 3.0) == 0
    assert race.arrival(path, 0.1) is None


def test_shooting_through_is_no_arrival() -> None:
    """Below the goal at step 1 alone: not there; there again from step 3 on: from then on."""
    through = walked([(2, 0), (0, 0), (-2, 0)])
    assert race.arrival(through, 0.1) is None
    row = race.outcome(through, surfaces.find("bowl"), Settings((2, 0)), 0.1)
    assert row.sentence == "Was there, but not to stay."
    assert race.arrival(walked([(2, 0), (0, 0), (-2, 0), (0.1, 0), (0, 0)]), 0.1) == 3
    assert race.arrival(walked([(2, 0), (0, 0)], broke=2), 0.1) is None


def test_leaving_counts_only_for_good() -> None:
    """The bowl's window ends at 4: out at step 1 and back is no leaving."""
    ground = surfaces.find("bowl")
    assert race.left_at(walked([(3, 0), (5, 0), (2, 0)]), ground) is None
    assert race.left_at(walked([(3, 0), (2, 0), (5, 0), (6, 0)]), ground) == 2
    assert race.left_at(walked([(3, 0), (2, 0)], broke=2), ground) == 2


def test_divergence_names_step_and_limit() -> None:
    """2 over the ravine's 25 is 0.08, and 0.09 is above it."""
    path = walked([(0, 2), (0, -2.5), (0, 3.1)], rate=0.09, surface="ravine")
    row = race.outcome(path, surfaces.find("ravine"), Settings((0, 1)), 0.01)
    assert (row.fate, row.left) == ("left", 2)
    assert row.sentence == (
        "Left the picture at step 2: the learning rate 0.09 is above 2 / curvature = 2 / 25 = 0.08."
    )


def test_overshooting_below_the_limit_is_told_apart() -> None:
    """With momentum 0.9 the limit is 3.8 / 25; out of the picture below it, it may come back."""
    path = walked([(0, 1), (0, 3.1)], "momentum", 0.1, "ravine")
    row = race.outcome(path, surfaces.find("ravine"), Settings((0, 1)), 0.01)
    assert "3.8 / 25 = 0.152" in row.sentence
    assert "may come back" in row.sentence


def test_curved_surfaces_say_where_the_curvature_is_from() -> None:
    """Rosenbrock at (-1.2, 1): the larger eigenvalue of ((1330, 480), (480, 200)), by numpy."""
    steep = float(np.linalg.eigvalsh([[1330.0, 480.0], [480.0, 200.0]])[1])
    known = race.limit("sgd", surfaces.find("rosenbrock"), Settings((-1.2, 1.0)))
    assert known is not None
    assert known.value == pytest.approx(2 / steep)
    path = walked([(-1.2, 1), (-1.2, 9)], rate=0.01, surface="rosenbrock")
    row = race.outcome(path, surfaces.find("rosenbrock"), Settings((-1.2, 1.0)), 0.01)
    assert "at the start" in row.sentence


def test_adaptive_methods_have_no_such_limit() -> None:
    """Nothing is claimed where no formula is known."""
    assert race.limit("adam", surfaces.find("bowl"), Settings((1, 1))) is None


def test_resting_on_the_saddle() -> None:
    """At the pass the gradient is zero: it rests, though the minimum is lower."""
    path = walked([(1, 0), (0, 0), (0, 0)], surface="saddle")
    row = race.outcome(path, surfaces.find("saddle"), Settings((1, 0)), -0.9)
    assert row.fate == "resting"
    assert "gradient is zero" in row.sentence
    assert row.length == pytest.approx(1)
