"""An experiment that goes on: how far each run is, and their curves as they grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.engine import control
from explorer.ui import cached, live, picture, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.runs.records import Run
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Experiment


def follow(experiment: Experiment, attempt: Attempt) -> None:
    """Look at the runs each second until all of them are over; then the page is drawn anew."""
    if attempt.guess is not None:
        st.markdown(f"{experiment.guess.question} You said **{_said(experiment, attempt)}**.")

    def look() -> None:
        with show.errors():
            runs = cached.store().group(attempt.group)
            if not any(map(live.going, runs)):
                st.rerun()
            _progress(runs)
            curves(experiment, runs)

    st.fragment(look, run_every=live.POLL)()


def _said(experiment: Experiment, attempt: Attempt) -> str:
    known = {option.key: option.text for option in experiment.guess.options}
    return known.get(attempt.guess or "", "something that is no answer any more")


def curves(experiment: Experiment, runs: Sequence[Run]) -> None:
    """The curves that the experiment is about, named by their variants."""
    drawn = experiment.curves
    live.draw(
        runs,
        key=f"experiments_{experiment.key}",
        metrics=[each.metric for each in drawn],
        labels={run.id: run.variant for run in runs},
        axis=drawn[0].axis,
    )


def _progress(runs: Sequence[Run]) -> None:
    """How far all runs are together, what each one does, and a way to end them."""
    done = sum(1.0 if not live.going(run) else run.fraction for run in runs) / len(runs)
    with st.container(horizontal=True, vertical_alignment="center", key="experiments_progress"):
        st.progress(min(max(done, 0.0), 1.0), text=_words(runs))
        if st.button(
            "Stop all", icon=":material/stop:", key="experiments_stop",
            help="Ends the runs that go on; without all of them nothing is decided",
        ):  # fmt: skip
            for run in filter(live.going, runs):
                control.stop(run.id)


def _words(runs: Sequence[Run]) -> str:
    running = [run for run in runs if run.state == "running"]
    waiting = [run for run in runs if run.state == "queued"]
    over = len(runs) - len(running) - len(waiting)
    parts = [f"{over} of {len(runs)} done"]
    if running:
        names = ", ".join(picture.plain(run.variant) for run in running)
        parts.append(f"training {names}")
    elif waiting:
        wait = cached.store().estimate(waiting[0].id)
        place = cached.store().position(waiting[0].id)
        soon = "" if wait is None else f", about {units.duration(wait)}"
        parts.append(f"place {place} in line{soon}")
    return "; ".join(parts) + "."
