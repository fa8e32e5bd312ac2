"""The learning-rate finder: one step at each rate, the curve, and the rate that is proposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.ui import show, training_recipe, work
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.training.lr_records import LearningRates
    from explorer.training.recipe import Recipe

SECONDS = 600.0


def explore(
    recipe: Recipe,
    prefix: str = PREFIX,
    take: Callable[..., None] = training_recipe.turn,
) -> None:
    """A button that tries rates with this recipe, then the curve and what it proposes.

    `take` is called with `learning_rate` where the proposal is accepted.
    """
    st.markdown(
        "Takes one step at each learning rate, from far too small to far too large, and throws the "
        "network away. Where the loss falls fastest is a good place; where it is lowest is already "
        "the edge. [Smith, Cyclical Learning Rates, 2017](https://arxiv.org/abs/1506.01186)"
    )
    key = f"rate {recipe}"
    found: LearningRates | None = work.run(
        key,
        "Try learning rates",
        start=lambda: work.Work("training.find_rate", recipe, timeout=SECONDS),
        icon=":material/query_stats:",
    )
    if found is not None:
        _draw(found, prefix, take)
        work.again(key)


def _draw(found: LearningRates, prefix: str, take: Callable[..., None]) -> None:
    show.figure(
        figures.training.rates(found),
        lambda: figures.training.rate_rows(found),
        key=f"{prefix}rates",
        name="learning_rates",
        alt="Loss of a batch at each learning rate, from low to high.",
    )
    st.markdown(found.sentence)
    if found.suggested is not None:
        st.button(
            f"Take {found.suggested:g}", icon=":material/check:", key=f"{prefix}take_rate",
            type="primary", on_click=take,
            kwargs={"learning_rate": found.suggested},
        )  # fmt: skip
