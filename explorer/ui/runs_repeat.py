"""Whether a recipe gave the same curve again: runs of equal recipes, held together to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.runs import repeated
from explorer.runs.told import told
from explorer.ui import cached, live, picture, show

if TYPE_CHECKING:
    from explorer.runs.records import Run

POLL = 2.0
"""Seconds between two looks while one of them goes on."""
MOST_RECIPES, MOST_RUNS = 3, 5
"""Of the chosen runs' recipes, and of the other runs of each, as many are compared."""


def draw(chosen: Sequence[Run], found: Sequence[Run]) -> None:
    """Each other run of a chosen one's recipe, and whether its curve is equal; often none."""
    first: dict[str, Run] = {}
    for run in chosen:
        if not any(run.recipe == each.recipe for each in first.values()):
            first[run.id] = run
    wanted = {run.id for run in chosen}
    for run in list(first.values())[:MOST_RECIPES]:
        others = repeated.repeats(run, found)
        # Those that are chosen come first, then the newest.
        _together(run, sorted(others, key=lambda each: each.id not in wanted))


def _together(run: Run, others: Sequence[Run]) -> None:
    if not others:
        return
    going_on = any(map(live.going, (run, *others[:MOST_RUNS])))

    def look() -> None:
        with show.errors():  # in here: a poll runs nothing of what is around it
            store = cached.store()
            mine = told(store, run.id)
            for other in others[:MOST_RUNS]:
                _verdict(repeated.verdict(mine, told(store, other.id)), other)
            if len(others) > MOST_RUNS:
                st.caption(f"{len(others) - MOST_RUNS} more runs of this recipe are not compared.")

    with st.container(border=True, gap="small", key=f"runs_repeated_{run.id}"):
        st.markdown(
            f":material/replay: The recipe of **{picture.plain(run.name)}** `{run.id}` was run "
            "more than once:"
        )
        st.fragment(look, run_every=POLL if going_on else None)()


def _verdict(found: repeated.Verdict, other: Run) -> None:
    if not found.rows:
        icon, colour = ":material/hourglass_empty:", "gray"
    elif found.equal:
        icon, colour = ":material/check_circle:", "green"
    else:
        icon, colour = ":material/difference:", "orange"
    st.markdown(f":{colour}[{icon}] **{picture.plain(other.name)}** `{other.id}`: {found.sentence}")
