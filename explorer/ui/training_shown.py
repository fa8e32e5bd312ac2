"""Which of a visitor's runs are looked at: chosen by hand, by a start, or by the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import UnknownRun
from explorer.runs.records import OVER
from explorer.ui import address, cached, visitor
from explorer.ui.training_recipe import PREFIX

if TYPE_CHECKING:
    from explorer.runs.records import Run

MOST = 4
"""Runs that a start leaves in the figure, the new one among them."""
MOST_EARLIER, MOST_CARDS = 100, 6
_BETWEEN = ","
_SHOWN = f"{PREFIX}shown"


def begin() -> None:
    """Take in which runs the address asks for; those of others only where they are shared."""
    none: tuple[str, ...] = ()
    asked = address.adopt(_SHOWN, _ids, none, name="run")
    if address.says("run") is not None:
        st.session_state[_SHOWN] = tuple(filter(_may_be_seen, asked))


def end() -> None:
    """Have the address tell them."""
    address.publish("run", _BETWEEN.join(ids()) or None)


def ids() -> tuple[str, ...]:
    """Those that are looked at, oldest first."""
    shown: tuple[str, ...] = st.session_state.get(_SHOWN, ())
    return shown


def add(run: str) -> None:
    """Look at a run beside the last ones."""
    others = tuple(each for each in ids() if each != run)
    st.session_state[_SHOWN] = (*others, run)[-MOST:]


def remove(run: str) -> None:
    """Look at it no longer."""
    st.session_state[_SHOWN] = tuple(each for each in ids() if each != run)


def mine() -> tuple[Run, ...]:
    """This visitor's runs, the newest first."""
    owner = visitor.owner()
    return tuple(run for run in cached.store().runs(owner) if run.owner == owner)


def listed(mine: Sequence[Run]) -> tuple[Run, ...]:
    """The runs that get a card: this visitor's that are not over, then those looked at.

    Those that run come first, and of many no more than `MOST_CARDS`. Without any of either it is
    the newest one.
    """
    first = sorted(going_on(mine), key=lambda run: run.state != "running")[:MOST_CARDS]
    shown = [run for run in map(_of, reversed(ids())) if run is not None]
    first += [run for run in shown if run.id not in _ids_of(first)]
    return tuple(first) or tuple(mine[:1])


def going_on(mine: Sequence[Run]) -> tuple[Run, ...]:
    """Those that run, wait, or are paused."""
    return tuple(run for run in mine if run.state not in OVER)


def earlier(mine: Sequence[Run], carded: Sequence[Run]) -> tuple[Run, ...]:
    """This visitor's other runs, the newest first."""
    return tuple(run for run in mine if run.id not in _ids_of(carded))[:MOST_EARLIER]


def looked_at(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Of these, the ones whose curves are drawn, oldest first; without a choice the newest."""
    known = {run.id: run for run in runs}
    found = tuple(known[each] for each in ids() if each in known)
    return found or tuple(runs[:1])


def _of(run: str) -> Run | None:
    """A run, if it is still there."""
    try:
        return cached.store().run(run)
    except UnknownRun:
        return None


def _ids_of(runs: Sequence[Run]) -> set[str]:
    return {run.id for run in runs}


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.split(_BETWEEN))[:MOST]


def _may_be_seen(run: str) -> bool:
    """Whether there is such a run and this visitor may look at it; if not, why."""
    try:
        found = cached.store().run(run)
    except UnknownRun as error:
        address.complain(str(error))
        return False
    if found.shared or found.owner == visitor.owner():
        return True
    address.complain("The run this link leads to is somebody else's; ask for it to be shared.")
    return False
