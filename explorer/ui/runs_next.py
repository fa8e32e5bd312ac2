"""What may be done with a run next: its recipe anew, the same once more, or further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.engine import control
from explorer.runs import shipped
from explorer.runs.records import NewRun
from explorer.training import recipe as recipes
from explorer.training.data import catalogue
from explorer.ui import permitted, places, runs, show, visitor

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.recipe import Recipe

STOPPED = ("paused", "failed", "cancelled", "lost")
MOST_LENGTH = 1_000_000.0


def ways(run: Run) -> None:
    """Buttons for what comes next."""
    with st.container(width="content", gap="small", key="runs_next"), show.errors():
        st.markdown("**Go on from here**")
        with st.container(horizontal=True, vertical_alignment="center", key="runs_next_ways"):
            ours = shipped.known(run.id)
            st.page_link(
                places.TRAINING_LAB,
                label="Look inside",
                icon=":material/blur_on:",
                query_params={"run": run.id},
                help="Its layers' gradients and first filters, step by step, in the Training lab",
            )
            st.page_link(
                places.TRAINING_LAB,
                label="Train again" if ours else "Change its recipe",
                icon=":material/tune:",
                query_params={"recipe": recipes.to_link(run.recipe)},
                help="Opens the recipe in the Training lab",
            )
            if ours and not catalogue.on_disk(run.recipe.data):
                st.caption(f"{catalogue.find(run.recipe.data).title} is not on this computer yet.")
            elif st.button(
                "Reproduce", icon=":material/replay:", key="runs_reproduce", help=REPRODUCE
            ):
                _reproduce(run)
            if run.state in STOPPED and run.continues and runs.mine(run):
                _continue(run)
            single = run.recipe.ensemble == "one"
            if run.state == "done" and run.continues and single and runs.mine(run):
                _extend(run)


REPRODUCE = "Runs the same recipe once more and says whether the curve is the same to the last bit"


def _reproduce(run: Run) -> None:
    """Submit the recipe again, and look at both."""
    permitted.check(run.recipe)
    catalogue.find(run.recipe.data)
    (again,) = control.submit([NewRun(run.recipe, f"{run.name}, again", visitor.owner())])
    runs.look_at(run.id, again)
    st.rerun()


def _continue(run: Run) -> None:
    if st.button(
        "Continue", icon=":material/play_arrow:", key="runs_continue",
        help="From its last checkpoint, to the same curve as without the break",
    ):  # fmt: skip
        control.resume(run.id)
        st.rerun()


def _extend(run: Run) -> None:
    """A run that is over goes on to a greater length."""
    recipe = run.recipe
    with st.popover("Train longer", icon=":material/update:", key="runs_extend"):
        longer = st.number_input(
            f"Length in {recipe.unit}, so far {recipe.length:g}",
            min_value=recipe.length,
            max_value=MOST_LENGTH,
            value=min(2 * recipe.length, MOST_LENGTH),
            step=1.0,
            format="%g",
            key=f"runs_longer_{run.id}",
        )
        st.caption(_goes_on(recipe))
        if st.button(
            "Go on", type="primary", key=f"runs_extend_{run.id}", disabled=longer <= recipe.length
        ):
            control.extend(run.id, float(longer))
            st.rerun()


def _goes_on(recipe: Recipe) -> str:
    """What is to be expected of a run that goes on after its end."""
    said = "It goes on from its last weights."
    if recipe.schedule == "constant" and not recipe.warm_up:
        return said
    return (
        f"{said} The learning rate follows the schedule of the new length, so the curve is not the "
        "one of a run that was that long from its beginning."
    )
