"""Edits of a collection, each a new revision, so that the last one can be taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.collections.store import CollectionStore
from explorer.engine import control
from explorer.errors import BadRequest, ExplorerError
from explorer.runs.records import OVER
from explorer.ui import cached, fine_tune_state, work
from explorer.ui.fine_tune_state import PREFIX

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.runs.records import Run

PATIENCE = 10.0
"""Seconds that whoever deletes waits for a run to end."""

_ABOUT = ("preview ", "report ", "export ")
"""How the names of work begin whose results show pictures, or tell of them."""

Edit = Callable[[CollectionStore, str], "Collection"]

_BEFORE, _SAID, _DID = f"{PREFIX}before", f"{PREFIX}said", f"{PREFIX}did"


def edit(change: Edit, did: str) -> None:
    """Change the newest revision; `did` says what was done. From a button's callback."""
    now = fine_tune_state.collection()
    if now is None:
        return
    try:
        change(CollectionStore(), now.key)
    except ExplorerError as error:
        st.session_state[_SAID] = str(error)
        return
    st.session_state[_SAID] = None
    st.session_state[_BEFORE], st.session_state[_DID] = now.key, did


def relabel(items: tuple[int, ...], label: int, name: str) -> None:
    """Move pictures to another class."""
    edit(lambda store, key: store.relabel(key, items, label), f"{_count(items)} moved to {name}.")


def remove(items: tuple[int, ...]) -> None:
    """Leave pictures out."""
    edit(lambda store, key: store.remove(key, items), f"{_count(items)} left out.")


def said() -> None:
    """What the last edit did, with the way back; or why it could not be done."""
    if refused := st.session_state.get(_SAID):
        st.error(refused, icon=":material/error:")
    before = st.session_state.get(_BEFORE)
    now = fine_tune_state.collection()
    if before is None or now is None or not before.startswith(now.key.partition(".")[0]):
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{PREFIX}undo_box"):
        st.caption(st.session_state[_DID], width="content")
        st.button(
            "Undo", icon=":material/undo:", type="tertiary", key=f"{PREFIX}undo", on_click=_undo,
            args=(before, now.title),
        )  # fmt: skip


def forget() -> None:
    """Let the last edit stand: something was learned from it."""
    st.session_state[_BEFORE] = st.session_state[_SAID] = None


def delete(*, runs: bool) -> None:
    """Delete the collection for good, and with `runs` the networks that learned from it."""
    now = fine_tune_state.collection()
    if now is None:
        return
    found = fine_tune_state.runs()
    try:
        _end(found)
        CollectionStore().delete(now.id)
        for run in found if runs else ():
            cached.store().delete(run.id)
    except ExplorerError as error:
        st.session_state[_SAID] = str(error)
        return
    forget()
    st.cache_data.clear()  # thumbnails and decoded pictures of whoever handed them in
    st.cache_resource.clear()
    for job in [each for each in st.session_state.get("work", {}) if each.startswith(_ABOUT)]:
        work.forget(job)
    fine_tune_state.open_collection(None)
    fine_tune_state.go("pictures")


def _end(runs: Sequence[Run]) -> None:
    """End what still learns from the pictures; that takes a moment. Raises UnknownRun."""
    going = [run.id for run in runs if run.state not in OVER]
    for id in going:
        control.cancel(id)
    deadline = time.monotonic() + PATIENCE
    while any(cached.store().run(id).state not in OVER for id in going):
        if time.monotonic() > deadline:
            raise BadRequest("A run still reads these pictures; delete them in a moment.")
        time.sleep(0.1)


def _undo(before: str, title: str) -> None:
    """Make what was before the newest again."""
    edit(lambda store, _: store.retitle(before, title), "Undone.")
    st.session_state[_BEFORE] = None


def _count(items: tuple[int, ...]) -> str:
    return f"{len(items):,} picture{'' if len(items) == 1 else 's'}"
