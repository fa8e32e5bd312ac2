"""Whether a recipe gave the same curve again: runs of equal recipes, held together to the bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.runs import repeated
from explorer.runs.told import told
from explorer.ui import cached, live, picture

if TYPE_CHECKING:
    from explorer.runs.records import Run

MOST = 5
"""Repetitions that are compared, the newest first."""


def draw(run: Run, found: Sequence[Run]) -> None:
    """Each other run of the same recipe, and whether its curve is equal; nothing without one."""
    others = repeated.repeats(run, found)
    if not others:
        return
    going_on = any(map(live.going, (run, *others[:MOST])))

    def look() -> None:
        store = cached.store()
        mine = told(store, run.id)
        for other in others[:MOST]:
            _verdict(repeated.verdict(mine, told(store, other.id)), other)
        if len(others) > MOST:
            st.caption(f"{len(others) - MOST} older runs of this recipe are not compared.")

    with st.container(border=True, gap="small", key="runs_repeated"):
        st.markdown("**Runs of the same recipe**")
        st.fragment(look, run_every=live.POLL if going_on else None)()


def _verdict(found: repeated.Verdict, other: Run) -> None:
    if not found.rows:
        icon, colour = ":material/hourglass_empty:", "gray"
    elif found.equal:
        icon, colour = ":material/check_circle:", "green"
    else:
        icon, colour = ":material/difference:", "orange"
    st.markdown(f":{colour}[{icon}] **{picture.plain(other.name)}** `{other.id}`: {found.sentence}")
