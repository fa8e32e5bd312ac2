"""Before an experiment: what its runs differ in, a guess at the answer, and the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.engine import control
from explorer.runs.records import NewRun
from explorer.training.attempts import new_group
from explorer.training.recipe import differences, to_link
from explorer.training.recipe_knobs import KNOBS
from explorer.ui import places, visitor

if TYPE_CHECKING:
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Experiment
    from explorer.training.recipe import Recipe

_ANEW = "experiments_anew"
_TITLES = {knob.name: knob.title for knob in KNOBS} | {"network": "Network", "data": "Data"}
_WORDS: dict[tuple[str, Any], str] = {
    ("batch_size", 0): "all",
    ("normalisation", "own"): "its own",
    ("activation", "own"): "its own",
    ("initialisation", "own"): "its own",
    ("patience", 0): "never",
}
"""What a number or word of a recipe stands for, where it does not speak for itself."""


def lasting(minutes: float) -> str:
    """How long an experiment takes, in words."""
    if minutes < 0.2:
        return "15 seconds"
    if minutes < 0.75:
        return "half a minute"
    return "a minute" if minutes < 1.5 else f"{minutes:.0f} minutes"


def anew(experiment: Experiment) -> bool:
    """Whether somebody wants to guess again, though there is an answer."""
    return bool(st.session_state.get(_ANEW) == experiment.key)


def ask(experiment: Experiment, tries: Sequence[Attempt]) -> None:
    """What differs, the guess, and the press that starts all runs."""
    recipes = experiment.recipes(next_seed(tries))
    table(experiment, recipes)
    with (
        st.container(border=True, key="experiments_guess_box"),
        st.form("experiments_guess", border=False),
    ):
        options = tuple(option.key for option in experiment.guess.options)
        guess = st.radio(
            f"**{experiment.guess.question}**", options, index=None,
            format_func=experiment.guess.text, key=f"experiments_guess_{experiment.key}",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            start = st.form_submit_button(
                f"Guess and start {len(recipes)} runs", type="primary", key="experiments_start",
                icon=":material/play_arrow:",
            )  # fmt: skip
            skip = st.form_submit_button("Start without a guess", key="experiments_skip")
        st.caption(
            f"About {lasting(experiment.minutes)} on two CPU cores that have nothing else to do; "
            "the page may be closed meanwhile."
        )
    if skip or (start and guess is not None):
        _start(experiment, recipes, None if skip else guess)
    elif start:
        st.info("Choose an answer first, or start without a guess.", icon=":material/edit:")


def again(experiment: Experiment, tries: Sequence[Attempt]) -> None:
    """Draw the press that repeats the newest attempt with another seed, and the way to guess."""
    seed = next_seed(tries)
    with st.container(horizontal=True, key="experiments_again"):
        if st.button(
            f"Again with seed {seed}", icon=":material/casino:", type="primary",
            key="experiments_seed", help="Other first weights, another order, another split",
        ):  # fmt: skip
            _start(experiment, experiment.recipes(seed), None)
        if st.button("Guess anew", icon=":material/visibility_off:", type="tertiary",
                     key="experiments_guess_again"):  # fmt: skip
            st.session_state[_ANEW] = experiment.key
            st.rerun()


def next_seed(tries: Sequence[Attempt]) -> int:
    """The first seed above those that were tried."""
    return max((each.seed for each in tries), default=-1) + 1


def table(experiment: Experiment, recipes: Sequence[Recipe]) -> None:
    """A row for each run with the settings in which they differ, and the way to its recipe."""
    differing = {name: values for name, values in differences(recipes).items() if name in _TITLES}
    rows = [
        {
            "": f"**{variant.title}**",
            **{_TITLES[name]: _written(name, values[n]) for name, values in differing.items()},
        }
        for n, variant in enumerate(experiment.variants)
    ]
    st.table(
        pd.DataFrame(rows), hide_index=True, border="horizontal",
        alt="The settings in which the runs differ.",
    )  # fmt: skip
    st.page_link(
        places.TRAINING_LAB, label="Open the first recipe in the Training lab",
        icon=":material/tune:", query_params={"recipe": to_link(recipes[0])},
    )  # fmt: skip


def _written(name: str, value: Any) -> str:
    known = _WORDS.get((name, value))
    if known is not None:
        return known
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _start(experiment: Experiment, recipes: Sequence[Recipe], guess: str | None) -> None:
    """Put all runs in line, and draw the page anew."""
    group = new_group(experiment.key, guess)
    control.submit(
        [
            NewRun(
                recipe,
                f"{experiment.title}: {variant.title}",
                owner=visitor.owner(),
                group=group,
                variant=variant.title,
            )
            for variant, recipe in zip(experiment.variants, recipes, strict=True)
        ]
    )
    st.session_state[_ANEW] = None
    st.rerun()
