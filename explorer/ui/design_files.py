"""A design as code, as a file and as one line, and designs that are handed in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explorer.blocks import exchange, sketch, text
from explorer.blocks.sketch import Sketch
from explorer.errors import BadDesign
from explorer.training import recipe as recipes
from explorer.training.ready import FIRST
from explorer.training.recipe import DESIGN
from explorer.ui import cached, design_state, places
from explorer.ui.design_state import BETWEEN, PREFIX

if TYPE_CHECKING:
    from explorer.blocks.drawn import Drawn

_NAME, _LINE, _FILE = f"{PREFIX}called", f"{PREFIX}line", f"{PREFIX}file"
_REFUSED = f"{PREFIX}refused"


def explore(now: Sketch, drawn: Drawn) -> None:
    """The code, the files, and the ways in."""
    left, right = st.columns([62, 38], gap="large")
    with right:
        _take(now)
        _hand_in()
    with left:
        _give(now, drawn)


def train(now: Sketch, drawn: Drawn) -> None:
    """A link to the Training lab with this design, once every row fits."""
    if drawn.failing is not None or drawn.anatomy is None:
        return
    design = exchange.to_json(sketch.finished(now))
    recipe = replace(FIRST.recipe, network=DESIGN, design=design)
    st.page_link(
        places.TRAINING_LAB, label="Train it", icon=":material/model_training:",
        query_params={"recipe": recipes.to_link(recipe)},
        help="Opens the Training lab with this network; its last layer is made to fit the classes",
    )  # fmt: skip


def _give(now: Sketch, drawn: Drawn) -> None:
    """The PyTorch code, once every row fits."""
    st.subheader("PyTorch code", anchor=False)
    if drawn.failing is not None or drawn.anatomy is None:
        row = "there is a row" if drawn.failing is None else f"row {drawn.failing + 1} fits"
        st.info(f"The code and the file are written once {row}.", icon=":material/hourglass:")
        return
    design = sketch.finished(now)
    code = cached.code_of(design)
    file = drawn.anatomy.model
    with st.container(horizontal=True, key=f"{PREFIX}downloads"):
        st.download_button(
            "Python", code, f"{file}.py", "text/x-python", icon=":material/download:",
            on_click="ignore", key=f"{PREFIX}python",
            help="Runs by itself and builds the same network, name by name",
        )  # fmt: skip
        st.download_button(
            "JSON", exchange.to_json(design), f"{file}.json", "application/json",
            icon=":material/download:", on_click="ignore", key=f"{PREFIX}json",
            help="The design as data; this page opens it again",
        )  # fmt: skip
    st.code(code, language="python", height=520)


def _take(now: Sketch) -> None:
    """The name, and the design on one line; the address says the same."""
    st.subheader("Name and link", anchor=False)
    st.session_state[_NAME] = now.name
    st.text_input("Name", key=_NAME, max_chars=exchange.LONGEST_NAME, on_change=_renamed)
    st.caption("The address of this page is a link to the design. On one line it reads:")
    st.code(BETWEEN.join(now.lines) or " ", language=None, wrap_lines=True)


def _hand_in() -> None:
    """A line or a file that somebody else wrote."""
    st.subheader("Open a design", anchor=False)
    st.text_input(
        "As one line", key=_LINE, placeholder="conv 6 kernel=5; max pool; flatten; linear 10",
        on_change=_line,
    )  # fmt: skip
    st.file_uploader("As a JSON file", type="json", key=_FILE, on_change=_file, max_upload_size=1)
    refused = st.session_state.get(_REFUSED)
    if refused:
        st.error(refused, icon=":material/error:")


def _renamed() -> None:
    name = exchange.named(st.session_state[_NAME])
    design_state.change(lambda now: Sketch(name, now.shape, now.lines))


def _line() -> None:
    """Take in a line; one that is too long is refused, rows that are wrong say so in the table."""
    given = st.session_state[_LINE]
    try:
        lines = text.split(given)
    except BadDesign as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_REFUSED] = None
    if lines:
        design_state.change(lambda now: design_state.with_lines(now, lines))
        st.session_state[_LINE] = ""


def _file() -> None:
    given = st.session_state[_FILE]
    if given is None:
        return
    try:
        design = exchange.from_json(given.getvalue())
    except BadDesign as error:
        st.session_state[_REFUSED] = str(error)
        return
    st.session_state[_REFUSED] = None
    design_state.change(lambda _: sketch.of(design))
