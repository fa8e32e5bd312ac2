"""The Cost lab: one comparison, guessed at first, then in numbers, formulas, curves and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.blocks.comparisons import COMPARISONS
from explorer.ui import (
    cached,
    cost_lab_designs,
    cost_lab_figures,
    cost_lab_guess,
    cost_lab_knobs,
    cost_lab_numbers,
    cost_lab_timing,
    show,
)

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison
    from explorer.blocks.lab_records import Lab

SCALING = cost_lab_knobs.SCALING
SCALING_QUESTION = "How should a network grow: deeper, wider, or with larger pictures?"


def choose() -> tuple[str, bool]:
    """Draw the question as headline and the choice beside it: the comparison, and if to guess."""
    left, right = st.columns([62, 38], gap="medium", vertical_alignment="bottom")
    with right, st.container(horizontal=True, vertical_alignment="bottom", key="lab_choice"):
        key = cost_lab_knobs.comparison()
        guessing = cost_lab_knobs.guessing()
    question = SCALING_QUESTION if key == SCALING else COMPARISONS[key].question
    left.title(question, anchor=False)
    return key, guessing


def explore(key: str, *, guessing: bool) -> None:
    """The knobs of one comparison, its designs, and what they cost once that was guessed at."""
    comparison = COMPARISONS[key]
    cost_lab_knobs.adopt(key, comparison.knobs)
    cost_lab_figures.adopt(comparison)
    cost_lab_timing.adopt()
    cost_lab_knobs.ready(comparison)
    values = cost_lab_knobs.values(comparison)
    with show.errors():
        lab = cached.compared(key, tuple(values.items()))
        cost_lab_designs.draw(comparison.designs(values), key)
        if cost_lab_guess.told(comparison, lab, guessing=guessing):
            _told(comparison, lab)


def _told(comparison: Comparison, lab: Lab) -> None:
    """Everything the numbers say."""
    cost_lab_numbers.table(lab)
    cost_lab_numbers.lesson(comparison)
    left, right = st.columns(2, gap="large")
    with left:
        cost_lab_figures.bars(lab)
    with right:
        cost_lab_figures.curve(comparison, lab)
    cost_lab_numbers.formulas(lab)
    cost_lab_figures.inside(comparison, lab)
    cost_lab_timing.measure(comparison, lab)
