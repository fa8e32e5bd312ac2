"""Guess, then reveal: the numbers of a comparison are kept back until the reader had a go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Lab

_TOLD = "lab_told"
"""What was guessed of each comparison whose numbers are shown; None where nobody guessed."""
RIGHT = 0.05
"""A guess this near, relative to the answer, is right."""


def told(comparison: Comparison, lab: Lab, *, guessing: bool) -> bool:
    """Ask for a guess, or say how far off it was; whether the numbers may be shown."""
    known: dict[str, tuple[float, float] | None] = st.session_state.setdefault(_TOLD, {})
    if not guessing:
        return True
    if comparison.key not in known:
        _ask(comparison, lab, known)
    if comparison.key not in known:
        return False
    _answer(comparison, lab, known)
    return True


def _ask(comparison: Comparison, lab: Lab, known: dict[str, tuple[float, float] | None]) -> None:
    """The question, a field for the guess, and a way past it."""
    with st.container(border=True, key="lab_guess_box"), st.form("lab_guess_form", border=False):
        st.markdown(f"##### {comparison.guess.question}", anchors=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            guess = st.number_input(
                f"Your guess, {comparison.guess.unit}", 0.0, 1e9, None, format="%g",
                key=f"lab_guessed_{comparison.key}", width=190, placeholder="a number",
            )  # fmt: skip
            check = st.form_submit_button("Check", type="primary", key="lab_guess_check")
            skip = st.form_submit_button("Show the answer", key="lab_guess_skip")
    if skip or (check and guess is not None):
        known[comparison.key] = None if skip or guess is None else (float(guess), lab.answer)
        st.rerun()
    elif check:
        st.info("Type a number first, or have the answer shown.", icon=":material/edit:")


def _answer(comparison: Comparison, lab: Lab, known: dict[str, tuple[float, float] | None]) -> None:
    """The answer at the setting that stands, how far off the guess was, and a way back."""
    guess = known[comparison.key]
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute",
        key="lab_answer",
    ):  # fmt: skip
        answer = written(lab.answer, comparison.guess.unit)
        st.markdown(f"{comparison.guess.question} :primary[**{answer}**]{_off(comparison, guess)}")
        if st.button("Guess again", icon=":material/visibility_off:", type="tertiary",
                     key="lab_guess_again"):  # fmt: skip
            del known[comparison.key]
            st.rerun()


def _off(comparison: Comparison, guess: tuple[float, float] | None) -> str:
    """How far a guess was off, at the setting it was made for."""
    if guess is None:
        return ""
    said, right = guess
    unit = comparison.guess.unit
    asked = f"{said:g} %" if unit == "%" else f"{said:g} times"
    share = said / 100 if unit == "%" else said
    if abs(share - right) <= RIGHT * right:
        return f" :green-badge[You said {asked}: right]"
    side = "low" if share < right else "high"
    if unit == "%":
        return f" :orange-badge[You said {asked}: {100 * abs(share - right):.0f} points too {side}]"
    by = right / share if 0 < share < right else share / right
    many = f"{by:.3g} times too {side}" if share else "far too low"
    return f" :orange-badge[You said {asked}: {many}]"


def written(answer: float, unit: str) -> str:
    """An answer as a share in per cent, or as so many times."""
    if unit == "%":
        return f"{100 * answer:.1f} %"
    return f"{answer:,.0f} times" if answer >= 100 else f"{answer:.3g} times"
