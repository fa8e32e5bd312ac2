"""Guess, then reveal: the curves are kept back until somebody has said whose gradient arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import gradient_flow as drawn
from explorer.training import flow_verdicts
from explorer.ui import gradient_flow_setups, guess_first

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Flow, Setup

_TOLD = "flow_told"
"""What was guessed of each comparison whose curves are shown; None where nobody guessed."""
QUESTION = "Whose gradient comes to the first layer in about the size it had at the last?"


def wanted() -> bool:
    """Draw the switch between guessing first and curves at once."""
    return guess_first.wanted(
        "flow_guess", "Keeps the curves back until you have said whose gradient arrives"
    )


def told(setups: tuple[Setup, ...]) -> bool:
    """Ask, unless that was done of these very chains; whether curves may be shown."""
    known: dict[str, int | None] = st.session_state.setdefault(_TOLD, {})
    key = gradient_flow_setups.written(setups)
    if key in known or len(setups) == 1:
        return True
    with st.container(border=True, key="flow_guess_box"):
        st.markdown(f"##### {QUESTION}", anchors=False)
        with st.container(horizontal=True, gap="xsmall", key="flow_guesses"):
            for place, setup in enumerate(setups):
                st.button(drawn.title(setup), key=f"flow_guessed_{place}", on_click=_keep,
                          args=(key, place))  # fmt: skip
            st.button("Just show me", key="flow_guess_skip", type="tertiary", on_click=_keep,
                      args=(key, None))  # fmt: skip
    return False


def answer(flows: tuple[Flow, ...]) -> None:
    """Whose gradient kept its size best, beside what was guessed, and a way back."""
    known: dict[str, int | None] = st.session_state.get(_TOLD, {})
    key = gradient_flow_setups.written(tuple(each.setup for each in flows))
    if key not in known:
        return
    right = flow_verdicts.best(flows)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="flow_answer",
    ):  # fmt: skip
        st.markdown(_said(flows, right) + _badge(flows, known[key], right))
        if st.button("Guess again", icon=":material/visibility_off:", type="tertiary",
                     key="flow_guess_again"):  # fmt: skip
            del known[key]
            st.rerun()


def _said(flows: tuple[Flow, ...], right: tuple[int, ...]) -> str:
    if not right:
        return "Nobody's: there is no gradient left."
    named = [
        f":primary[**{drawn.title(flows[place].setup)}**] "
        f"(× {flow_verdicts.verdict(flows[place]).ratio:.3g})"
        for place in right
    ]
    return f"Closest to its size at the first layer: {', '.join(named)}."


def _badge(flows: tuple[Flow, ...], guess: int | None, right: tuple[int, ...]) -> str:
    if guess is None:
        return ""
    colour, word = ("green", "right") if guess in right else ("orange", "not quite")
    return f" :{colour}-badge[You said {drawn.title(flows[guess].setup)}: {word}]"


def _keep(key: str, place: int | None) -> None:
    st.session_state.setdefault(_TOLD, {})[key] = place
