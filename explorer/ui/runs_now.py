"""What is going on at this moment: every running and waiting run, looked at every other second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.engine import control
from explorer.ui import awake, cached, picture, runs, show

if TYPE_CHECKING:
    from explorer.runs.records import Run

POLL = 2.0
"""Seconds between two looks; nobody looks while nothing goes on."""
MOST = 4
"""Runs that are followed here; the rest are counted."""
GOING = ("queued", "running")


def draw(found: Sequence[Run]) -> None:
    """A line for each run that goes on, with its progress and a way to stop it.

    The whole page is drawn again when a run begins, ends, comes or goes.
    """
    going = [run for run in found if run.state in GOING]
    if not going:
        return
    before = _states(found)

    def look() -> None:
        with show.errors():  # in here: a poll runs nothing of what is around it
            now = runs.visible()
            if _states(now) != before:
                st.rerun()
            _lines([run for run in now if run.state in GOING])

    st.fragment(look, run_every=POLL)()


def _lines(going: Sequence[Run]) -> None:
    if any(run.state == "queued" for run in going):
        awake.keep()
    with st.container(border=True, gap="small", key="runs_now"):
        # The oldest first: those that run, then the line in its order.
        for run in going[::-1][:MOST]:
            _line(run)
        if len(going) > MOST:
            st.caption(f"{len(going) - MOST} more wait or run.")


def _states(found: Sequence[Run]) -> list[tuple[str, str]]:
    return [(run.id, run.state) for run in found]


def _line(run: Run) -> None:
    """One run: how far it is, and buttons for whoever started it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"runs_now_{run.id}"):
        st.progress(
            min(max(run.fraction, 0.0), 1.0),
            text=f"**{picture.plain(run.name)}**  {_how_far(run)}",
            width="stretch",
        )
        if not runs.mine(run):
            return
        for title, icon, ask in (
            ("Pause", ":material/pause:", control.pause),
            ("Stop", ":material/stop:", control.stop),
        ):
            if run.state == "running" and st.button(
                title, icon=icon, key=f"runs_{title.lower()}_{run.id}", help=HELP[title]
            ):
                ask(run.id)
        if run.state == "queued" and st.button(
            "Cancel", icon=":material/close:", key=f"runs_cancel_{run.id}", help=HELP["Cancel"]
        ):
            control.cancel(run.id)


HELP = {
    "Pause": "It keeps a checkpoint and can go on from there",
    "Stop": "It ends here and keeps its weights",
    "Cancel": "It leaves the line",
}


def _how_far(run: Run) -> str:
    if run.wish:
        return {"pause": "is about to pause", "stop": "is about to stop"}.get(
            run.wish, "is about to end"
        )
    if run.state == "queued":
        place, wait = cached.store().position(run.id), cached.store().estimate(run.id)
        soon = "" if wait is None else f", starts in about {units.duration(wait)}"
        return f"place {place} in line{soon}"
    return f"epoch {run.epoch:.3g}, {units.percent(run.fraction, 0)}, {units.duration(run.seconds)}"
