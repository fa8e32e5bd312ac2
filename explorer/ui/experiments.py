"""Ready experiments: a gallery of questions, and the one that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.training.attempts import attempts
from explorer.training.experiments import EXPERIMENTS, THEMES
from explorer.ui import (
    address,
    cached,
    experiments_guess,
    experiments_now,
    experiments_told,
    show,
    visitor,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.runs.records import Run
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Experiment

_CHOSEN = "experiments_chosen"
_NONE = ""


def choose() -> Experiment | None:
    """The experiment that the address or a card asks for; None for the gallery."""
    address.adopt(
        _CHOSEN, address.one_of("experiment", tuple(EXPERIMENTS)), _NONE, name="experiment"
    )
    chosen: str = st.session_state[_CHOSEN]
    address.publish("experiment", chosen or None)
    return EXPERIMENTS.get(chosen)


def gallery() -> None:
    """Every experiment as a card with its question, theme by theme."""
    st.title("Ready experiments", anchor=False)
    st.markdown(
        "One press trains all networks of a comparison, here and now. Guess first how it comes "
        "out; then the runs themselves decide, and say so where they disagree with the textbook."
    )
    with show.errors():
        mine = _mine()
        for theme, members in THEMES.items():
            st.subheader(theme, anchor=False)
            with st.grid(
                3, min_column_width=300, gap="small", key=f"experiments_theme_{theme}"
            ) as grid:
                for experiment in members:
                    with grid.cell():
                        _card(experiment, attempts(experiment.key, mine))


def _card(experiment: Experiment, tries: Sequence[Attempt]) -> None:
    with st.container(
        border=True, gap="xsmall", height="stretch", key=f"experiments_card_{experiment.key}"
    ):
        st.markdown(f"**{experiment.question}**")
        st.caption(f"{experiment.title} · {len(experiment.variants)} runs{_so_far(tries)}")
        st.button(
            f"Guess and try · {experiments_guess.lasting(experiment.minutes)}",
            icon=":material/science:", type="tertiary", key=f"experiments_open_{experiment.key}",
            on_click=_open, args=(experiment.key,),
        )  # fmt: skip


def _so_far(tries: Sequence[Attempt]) -> str:
    if not tries:
        return ""
    if not tries[0].over:
        return " · :blue[running now]"
    return f" · tried {'once' if len(tries) == 1 else f'{len(tries)} times'}"


def _open(key: str) -> None:
    st.session_state[_CHOSEN] = key


def explore(experiment: Experiment) -> None:
    """One experiment: a guess, its runs as they go on, and what came of them."""
    st.button(
        "All experiments", icon=":material/arrow_back:", type="tertiary",
        key="experiments_back", on_click=_open, args=(_NONE,),
    )  # fmt: skip
    st.title(experiment.question, anchor=False)
    st.markdown(experiment.setting)
    with show.errors():
        tries = attempts(experiment.key, _mine())
        if not tries or experiments_guess.anew(experiment):
            experiments_guess.ask(experiment, tries)
        elif not tries[0].over:
            experiments_now.follow(experiment, tries[0])
        else:
            experiments_told.reveal(experiment, tries)


def _mine() -> tuple[Run, ...]:
    """This visitor's own runs, the newest first; what others share is theirs to judge."""
    owner = visitor.owner()
    return tuple(run for run in cached.store().runs(owner) if run.owner == owner)
