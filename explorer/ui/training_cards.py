"""A visitor's runs as cards: how each one is, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.engine import control
from explorer.errors import ExplorerError
from explorer.ui import cached, live, live_rows, picture, training_recipe, training_shown, visitor
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.runs.records import Run

STATES = {
    "queued": ("hourglass", "gray", "waiting"),
    "running": ("bolt", "blue", "running"),
    "paused": ("pause", "orange", "paused"),
    "done": ("check", "green", "done"),
    "failed": ("error", "red", "failed"),
    "cancelled": ("stop", "gray", "stopped"),
    "lost": ("link_off", "red", "lost"),
}
"""Icon, colour and word of each state."""
ENOUGH = 0.02
"""Part of a run after which its pace says when it will be over."""
_SAID = f"{PREFIX}said"
REDRAW = f"{PREFIX}redraw"
"""Set where a button on a card changed what stands outside the cards."""

Act = Callable[[str], object]


def draw(runs: Sequence[Run], shown: Sequence[Run]) -> None:
    """A card for each run; those whose curves are drawn wear their line's colour."""
    colours = live.colours([run.id for run in shown])
    with st.grid("auto", min_column_width=300, gap="small", key=f"{PREFIX}cards") as grid:
        for run in runs:
            with grid.cell(), st.container(border=True, gap="xsmall", key=f"{PREFIX}card_{run.id}"):
                _card(run, colours.get(run.id))
    if said := st.session_state.get(_SAID):
        st.error(said, icon=":material/error:")


def _card(run: Run, colour: str | None) -> None:
    """Name and state, how far it is, and its buttons."""
    icon, tint, word = STATES[run.state]
    dot = f':color[●]{{foreground="{colour}"}} ' if colour else ""
    st.markdown(f"{dot}**{picture.plain(run.name)}** :{tint}-badge[:material/{icon}: {word}]")
    if run.state in ("running", "paused") or 0 < run.fraction < 1:
        st.progress(min(max(run.fraction, 0.0), 1.0))
    st.caption(_told(run) + (_now(run) if colour and run.state == "running" else ""))
    with st.container(horizontal=True, gap="small", key=f"{PREFIX}acts_{run.id}"):
        _look(run, shown=colour is not None)
        if run.owner == visitor.owner():
            _buttons(run)


def _told(run: Run) -> str:
    """How far it is and what may be expected, or why it ended."""
    if run.state == "queued":
        place = cached.store().position(run.id)
        wait = cached.store().estimate(run.id)
        soon = f", starts in about {units.duration(wait)}" if wait else ""
        return "Next in line." if place <= 1 and not wait else f"Place {place} in line{soon}."
    if run.wish:
        return {"pause": "Pausing.", "stop": "Stopping.", "cancel": "Ending."}[run.wish]
    if run.state == "running":
        return progress(run)
    score = run.result.test if run.result else None
    if run.state == "done" and score is not None:
        spent = units.duration(run.seconds)
        return f"{score.top1:.1f} % of {score.count:,} test pictures right, after {spent}."
    return run.sentence or f"{run.epoch:.3g} epochs in {units.duration(run.seconds)}."


def progress(run: Run) -> str:
    """Steps, epochs and the time that is left, in one line."""
    if run.began is None:
        return "Loading its data and building the network."
    of = f" of {run.began.steps:,}" if run.began.steps else ""
    left = remaining(run)
    more = f", {units.duration(left)} left" if left is not None else ""
    return f"Step {run.step:,}{of}, epoch {run.epoch:.1f}{more}."


def _now(run: Run) -> str:
    """Learning rate and pace of the last step it told of."""
    steps = live_rows.of(run).steps
    if not len(steps.step):
        return ""
    pace = units.rate(float(steps.samples_per_second[-1]), "pictures")
    return f" Learning rate {steps.learning_rate[-1]:.3g}, {pace}."


def remaining(run: Run) -> float | None:
    """Seconds to the end at the pace so far, as far as that can be said."""
    if run.started is None or run.fraction < ENOUGH or run.state != "running":
        return None
    return max(0.0, run.seconds / run.fraction * (1 - run.fraction))


def _look(run: Run, *, shown: bool) -> None:
    act = training_shown.remove if shown else training_shown.add
    label, icon = ("Hide", "visibility_off") if shown else ("Show", "visibility")
    _button(run, label, icon, act, "Its curves beside the others'")


def _buttons(run: Run) -> None:
    """What can be asked of a run in its state."""
    if run.wish and run.state == "running":
        return
    if run.state == "running":
        _button(run, "Pause", "pause", control.pause, "Keep everything, go on later")
        _button(run, "Stop", "stop", control.stop, "End here and keep the weights")
    if run.state in ("queued", "running"):
        _button(run, "Cancel", "close", control.cancel, "End at once and keep the curves alone")
    elif run.continues and run.state != "done":
        _button(run, "Continue", "play_arrow", control.resume, "Go on from where it was saved")
    if run.state not in ("queued", "running"):
        _button(run, "Take recipe", "edit", lambda _: training_recipe.write(run.recipe),
                "Turn all knobs above to this run's, to train again with changes")  # fmt: skip


def _button(run: Run, label: str, icon: str, act: Act, tip: str) -> None:
    st.button(
        label, icon=f":material/{icon}:", type="tertiary", help=tip, on_click=_do,
        args=(act, run.id), key=f"{PREFIX}{label.lower().replace(' ', '_')}_{run.id}",
    )  # fmt: skip


def _do(act: Act, run: str) -> None:
    """Ask for it; what cannot be done is said below the cards."""
    st.session_state[_SAID] = None
    st.session_state[REDRAW] = True
    try:
        act(run)
    except ExplorerError as error:
        st.session_state[_SAID] = str(error)
