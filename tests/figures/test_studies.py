"""Figures of studies: their numbers are those of the records."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.figures import landscapes, studies
from explorer.training.cross_validation import spread
from explorer.training.study_records import DecisionMap, Interval, Landscape, Members
from tests.outcomes import outcome


def landscape(scale: float) -> Landscape:
    """A quadratic bowl along two lines and on a plane."""
    distances, axis = np.linspace(-1, 1, 5), np.linspace(-1, 1, 3)
    losses = np.array([scale * distances**2, 2 * scale * distances**2])
    plane = scale * (axis[None] ** 2 + axis[:, None] ** 2)
    return Landscape("id", distances, losses, axis, plane, 0.0, 1.5 * scale / 4, 100)


def test_slices_show_the_mean_over_directions() -> None:
    """1 and 2 times t squared: 1.5 times, with a band from one to the other."""
    figure = landscapes.slices([landscape(1.0), landscape(4.0)], ["flat", "sharp"])
    lines = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in lines] == ["flat", "sharp"]
    assert lines[0].y == pytest.approx([1.5, 0.375, 0, 0.375, 1.5])
    rows = landscapes.slice_rows([landscape(4.0)], ["sharp"])
    assert rows[0] == {
        "run": "sharp", "distance": -1.0, "mean loss": 6.0, "lowest": 4.0, "highest": 8.0
    }  # fmt: skip


def test_planes_share_their_colours() -> None:
    """Else a flat one would look like a sharp one."""
    figure = landscapes.planes([landscape(1.0), landscape(100.0)], ["flat", "sharp"])
    assert len({(trace.zmin, trace.zmax) for trace in figure.data}) == 1
    assert figure.data[1].zmax == pytest.approx(np.log10(200))
    rows = landscapes.plane_rows([landscape(1.0)], ["flat"])
    assert rows[1] == {"run": "flat", "across": 0.0, "up": -1.0, "loss": 1.0}


def decision() -> DecisionMap:
    """Class 1 above zero, ever surer; two points, one of them on the wrong side."""
    down = np.array([-1.0, 0.0, 1.0])
    winner = np.array([[0, 0, 0], [1, 1, 1], [1, 1, 1]], np.uint8)
    probability = np.array([[0.75] * 3, [0.5] * 3, [1.0] * 3])
    points = np.array([[0.0, 0.9], [1.0, -0.8]])
    return DecisionMap("id", down, down, winner, probability, points, np.array([1, 1]), ("a", "b"))


def test_a_place_is_as_opaque_as_it_is_sure() -> None:
    """A half is chance of two classes and clear, certainty full, three quarters half of that."""
    figure = studies.decisions([decision()], ["Net"])
    painted = np.array(figure.data[0].z)
    assert painted[:, 0, 3].tolist() == [studies.SURE // 2, 0, studies.SURE]
    assert (painted[0, 0, :3] != painted[2, 0, :3]).any()
    assert (figure.data[0].y0, figure.data[0].dy) == (-1.0, 1.0)


def test_decision_rows_say_what_the_net_says() -> None:
    """At the nearest place of the map."""
    right, wrong = studies.decision_rows([decision()], ["Net"])
    assert (right["label"], right["says"], right["probability"]) == ("b", "b", 1.0)
    assert (wrong["label"], wrong["says"], wrong["probability"]) == ("b", "a", 0.75)


def test_members_alone_are_dots_beside_the_line() -> None:
    """One network has no members to be shown alone."""
    low, high = Interval(60.0, 50.0, 70.0), Interval(80.0, 75.0, 85.0)
    crowd = Members("id", (low, low), (low, high), (0.5, 0.5), 55.0, 100)
    one = Members("id", (low,), (low,), (1.0,), None, 100)
    figure = studies.members([one, crowd], ["one", "two"])
    assert [trace.name for trace in figure.data] == ["one", "two", "two, each alone"]
    assert figure.data[1].y == (60.0, 80.0)
    assert figure.data[1].error_y.array == (10.0, 5.0)
    rows = studies.member_rows([crowd], ["two"])
    assert rows[1]["together, %"] == 80.0
    assert rows[1]["this one alone, %"] == 60.0


def test_depths_are_the_first_step_told_of() -> None:
    """On a logarithmic axis, layer by layer."""
    figure = studies.depths([outcome("a")])
    assert list(figure.data[0].y) == [0.5, 2.0]
    assert figure.data[0].text == ("a", "b")
    assert figure.layout.yaxis.type == "log"
    assert studies.depth_rows([outcome("a")])[1] == {
        "run": "A", "layer": "b", "gradient norm": 2.0
    }  # fmt: skip


def test_folds_stand_beside_their_mean() -> None:
    """The band is a standard deviation either way."""
    found = spread([90.0, 92.0, 97.0])
    figure = studies.folds(found, ["1", "2", "3"], "Accuracy")
    assert figure.data[0].y == (90.0, 92.0, 97.0)
    band = figure.layout.shapes[0]
    assert (band.y0, band.y1) == pytest.approx((93 - 13**0.5, 93 + 13**0.5))
    assert studies.fold_rows(found, ["1", "2", "3"], "Accuracy")[3] == {
        "": "mean", "Accuracy": 93.0
    }  # fmt: skip
