"""The Anatomy page's diagram: folded like the table, coloured by a cost of choice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import diagram as figure
from explorer.ui import address, detail, diagram, folds

if TYPE_CHECKING:
    from explorer import units
    from explorer.anatomy.folding import Folded
    from explorer.anatomy.records import Anatomy
    from explorer.figures.diagram import Cost
    from explorer.ui.diagram import Action


def explore(anatomy: Anatomy, unit: units.Convention) -> None:
    """Draw the diagram and, beside it, the detail of the chosen node."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="graph_knobs"):
        depth = folds.depth(anatomy)
        cost = _cost()
        slot = st.container(width="content")
    folded = folds.folded(anatomy, depth)
    with slot:
        st.download_button(
            "SVG",
            partial(_file, anatomy, folded, cost, unit),
            file_name=f"{anatomy.model.replace(':', '_')}_{depth}.svg",
            mime="image/svg+xml",
            icon=":material/download:",
            on_click="ignore",
            key="graph_svg",
        )
    chosen = folds.chosen()
    known = {node.id: node for node in (*folded.nodes, *folded.groups)}
    node = known.get(chosen)
    folds.choose(node.id if node else None)
    left, right = st.columns([70, 30], gap="medium")
    with left:
        diagram.interactive(
            anatomy, folded, cost, unit, key="graph", on_action=_act, chosen=node.id if node else ""
        )
    with right:
        if node is None:
            st.caption(
                "Click a node: its arithmetic appears here. A node with more inside opens with a "
                "click on its mark; drag to move, wheel or the buttons to zoom."
            )
        else:
            detail.panel(anatomy, node, unit, is_open=node in folded.groups)


def _cost() -> Cost:
    address.adopt("color", address.one_of("color", figure.COSTS), figure.COSTS[0])
    chosen = st.selectbox(
        "Colour by", figure.COSTS, key="color", persist_state="session", width=190
    )
    address.publish("color", None if chosen == figure.COSTS[0] else chosen)
    return chosen or figure.COSTS[0]


def _act(action: Action, id_: str) -> None:
    if action == "select":
        st.session_state["layer"] = id_
    else:
        folds.toggle(id_, is_open=action == "close")


def _file(anatomy: Anatomy, folded: Folded, cost: Cost, unit: units.Convention) -> bytes:
    return figure.standalone(anatomy, folded, cost, unit).encode()
