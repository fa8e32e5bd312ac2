"""Design your own: where to start from, the input, and the drawn network from all sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.blocks import sketch
from explorer.blocks.blueprint import LARGEST_SIDE, MOST_CHANNELS
from explorer.blocks.presets import PRESETS
from explorer.blocks.sketch import Sketch
from explorer.ui import (
    address,
    cached,
    design_files,
    design_state,
    design_table,
    graph,
    sections,
    show,
    totals,
)
from explorer.ui.design_state import PREFIX

if TYPE_CHECKING:
    from explorer import units
    from explorer.blocks.drawn import Drawn
    from explorer.ui.design_state import Book, Grid

SECTIONS = {"diagram": "Diagram", "figures": "Along the network", "files": "Code and files"}
_SIDES = (
    ("Channels in", MOST_CHANNELS),
    ("Height", LARGEST_SIDE),
    ("Width", LARGEST_SIDE),
)
_PRESET, _SECTION = f"{PREFIX}preset", f"{PREFIX}section"


def head(now: Sketch) -> units.Convention:
    """Title, presets and the shape of the input; returns what costs are counted in."""
    left, right = st.columns([38, 62], gap="medium", vertical_alignment="bottom")
    with left:
        st.title("Design your own", anchor=False)
    with right, st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}start"):
        st.session_state[_PRESET] = now.name if now.name in PRESETS else None
        st.pills("Start from", tuple(PRESETS), key=_PRESET, on_change=_start, wrap=True)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{PREFIX}input_box"):
        for place, (title, most) in enumerate(_SIDES):
            key = f"{PREFIX}side_{place}"
            st.session_state[key] = now.shape[place]
            st.number_input(title, 1, most, key=key, width=130, on_change=_sized, args=(place,))
        return totals.convention()


def explore(book: Book, grid: Grid, unit: units.Convention) -> None:
    """The table with its results, the totals, and the chosen view of the whole."""
    now = book.now
    design_table.toolbar(book)
    with show.errors():
        drawn = cached.drawn(now.name, now.shape, now.lines)
        design_table.draw(grid, drawn, unit)
        if drawn.anatomy is None and drawn.failing is None:
            st.info("Add a row by the plus, or start from a preset.", icon=":material/add:")
        if drawn.anatomy is not None:
            totals.glance(drawn.anatomy, unit)
        _views(now, drawn, unit)


def _views(now: Sketch, drawn: Drawn, unit: units.Convention) -> None:
    """One view of the rows that fit."""
    known = tuple(SECTIONS)
    address.adopt(_SECTION, address.one_of("section", known), known[0], name="section")
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}views"):
        chosen = st.segmented_control(
            "View", known, key=_SECTION, format_func=SECTIONS.__getitem__, required=True,
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        design_files.train(now, drawn)
    address.publish("section", None if chosen == known[0] else chosen)
    if chosen == "files":
        design_files.explore(now, drawn)
    elif drawn.anatomy is not None and chosen == "figures":
        sections.along(drawn.anatomy, unit)
    elif drawn.anatomy is not None:
        graph.explore(drawn.anatomy, unit)


def _start() -> None:
    """Open a preset; a click on the chosen one brings it back as it was."""
    picked: str | None = st.session_state[_PRESET]

    def started(now: Sketch) -> Sketch:
        name = picked or now.name
        return sketch.of(PRESETS[name]) if name in PRESETS else now

    design_state.change(started)


def _sized(place: int) -> None:
    """Take in a side of the input."""
    side = st.session_state[f"{PREFIX}side_{place}"]
    if side is not None:
        design_state.change(lambda now: _with_side(now, place, int(side)))


def _with_side(now: Sketch, place: int, side: int) -> Sketch:
    channels, height, width = (side if n == place else each for n, each in enumerate(now.shape))
    return Sketch(now.name, (channels, height, width), now.lines)
