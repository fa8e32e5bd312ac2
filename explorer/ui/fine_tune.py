"""The Fine-tune page: one step at a time, from pictures of one's own to a network of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import (
    fine_tune_choose,
    fine_tune_hand_in,
    fine_tune_look,
    fine_tune_results,
    fine_tune_state,
    fine_tune_train,
    fine_tune_use,
    picture,
    show,
    training_lab,
)
from explorer.ui.fine_tune_state import PREFIX, STEPS
from explorer.ui.training_cards import STATES

if TYPE_CHECKING:
    from explorer.runs.records import Run

_NEXT = {
    "look": ("choose", "Choose how it learns"),
    "results": ("use", "Try it on a new picture"),
    "use": ("home", "Take it home"),
}


def begin() -> None:
    """Have the engine get ready, and take in what the address asks for."""
    training_lab.prepare()
    fine_tune_state.begin()


def head() -> str:
    """Title, the steps that can be taken, and what they are about; returns the step."""
    st.title("Fine-tune", anchor=False)
    known = fine_tune_state.reachable()
    numbers = {each: place for place, each in enumerate(STEPS, 1)}
    step = st.segmented_control(
        "Step", known, key=fine_tune_state.step_key(), required=True, wrap=True,
        format_func=lambda each: f"{numbers[each]} {STEPS[each]}", label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    _about(step or known[0])
    return step or known[0]


def draw(step: str) -> None:
    """The step that is taken."""
    with show.errors(), st.container(key=f"{PREFIX}step_box"):
        _step(step)


def end() -> None:
    """Have the address tell it all."""
    fine_tune_state.end()


def _step(step: str) -> None:
    collection, run = fine_tune_state.collection(), fine_tune_state.run()
    if collection is None or step == "pictures":
        fine_tune_hand_in.draw()
    elif step == "look":
        fine_tune_look.draw(collection)
    elif step == "choose" or run is None:
        fine_tune_choose.draw(collection)
    elif step == "train":
        fine_tune_train.draw(run)
    elif step == "results":
        fine_tune_results.draw(run, collection)
    elif step == "use":
        fine_tune_use.predict(run)
    else:
        fine_tune_use.take_home(run)


def _about(step: str) -> None:
    """Which pictures, and from the training on which of their runs."""
    collection = fine_tune_state.collection()
    if collection is None or step == "pictures":
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}about"):
        st.caption(
            f"**{picture.plain(collection.title)}** · {len(collection.items):,} pictures, "
            f"{len(collection.classes):,} classes",
            width="content",
        )
        if step not in ("look", "choose"):
            _which_run()
        _next(step)


def _which_run() -> None:
    """Which of several runs is looked at."""
    runs = {run.id: run for run in fine_tune_state.runs()}
    if len(runs) < 2:
        return
    chosen = fine_tune_state.run()
    key = f"{PREFIX}which_run"
    st.session_state[key] = chosen.id if chosen and chosen.id in runs else next(iter(runs))
    st.selectbox(
        "Run", tuple(runs), key=key, format_func=lambda id: _label(runs[id]),
        label_visibility="collapsed", width=340, on_change=_picked, args=(key,),
    )  # fmt: skip


def _next(step: str) -> None:
    """The way to the next step, in the same place on each."""
    following, words = _NEXT.get(step, ("", ""))
    if following in fine_tune_state.reachable():
        st.button(
            words, type="primary", icon=":material/arrow_forward:", key=f"{PREFIX}next",
            on_click=fine_tune_state.go, args=(following,),
        )  # fmt: skip


def _label(run: Run) -> str:
    return f"{run.name} · {STATES[run.state][2]} · {run.id[-4:]}"


def _picked(key: str) -> None:
    fine_tune_state.open_run(st.session_state[key])
