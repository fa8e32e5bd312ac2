"""What the Receptive field page looks at: a row of the network, and a unit of it near a point.

The row and the unit stand in the address. The point of the picture that was chosen stays while the
row changes, so that the slider along the network shows the units around one and the same place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import BadRequest, ExplorerError
from explorer.ui import address, cached
from explorer.ui.field_words import caption
from explorer.vision.field_records import OVERS
from explorer.zoo import weights
from explorer.zoo.weight_records import RANDOM

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.field_records import FieldRow, FieldRows, Over, Unit
    from explorer.vision.records import Box

PASSES, MOST_PASSES = 4, 32
OVER_TITLES: dict[Over, str] = {
    "picture": "This picture",
    "photographs": "It and the samples",
    "noise": "Noise",
}

_ROW, _SLIDER, _ANY = "field_row", "field_slider", "field_any"
_Y, _X, _POINT, _UNIT = "field_y", "field_x", "field_point", "field_unit"
_OF, _PASSES, _OVER, _BOTH = "field_of", "field_passes", "field_over", "field_both"


@dataclass(frozen=True, slots=True)
class Looking:
    """What the page looks at: the unit (row, column) of a row, near a point of the input.

    `point` is (down, across) in input pixels: the rows of the curve are measured around it.
    """

    opened: Opened
    known: FieldRows
    row: FieldRow
    unit: Unit
    point: tuple[float, float]

    @property
    def window(self) -> Box:
        """Where the network's input lies in the picture."""
        picture = self.opened.picture
        return self.known.preprocessing.window(picture.height, picture.width)


def choose(opened: Opened) -> Looking:
    """Draw the slider along the network and what it stands at, and return what is looked at."""
    with st.spinner(f"Following what {opened.card.title} sees …"):
        known = cached.field_rows(opened.card.name, opened.weights)
    row = _row(opened, known)
    _slider(known, row)
    unit, point = _unit(row)
    middle = row.nearest(*(side / 2 for side in row.pixels))
    for name, value, usual in zip("yx", unit, middle, strict=True):
        address.publish(name, None if unit == middle and value == usual else str(value))
    return Looking(opened, known, row, unit, point)


def knobs(looking: Looking) -> tuple[Over, int]:
    """Draw the unit's numbers and what its gradient is averaged over."""
    row, (y, x) = looking.row, looking.unit
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="medium", key="field_knobs"
    ):
        st.session_state[_Y], st.session_state[_X] = y, x
        typed = partial(_typed, row)
        st.number_input("Row", 0, row.height - 1, key=_Y, width=104, on_change=typed)
        st.number_input("Column", 0, row.width - 1, key=_X, width=104, on_change=typed)
        address.adopt(_OVER, address.one_of("over", OVERS), OVERS[0], name="over")
        picked = st.segmented_control(
            "Gradients on",
            OVERS,
            format_func=OVER_TITLES.__getitem__,
            key=_OVER,
            required=True,
            persist_state="session",
        )
        over: Over = picked or OVERS[0]
        address.publish("over", None if over == OVERS[0] else over)
        address.adopt(
            _PASSES, address.whole_number("samples", 1, MOST_PASSES), PASSES, name="samples"
        )
        passes = st.number_input(
            "Averaged", 1, MOST_PASSES, key=_PASSES, width=104, persist_state="session",
            help="How many gradients are averaged; each takes about as long as a forward pass.",
        )  # fmt: skip
        address.publish("samples", None if passes == PASSES else str(passes))
    return over, int(passes)


def untrained(looking: Looking) -> Looking:
    """The same place in the same row of the network with random weights.

    Weights of other sizes of input have other units: there it is the one nearest to the place.
    """
    opened = replace(looking.opened, weights=RANDOM)
    known = cached.field_rows(opened.card.name, RANDOM)
    row = known.row(looking.row.name)
    if row.pixels == looking.row.pixels:
        return replace(looking, opened=opened, known=known, row=row)
    down, across = (
        each * mine / theirs
        for each, mine, theirs in zip(looking.point, row.pixels, looking.row.pixels, strict=True)
    )
    return Looking(opened, known, row, row.nearest(down, across), (down, across))


def _row(opened: Opened, known: FieldRows) -> FieldRow:
    """The row of the address, of the session, or the last map."""
    last = known.main[-1]
    if st.session_state.get(_OF) != opened.card.name:
        for key in (_ROW, _UNIT, _POINT):
            st.session_state.pop(key, None)
        st.session_state[_OF] = opened.card.name
    address.adopt(_ROW, _reader(known), last.name, name="row")
    name = st.session_state[_ROW]
    row = next((each for each in known.rows if each.name == name), last)
    st.session_state[_ROW] = row.name
    address.publish("row", None if row is last else row.name)
    return row


