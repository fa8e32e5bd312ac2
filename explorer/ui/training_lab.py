"""The Training lab: what is to be trained, then the visitor's runs as they go on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer.runs import export
from explorer.ui import (
    awake,
    live,
    live_rows,
    show,
    training_after,
    training_cards,
    training_inside,
    training_recipe,
    training_setup,
    training_shown,
)
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.recipe import Recipe

SLOW_POLL = 5.0
"""Seconds between two looks at runs that wait for somebody: another tab may let them go on."""

_BESIDE = f"{PREFIX}beside"


def begin() -> None:
    """Have the engine get ready, and take in what the address asks for."""
    prepare()
    training_recipe.begin()
    training_shown.begin()


def draw() -> Recipe | None:
    """What is set at the left, what comes of it at the right; returns the recipe."""
    place = training_setup.head()
    left, right = st.columns(training_setup.COLUMNS, gap="large")
    recipe = None
    with left, show.errors():
        recipe = training_setup.choose(place)
    with right, show.errors():
        training_setup.before(recipe)
        _runs()
    return recipe


def _runs() -> None:
    """The visitor's runs, looked at each second while any of them goes on."""
    before = training_shown.listed(training_shown.mine())
    st.fragment(_look, run_every=_pace(before))(_state(before))


def end(recipe: Recipe | None) -> None:
    """Have the address tell what is set and what is looked at."""
    training_recipe.end(recipe)
    training_shown.end()


def _look(before: tuple[tuple[str, str], ...]) -> None:
    """Cards, curves and insides as they are now; a run that starts or ends redraws the page."""
    with show.errors():
        mine = training_shown.mine()
        found = training_shown.listed(mine)
        if _state(found) != before or st.session_state.pop(training_cards.REDRAW, False):
            st.rerun()
        if not found:
            st.info("Press Start: loss and accuracy appear here within seconds.",
                    icon=":material/play_arrow:")  # fmt: skip
            return
        chosen = training_shown.looked_at(found)
        training_cards.draw(found, chosen)
        more = len(training_shown.going_on(mine)) - len(training_shown.going_on(found))
        if more > 0:
            st.caption(f"{more} more of your runs wait or go on; the page *Runs* lists them all.")
        _beside(training_shown.earlier(mine, found), chosen)
        _curves(chosen)


def _curves(chosen: Sequence[Run]) -> None:
    how = live.controls(f"{PREFIX}curves", "step", top5=live.has_top5(chosen))
    live.draw(chosen, key=f"{PREFIX}curves", how=how)
    training_after.draw(chosen)
    training_inside.explore(chosen, how)


def _beside(earlier: Sequence[Run], chosen: Sequence[Run]) -> None:
    """Earlier runs to be put beside the others, and all curves as a file."""
    others = {run.id: run for run in earlier}
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}beside_box"):
        if others:
            st.session_state[_BESIDE] = None
            st.selectbox(
                "An earlier run", tuple(others), key=_BESIDE, label_visibility="collapsed",
                format_func=lambda each: _label(others[each]), on_change=_put, width=330,
                placeholder="Put an earlier run beside it",
            )  # fmt: skip
        st.download_button(
            "Curves as CSV", lambda: csv(chosen), "curves.csv", "text/csv", type="tertiary",
            icon=":material/download:", on_click="ignore", key=f"{PREFIX}csv",
            help="Every told step of the runs in the figure, not smoothed",
        )  # fmt: skip


def _label(run: Run) -> str:
    return f"{run.name} · {training_cards.STATES[run.state][2]} · {run.id[-4:]}"


def _put() -> None:
    if picked := st.session_state[_BESIDE]:
        training_shown.add(picked)
        st.session_state[training_cards.REDRAW] = True


def csv(chosen: Sequence[Run]) -> bytes:
    """Every told step of some runs, a row each, with the run's id and name."""
    tables = []
    for run in chosen:
        steps = live_rows.of(run).steps
        names = [field.name for field in dataclasses.fields(steps) if field.name != "number"]
        columns = {name: getattr(steps, name) for name in names}
        tables.append(pd.DataFrame({"run": run.id, "name": export.harmless(run.name), **columns}))
    return pd.concat(tables).to_csv(index=False).encode()


def _state(found: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    return tuple((run.id, run.state) for run in found)


def _pace(found: Sequence[Run]) -> float | None:
    """How often runs are looked at."""
    if any(map(live.going, found)):
        return live.POLL
    return SLOW_POLL if any(run.state == "paused" for run in found) else None


def prepare() -> None:
    """Have the engine load torch for a job that is about to come; returns at once."""
    awake.keep()
