"""The Optimisers page: a surface, the ways over it, who came where, and which rate each needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import figures
from explorer.figures import surfaces as drawn
from explorer.training import race
from explorer.training.paths_records import LONGEST
from explorer.ui import (
    address,
    cached,
    optimizers_guess,
    optimizers_knobs,
    optimizers_rates,
    optimizers_rules,
    optimizers_stage,
    show,
)

if TYPE_CHECKING:
    from explorer.training.paths_records import Paths
    from explorer.training.surfaces import Surface
    from explorer.ui.optimizers_knobs import Asked

CONVENTION = (
    "All are torch's own optimisers in float64 (AdamP by its paper), at one learning rate unless "
    "they have their own; the loss is the exact one, without noise; ways are as long as on the map."
)
PICTURE = (
    "The cross is the minimum, the ring the start; lines of equal height stand close where it is "
    "steep. Of the chosen optimiser: the thin arrow is −η times the gradient, the thick one −η "
    "times its velocity or mean gradient, true to scale from 14 to 90 pixels; the ellipse has the "
    "shape of the step a gradient of one would make along x and y, which the squares divide."
)


def choose() -> tuple[Surface, bool]:
    """Draw the headline and beside it the choice of surface and whether to guess."""
    left, right = st.columns([58, 42], gap="medium", vertical_alignment="bottom")
    left.title("Which way down?", anchor=False)
    with right, st.container(horizontal=True, vertical_alignment="bottom", key="opt_choice"):
        return optimizers_knobs.surface(), optimizers_knobs.guessing()


def explore(ground: Surface, *, guessing: bool) -> None:
    """The surface in words, the knobs, the stage, and all that the numbers say."""
    st.markdown(f"{ground.idea} ${ground.formula}$ :small[:gray[[{ground.paper}]({ground.link})]]")
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center",
        key="opt_who",
    ):  # fmt: skip
        names = optimizers_knobs.racers()
        optimizers_knobs.starts(ground)
    asked = optimizers_knobs.ask(ground, names)
    at = address.adopt("opt_at", address.whole_number("step", 0, LONGEST), -1, name="at")
    if not names:
        st.info("Choose at least one optimiser above.", icon=":material/touch_app:")
        return
    with show.errors():
        if guessing and not optimizers_guess.told(asked):
            _stage(asked, None, at)
            return
        ways = cached.ways(ground.key, asked.chosen, asked.settings)
        if guessing:
            optimizers_guess.answer(asked, ways)
        _stage(asked, ways, at)
        _results(asked, ways)
        optimizers_rates.explore(asked)


@st.fragment
def _stage(asked: Asked, ways: Paths | None, at: int) -> None:
    """The map, and the formulas of the step at which its player rests."""
    step, clicked = optimizers_stage.walk(
        asked.surface, asked.settings.start, ways, asked.goal,
        key=f"opt_stage_{asked.surface.key}", at=at,
        focus=optimizers_rules.focus(ways), on_focus=optimizers_rules.look_at,
        on_start=lambda x, y: optimizers_knobs.start_at(asked.surface, x, y),
    )  # fmt: skip
    if clicked:
        st.rerun()
    st.caption(PICTURE)
    if ways is not None:
        optimizers_rules.explore(ways, step)


def _results(asked: Asked, ways: Paths) -> None:
    """The race as a table and the losses as curves."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The race", anchor=False)
        _table(asked, ways)
    with right:
        st.subheader("Loss by step", anchor=False)
        show.figure(
            figures.surfaces.losses(ways, asked.surface, asked.goal),
            lambda: figures.surfaces.loss_rows(ways),
            key="opt_losses",
            name=f"{asked.surface.key}_losses",
            alt="How far above the lowest loss each optimiser is after each step.",
        )
    if st.toggle("The landscape as a figure to turn and keep", key="opt_landscape_on"):
        show.figure(
            figures.surfaces.landscape(ways, asked.surface),
            lambda: figures.surfaces.loss_rows(ways),
            key="opt_landscape",
            name=f"{asked.surface.key}_ways",
            alt=f"{asked.surface.title} in three dimensions with the ways over it.",
        )


def _table(asked: Asked, ways: Paths) -> None:
    rows = [race.outcome(each, asked.surface, asked.settings, asked.goal) for each in ways.paths]
    last = asked.settings.steps + 1
    rows.sort(key=lambda row: (last if row.arrived is None else row.arrived, row.last))
    st.table(
        pd.DataFrame(
            {
                "": f"**{drawn.TITLES[row.optimiser]}**  \n"
                f":small[:gray[η = {row.learning_rate:g}]]",
                f"Stays below {asked.goal:g}": _since(row.arrived),
                "Last loss": f"{row.last:.3g}",
                "Way": f"{row.length:.3g}",
                "What became of it": row.sentence,
            }
            for row in rows
        ),
        hide_index=True, border="horizontal", alt="Steps to the goal, last loss and way of each.",
    )  # fmt: skip
    limits = [
        f"{drawn.TITLES[name]} {known.plain} = {known.filled}"
        for name, _ in asked.chosen
        if (known := race.limit(name, asked.surface, asked.settings)) is not None
    ]
    if limits:
        where = "" if asked.surface.kind == "quadratic" else ", with the curvature at the start"
        st.caption(f"Largest learning rate that comes down{where}: {'; '.join(limits)}.")
    st.caption(CONVENTION)


def _since(step: int | None) -> str:
    return "—" if step is None else f"from step {step}"
