"""The fields on the picture: where they are drawn, and that each colour is in its place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from explorer.anatomy.records import Status
from explorer.figures.field_picture import (
    EFFECT,
    GREYED,
    OUTSIDE,
    THEORY,
    UNSEEN,
    field_picture,
    within,
)
from explorer.pictures.intake import accept
from explorer.vision.field_records import EffectiveField, TheoreticalField
from explorer.vision.records import Box, NetworkUse
from explorer.vision.spreads import spread

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

USE = NetworkUse("net", "Net", "random", "Random weights", random=True, device="cpu")
WINDOW = Box(0, 50, 200, 250)
PIXELS = (100, 100)
WHITE = 255


def white(width: int, height: int) -> Picture:
    """A white picture as the gate lets it through."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return accept(file.getvalue(), "white.png")


def theory(box: Box, unclipped: Box | None = None) -> TheoreticalField:
    """What a unit could see."""
    return TheoreticalField(Status.EXACT, box, unclipped or box, None)


def field(box: Box, values: np.ndarray) -> EffectiveField:
    """An effective field whose centre is its box's."""
    centre = (box.top + box.bottom) / 2, (box.left + box.right) / 2
    return EffectiveField(
        USE, "row", (0, 0), 8, theory(box), centre, values, spread(values, centre, box), WINDOW,
        "picture", 1, 0.1, "by hand",
    )  # fmt: skip


def drawn(file: bytes) -> np.ndarray:
    """The file as numbers."""
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), dtype=int)


def test_the_dark_tells_what_is_not_seen() -> None:
    """Outside the input darkest, in the unit's box greyed, between them nearly as it is."""
    found = field_picture(white(300, 200), WINDOW, theory(Box(20, 20, 80, 80)), PIXELS, width=600)
    picture = drawn(found.file)
    assert picture.shape == (400, 600, 3)
    assert found.view == Box(0, 0, 200, 300)
    assert picture[200, 30] == pytest.approx(WHITE * UNSEEN, abs=3)
    assert picture[30, 300] == pytest.approx(WHITE * OUTSIDE, abs=3)
    assert picture[200, 300] == pytest.approx(WHITE * GREYED, abs=3)


def test_outlines_stand_where_the_boxes_are() -> None:
    """Input pixel 20 lies 40 picture pixels into the window; the scale doubles that."""
    values = np.zeros(PIXELS)
    values[45:55, 45:55] = 1
    box = Box(20, 20, 80, 80)
    found = field_picture(
        white(300, 200), WINDOW, theory(box), PIXELS, field=field(box, values), width=600
    )
    picture = drawn(found.file)
    # The box's left edge lies at 2 * (50 + 2 * 20), its top at 2 * 2 * 20.
    assert picture[200, 181] == pytest.approx(THEORY, abs=25)
    assert picture[81, 300] == pytest.approx(THEORY, abs=25)
    # The square with 95 % is 10 pixels wide around the middle, at 2 * (50 + 2 * 45).
    assert (abs(picture[200, 276:292] - EFFECT).sum(1) < 60).any()
    # What moves the unit is drawn in colour, the rest of its box is grey.
    assert np.ptp(picture[200, 300]) > 40
    assert np.ptp(picture[120, 300]) < 12


def test_nothing_is_heated_outside_the_box() -> None:
    """Values outside, which there are none of in a real field, would not be drawn."""
    values = np.ones(PIXELS)
    box = Box(40, 40, 60, 60)
    found = field_picture(
        white(300, 200), WINDOW, theory(box), PIXELS, field=field(box, values), width=600
    )
    assert np.ptp(drawn(found.file)[120, 300]) < 12


def test_a_box_past_the_input_is_drawn_past_it() -> None:
    """The unclipped box goes on over the part of the picture that the network does not see."""
    past = Box(10, -20, 90, 60)
    found = field_picture(
        white(300, 200), WINDOW, theory(Box(10, 0, 90, 60), past), PIXELS, width=600
    )
    # Its left edge lies at input pixel -20, 2 * (50 - 2 * 20) on the drawing.
    assert picture_is_blue(drawn(found.file)[200, 18:26])


def picture_is_blue(line: np.ndarray) -> bool:
    """Whether a pixel of the line is the theory's colour."""
    return bool((abs(line - THEORY).sum(1) < 60).any())


def test_random_weights_stand_below_and_the_view_knows() -> None:
    """The band makes the file taller; a click on it lies below the picture."""
    plain = field_picture(white(300, 200), WINDOW, theory(Box(0, 0, 9, 9)), PIXELS, width=600)
    told = field_picture(
        white(300, 200), WINDOW, theory(Box(0, 0, 9, 9)), PIXELS, words=USE.warning, width=600
    )
    more = drawn(told.file).shape[0] - drawn(plain.file).shape[0]
    assert more >= 30
    assert told.view.bottom == pytest.approx(200 + more / 2)
    assert drawn(told.file)[-3, 5] == pytest.approx((180, 83, 9), abs=12)


def test_an_input_past_the_picture_is_shown_whole() -> None:
    """A crop larger than the picture has a border, which the sheet shows too."""
    found = field_picture(
        white(40, 40), Box(-10, -10, 50, 50), theory(Box(0, 0, 9, 9)), PIXELS, width=120
    )
    assert found.view == Box(-10, -10, 50, 50)
    assert drawn(found.file)[110, 110].max() < 30


def test_a_box_in_fractions_of_a_view() -> None:
    """What the clickable picture is given."""
    assert within(Box(10, 20, 30, 40), Box(-10, 0, 90, 200)) == Box(0.2, 0.1, 0.4, 0.2)
