"""How mass lies in boxes and squares, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.vision.records import Box
from explorer.vision.spreads import sides, spread, square


def test_even_mass_has_a_quarter_in_the_middle() -> None:
    """The middle half along both axes is a quarter of the area, also where it cuts pixels."""
    for side in (8, 9, 10, 11):
        found = spread(np.ones((side, side)), (side / 2, side / 2), Box(0, 0, side, side))
        assert found.inside == pytest.approx(1)
        assert found.centre == pytest.approx(0.25)


def test_squares_hold_what_they_must() -> None:
    """Of a 5 x 5 with 10 in its middle, 1 around it and 0.125 at its edge (total 20)."""
    mass = np.full((5, 5), 0.125)
    mass[1:4, 1:4] = 1
    mass[2, 2] = 10
    found = spread(mass, (2.5, 2.5), Box(0, 0, 5, 5), Box(1, 1, 4, 4))
    # 10 of 20 are half, 18 of 20 nine tenths.
    assert (found.side_68, found.side_95) == (3, 5)
    assert found.along_convolutions == pytest.approx(0.9)
    assert spread(mass[1:4, 1:4], (1.5, 1.5), Box(0, 0, 3, 3)).side_95 == 3


def test_mass_outside_the_box_is_not_inside() -> None:
    """Half a row outside is half of the mass; a box past the border takes nothing more."""
    assert spread(np.ones((4, 4)), (1, 2), Box(-7, 0, 2, 9)).inside == pytest.approx(0.5)


def test_a_square_around_a_place_between_pixels_has_an_even_side() -> None:
    """Four pixels around a corner make a square of two."""
    mass = np.zeros((6, 6))
    mass[2:4, 2:4] = 1
    found = spread(mass, (3.0, 3.0), Box(0, 0, 6, 6))
    assert (found.side_68, found.side_95) == (2, 2)
    assert sides(square((3.0, 3.0), 2)) == (2, 2)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_without_mass_nothing_is_said(value: float) -> None:
    """Neither zero nor a number that is none becomes a share."""
    found = spread(np.full((3, 3), value), (1.5, 1.5), Box(0, 0, 3, 3))
    assert found.inside is found.centre is found.side_68 is found.side_95 is None


def test_an_unknown_box_leaves_its_shares_unknown() -> None:
    """The sides need no box."""
    found = spread(np.ones((3, 3)), (1.5, 1.5), None)
    assert found.inside is found.centre is None
    assert found.side_95 == 3
