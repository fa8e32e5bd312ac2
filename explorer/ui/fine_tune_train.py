"""The network learns: how far it is, its curves as they grow, and the ways to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.engine import control
from explorer.errors import ExplorerError, UnknownRun
from explorer.runs.records import OVER
from explorer.ui import (
    cached,
    fine_tune_networks,
    fine_tune_recipe,
    fine_tune_state,
    live,
    picture,
    show,
)
from explorer.ui.fine_tune_state import PREFIX
from explorer.ui.training_cards import STATES, progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.runs.records import Run

_SAID, _REDRAW = f"{PREFIX}train_said", f"{PREFIX}train_redraw"


def draw(run: Run) -> None:
    """The run, looked at each second while it goes on."""
    st.fragment(_look, run_every=live.POLL if live.going(run) else None)(run.id, run.state)


def _look(id: str, before: str) -> None:
    """As it is now; the whole page is drawn again once its state has changed."""
    with show.errors():
        try:
            run = cached.store().run(id)
        except UnknownRun:
            st.rerun()
        if run.state != before or st.session_state.pop(_REDRAW, False):
            st.rerun()
        _card(run)
        if run.began is not None and (run.step or run.state in OVER):
            live.draw([run], key=f"{PREFIX}curves", axis="epoch")


def _card(run: Run) -> None:
    icon, tint, word = STATES[run.state]
    with st.container(border=True, gap="small", key=f"{PREFIX}card"):
        st.markdown(f"**{picture.plain(run.name)}** :{tint}-badge[:material/{icon}: {word}]")
        if run.state in ("running", "paused"):
            st.progress(min(max(run.fraction, 0.0), 1.0))
        if run.state in ("failed", "lost"):
            st.error(run.sentence, icon=":material/error:")
        else:
            st.markdown(_told(run))
        with st.container(horizontal=True, gap="small", key=f"{PREFIX}train_acts"):
            _buttons(run)
        if said := st.session_state.get(_SAID):
            st.error(said, icon=":material/error:")


def _told(run: Run) -> str:
    if run.state == "queued":
        place = cached.store().position(run.id)
        return "Next in line." if place <= 1 else f"Place {place} in line."
    if run.wish:
        return {"pause": "Pausing.", "stop": "Stopping.", "cancel": "Ending."}[run.wish]
    if run.state == "running":
        return run.sentence or progress(run)
    if run.result is None:
        return run.sentence or f"{run.epoch:.3g} epochs in {units.duration(run.seconds)}."
    held = run.result.validation
    score = "" if held is None else (
        f" **{held.top1:.1f} %** of {held.count:,} pictures it had not learned from are right."
    )  # fmt: skip
    why = ", ended early: the held-out pictures got no better" * (
        run.result.reason == "early stopping"
    )
    return f"{run.result.epochs:.3g} epochs in {units.duration(run.result.seconds)}{why}.{score}"


def _buttons(run: Run) -> None:
    """What can be asked of a run in its state; what comes next stands first."""
    if run.weights and run.result is not None and run.state in OVER:
        st.button(
            "See how good it is", type="primary", icon=":material/arrow_forward:",
            key=f"{PREFIX}to_results", on_click=_results,
        )  # fmt: skip
    if run.state == "running" and not run.wish:
        _button(run, "Pause", "pause", control.pause, "Keep everything, go on later")
        _button(run, "Stop", "stop", control.stop, "End here and keep what was learned")
    if run.state in ("queued", "running"):
        _button(run, "Cancel", "close", control.cancel, "End at once and keep the curves alone")
    elif run.continues and run.state != "done":
        _button(run, "Continue", "play_arrow", control.resume, "Go on from where it was saved")
    if run.state in OVER:
        st.button(
            "Change and train again", icon=":material/tune:", key=f"{PREFIX}again",
            on_click=again, args=(run,),
        )  # fmt: skip


def again(run: Run) -> None:
    """Turn everything to this run's recipe, to change some of it. From a button's callback."""
    fine_tune_networks.take(run.recipe.network, run.recipe.weights)
    fine_tune_recipe.take(run.recipe)
    fine_tune_state.go("choose")


def _results() -> None:
    st.session_state[_REDRAW] = True
    fine_tune_state.go("results")


def _button(run: Run, label: str, icon: str, act: Callable[[str], object], tip: str) -> None:
    st.button(
        label, icon=f":material/{icon}:", help=tip, on_click=_do, args=(act, run.id),
        key=f"{PREFIX}{label.lower()}",
    )  # fmt: skip


def _do(act: Callable[[str], object], run: str) -> None:
    st.session_state[_SAID] = None
    st.session_state[_REDRAW] = True
    try:
        act(run)
    except ExplorerError as error:
        st.session_state[_SAID] = str(error)
