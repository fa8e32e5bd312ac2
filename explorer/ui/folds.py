"""How far the network is folded, shared by table and diagram: a depth, and groups set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.anatomy import folding
from explorer.ui import address

if TYPE_CHECKING:
    from explorer.anatomy.folding import Depth, Folded
    from explorer.anatomy.records import Anatomy

_BETWEEN = "~"
"""Stands between ids in the address; no id holds one."""


def depth(anatomy: Anatomy) -> Depth:
    """Draw the choice of depth; a network starts at its layers if they fit on a screen."""
    default = folding.default_depth(anatomy)
    address.adopt("depth", address.one_of("depth", folding.DEPTHS), default)
    chosen = st.segmented_control(
        "Fold to",
        folding.DEPTHS,
        key="depth",
        required=True,
        persist_state="session",
        on_change=forget,
    )
    address.publish("depth", None if chosen == default else chosen)
    return chosen or default


def folded(anatomy: Anatomy, chosen: Depth) -> Folded:
    """Fold to the depth, then as groups were opened and closed by hand."""
    return folding.fold(anatomy, chosen, opened=_ids("open"), closed=_ids("closed"))


def toggle(id_: str, is_open: bool) -> None:
    """Open a closed group, close an opened one; what the depth did is undone by the other list."""
    undone, done = ("open", "closed") if is_open else ("closed", "open")
    before = tuple(st.session_state.get(undone, ()))
    st.session_state[undone] = tuple(each for each in before if each != id_)
    if id_ not in before:
        st.session_state[done] = (*st.session_state.get(done, ()), id_)


def forget() -> None:
    """Fold everything back to the depth."""
    st.session_state["open"] = st.session_state["closed"] = ()


def chosen() -> str:
    """Id of the row or node that is chosen, "" for none."""
    id_: str = address.adopt("layer", str, "")
    return id_


def choose(id_: str | None) -> None:
    """Keep which row or node is chosen."""
    st.session_state["layer"] = id_ or ""
    address.publish("layer", id_ or None)


def _ids(key: str) -> tuple[str, ...]:
    ids: tuple[str, ...] = address.adopt(key, lambda text: tuple(text.split(_BETWEEN)), ())
    address.publish(key, _BETWEEN.join(ids) or None)
    return ids
