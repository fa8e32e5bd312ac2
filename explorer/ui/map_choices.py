"""What the Feature maps page looks at: a row of the network, one of its channels, one unit of it.

All three stand in the address. Until somebody chooses, the channel is the one whose
values differ most, and the unit the one furthest from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from explorer import units
from explorer.errors import BadRequest, ExplorerError
from explorer.ui import address, cached

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.activation_records import ChannelView, Row, Rows, Sheet

SECTIONS = {
    "maps": ":material/grid_view: Maps",
    "filters": ":material/blur_on: Filters",
    "along": ":material/show_chart: Along the network",
}

_ROW, _SLIDER, _ANY, _SECTION = "maps_row", "maps_slider", "maps_any", "maps_section"
_OF, _CHANNEL, _UNIT = "maps_of", "maps_channel", "maps_unit"
PAGE = "maps_page"
"""The page of the sheet that was turned to; None follows the channel."""
INPUT = "maps_input"
"""The input channel whose products are shown."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the page looks at: a row of a network that is opened on a picture."""

    opened: Opened
    rows: Rows
    row: Row


def choose(opened: Opened) -> Looking:
    """Draw the way along the network, with what it stands at, and return what is looked at."""
    with st.spinner(f"Loading {opened.card.title} …"):
        rows = cached.rows(opened.card.name, opened.weights)
    if st.session_state.get(_OF) != opened.card.name:
        for key in (_ROW, _CHANNEL, _UNIT, PAGE, INPUT):
            st.session_state.pop(key, None)
        st.session_state[_OF] = opened.card.name
    row = _row(rows)
    address.publish("layer", None if row.layer == rows.start else row.layer)
    _ways(rows, row)
    return Looking(opened, rows, row)


def section() -> str:
    """Draw the choice of what is shown of the row."""
    known = tuple(SECTIONS)
    address.adopt(_SECTION, address.one_of("show", known), known[0], name="show")
    chosen = st.segmented_control(
        "Show",
        known,
        key=_SECTION,
        format_func=SECTIONS.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    address.publish("show", None if chosen == known[0] else chosen)
    return chosen or known[0]


def asked_channel(looking: Looking) -> int | None:
    """The channel that the address or a person chose; None where nobody did."""
    asked = _asked("channel", looking.row.channels)
    if asked is not None:
        choose_channel(asked)
        _take_unit(looking)
    kept: int | None = st.session_state.get(_CHANNEL)
    if kept is not None and kept >= looking.row.channels:
        kept = st.session_state[_CHANNEL] = None
    address.publish("channel", None if kept is None else str(kept))
    return kept


def channel(looking: Looking, sheet: Sheet) -> int:
    """The channel that is shown large: the one chosen, or the most telling."""
    kept: int | None = st.session_state.get(_CHANNEL)
    return sheet.telling if kept is None else kept


def choose_channel(number: int | None) -> None:
    """Show another channel, and of it the unit furthest from 0; the sheet turns to it."""
    st.session_state[_CHANNEL] = number
    st.session_state[_UNIT] = st.session_state[PAGE] = st.session_state[INPUT] = None


def unit(looking: Looking, view: ChannelView) -> tuple[int, int]:
    """The unit (row, column) that was chosen, or the one with the largest magnitude."""
    kept: tuple[int, int] | None = st.session_state.get(_UNIT)
    height, width = view.values.shape
    chosen = kept is not None and kept[0] < height and kept[1] < width
    for name, at in zip("yx", kept or (0, 0), strict=True):
        address.publish(name, str(at) if chosen else None)
    if kept is not None and chosen:
        return kept
    at = int(abs(view.values).argmax())
    return at // width, at % width


def choose_unit(row: int, column: int) -> None:
    """Show how the number of another unit came about."""
    st.session_state[_UNIT] = (row, column)
    st.session_state[INPUT] = None


def forget() -> None:
    """Let channel and unit be those that nobody chose."""
    choose_channel(None)


def _row(rows: Rows) -> Row:
    """The row of the address, of the session, the one chosen on the Anatomy page, or the first."""
    if st.session_state.get(_ROW) is None:
        anatomy = st.session_state.get("layer")
        known = {each.layer for each in rows.rows}
        st.session_state[_ROW] = anatomy if anatomy in known else rows.start
    asked = address.says("layer")
    if asked is not None and asked != st.session_state[_ROW]:
        st.session_state[_ROW] = _read(lambda: rows.row(asked).layer, st.session_state[_ROW])
        forget()
    try:
        return rows.row(st.session_state[_ROW])
    except BadRequest:  # of the weights before, at another size of the input
        st.session_state[_ROW] = rows.start
        return rows.row(rows.start)


def _read(find: Callable[[], T], default: T) -> T:
    try:
        return find()
    except ExplorerError as error:
        instead = "" if default is None else f"; {default} is shown"
        address.complain(f"{str(error).rstrip('.')}{instead}.")
        return default


def _asked(name: str, count: int) -> int | None:
    text = address.says(name)
    if text is None:
        return None
    return _read(lambda: address.whole_number(name, 0, count - 1)(text), None)


def _take_unit(looking: Looking) -> None:
    height, width = looking.row.grid
    y, x = _asked("y", height), _asked("x", width)
    if y is not None and x is not None:
        choose_unit(y, x)


def _ways(rows: Rows, row: Row) -> None:
    """A slider from input to output, a list to search in, and a step either way."""
    names = tuple(each.layer for each in rows.rows)
    by_name = {each.layer: each for each in rows.rows}
    at = names.index(row.layer)
    behind = names[min(len(names) - 1, at + 1)]
    st.session_state[_SLIDER] = st.session_state[_ANY] = row.layer
    left, right = st.columns([50, 50], gap="large", vertical_alignment="bottom")
    with left:
        if len(names) > 1:
            st.select_slider(
                "Along the network", names, key=_SLIDER, on_change=_moved, args=(_SLIDER,)
            )
    with right, st.container(horizontal=True, vertical_alignment="bottom", key="maps_ways"):
        st.button(
            ":material/chevron_left:", help="The layer before", key="maps_before", disabled=at == 0,
            on_click=partial(go, names[max(0, at - 1)]),
        )  # fmt: skip
        st.selectbox(
            "Layer",
            names,
            key=_ANY,
            format_func=lambda name: _label(by_name[name]),
            on_change=_moved,
            args=(_ANY,),
            help="Every row of the anatomy whose output can be looked at; type to search.",
        )
        st.button(
            ":material/chevron_right:", help="The layer after", key="maps_behind",
            disabled=at == len(names) - 1, on_click=partial(go, behind),
        )  # fmt: skip
    if row.layer == rows.start:
        st.caption(rows.reason)


def _label(row: Row) -> str:
    return f"{row.layer} · {row.kind} · {units.shape(row.output)}"


def _moved(key: str) -> None:
    go(st.session_state[key])


def go(layer: str | None) -> None:
    """Look at another layer."""
    if layer is not None:
        st.session_state[_ROW] = layer
        forget()