def _reader(known: FieldRows) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            return known.row(text).name
        except ExplorerError as error:
            raise BadRequest(f"{error} The last map is shown instead.") from None

    return parse


def _slider(known: FieldRows, row: FieldRow) -> None:
    """The way along the network, its ends named, and a list for what lies beside it."""
    stops = tuple(each.name for each in known.rows if each.main or each is row)
    st.session_state[_SLIDER] = st.session_state[_ANY] = row.name
    left, right = st.columns([70, 30], gap="large", vertical_alignment="bottom")
    with left:
        st.select_slider(
            "Layer, along the network", stops, key=_SLIDER, on_change=_moved, args=(_SLIDER,)
        )
        with st.container(horizontal=True, horizontal_alignment="distribute", key="field_ends"):
            for end in (stops[0], stops[-1]):
                st.caption(end, width="content")
    with right:
        st.selectbox(
            "Any layer",
            tuple(each.name for each in known.rows),
            key=_ANY,
            on_change=_moved,
            args=(_ANY,),
            help="Every row of the anatomy whose output keeps places of the picture.",
        )


def _moved(key: str) -> None:
    st.session_state[_ROW] = st.session_state[key]


def _unit(row: FieldRow) -> tuple[Unit, tuple[float, float]]:
    """The unit that was chosen in this row, or the one nearest to the point chosen in another."""
    asked = address.says("y"), address.says("x")
    if asked != (None, None):
        _ask(row, asked)
    kept: tuple[str, int, int] | None = st.session_state.get(_UNIT)
    point: tuple[float, float] | None = st.session_state.get(_POINT)
    down, across = row.pixels[0] / 2, row.pixels[1] / 2
    if point is None or not (point[0] <= row.pixels[0] and point[1] <= row.pixels[1]):
        point, kept = (down, across), None
    inside = kept is not None and kept[1] < row.height and kept[2] < row.width
    if kept is None or kept[0] != row.name or not inside:
        kept = (row.name, *row.nearest(*point))
    st.session_state[_UNIT], st.session_state[_POINT] = kept, point
    return kept[1:], point


def _ask(row: FieldRow, asked: tuple[str | None, str | None]) -> None:
    """Take the unit that the address names; of what makes no sense it is said so."""
    middle = row.nearest(*(side / 2 for side in row.pixels))
    try:
        y, x = (
            usual if text is None else address.whole_number(name, 0, count - 1)(text)
            for text, name, count, usual in zip(
                asked, "yx", (row.height, row.width), middle, strict=True
            )
        )
    except BadRequest as error:
        address.complain(str(error))
        return
    _choose(row, y, x)


def _choose(row: FieldRow, y: int, x: int) -> None:
    cell = row.cell(y, x)
    middle = (cell.top + cell.bottom) / 2, (cell.left + cell.right) / 2
    sides = row.pixels
    st.session_state[_UNIT] = (row.name, y, x)
    st.session_state[_POINT] = tuple(
        min(max(each, 0.0), float(side)) for each, side in zip(middle, sides, strict=True)
    )


def _typed(row: FieldRow) -> None:
    if st.session_state[_Y] is not None and st.session_state[_X] is not None:
        _choose(row, int(st.session_state[_Y]), int(st.session_state[_X]))


def clicked(looking: Looking, view: Box, x: float, y: float) -> None:
    """Choose the unit whose field's centre lies nearest to a place of the drawing."""
    window, (height, width) = looking.window, looking.row.pixels
    down = view.top + y * (view.bottom - view.top) - window.top
    across = view.left + x * (view.right - view.left) - window.left
    down *= height / (window.bottom - window.top)
    across *= width / (window.right - window.left)
    _choose(looking.row, *looking.row.nearest(down, across))


def beside(looking: Looking) -> bool:
    """Draw what the row is, and whether random weights stand beside trained ones, if there are."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center",
        key="field_row_line",
    ):  # fmt: skip
        st.markdown(caption(looking.row), width="content")
        if not looking.known.use.random:
            return _toggle()
        st.caption(_only_random(looking), width="content")
    st.session_state.pop(_BOTH, None)
    return False


def _only_random(looking: Looking) -> str:
    """Why there is nothing to set beside."""
    card = looking.opened.card
    if any(each.on_disk and each.kind != "random" for each in weights.available(card)):
        return "Choose trained weights above to see them beside these random ones."
    return f"Only random weights of {card.title} are here: there are no trained ones to compare."


def _toggle() -> bool:
    address.adopt(_BOTH, lambda text: text == "1", False, name="random")
    both = st.toggle(
        "Beside random weights", key=_BOTH, persist_state="session",
        help="The same unit of the same network before it learned anything.",
    )  # fmt: skip
    address.publish("random", "1" if both else None)
    return bool(both)
