"""Guess first: the output of a layer is kept back until somebody has said how large it will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from explorer.convolution.records import Pair


@dataclass(frozen=True, slots=True)
class _Guess:
    """What somebody thinks the output's size is, and of which layer."""

    layer: str
    size: Pair


def wanted() -> bool:
    """Draw the switch; it is the same in every section."""
    return st.toggle(
        "Let me guess the size",
        key="conv_guess",
        persist_state="session",
        help="Keeps the output back until you have said how large it will be",
    )


def told(layer: str, right: Pair) -> bool:
    """Ask how large the output is; whether that has been guessed, rightly or not, of this layer."""
    with (
        st.form("conv_guess_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        height = st.number_input("Rows out", 1, 200, None, key="conv_guess_rows", width=110)
        width = st.number_input("Columns out", 1, 200, None, key="conv_guess_columns", width=110)
        if st.form_submit_button("Check my guess", type="primary", key="conv_guess_check"):
            _keep(layer, height, width)
    guess: _Guess | None = st.session_state.get("conv_guessed")
    if guess is None or guess.layer != layer:
        return False
    if guess.size == right:
        st.success(f"Right: {right[0]} × {right[1]}.", icon=":material/check:")
    else:
        st.info(
            f"It is {right[0]} × {right[1]}, not {guess.size[0]} × {guess.size[1]}: the formula "
            "below shows why.",
            icon=":material/lightbulb:",
        )
    return True


def _keep(layer: str, height: float | None, width: float | None) -> None:
    if height is None or width is None:
        st.info("Type how many rows and how many columns you expect.", icon=":material/edit:")
    else:
        st.session_state["conv_guessed"] = _Guess(layer, (int(height), int(width)))
