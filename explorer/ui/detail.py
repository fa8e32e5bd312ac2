"""The detail of one row: its arithmetic with its own numbers, its weights, and a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.anatomy import export
from explorer.ui import folds

if TYPE_CHECKING:
    from explorer.anatomy.folding import Node
    from explorer.anatomy.records import Anatomy, Layer


def panel(anatomy: Anatomy, node: Node, unit: units.Convention, *, is_open: bool) -> None:
    """Draw what there is to say about a row: a group's sums, or a layer's arithmetic."""
    st.subheader(node.label, anchor=False)
    if node.is_layer:
        layer(anatomy.layers[node.layers[0]], unit)
    else:
        _group(node, unit)
    if node.openable:
        st.button(
            "Close" if is_open else "Open",
            icon=":material/unfold_less:" if is_open else ":material/unfold_more:",
            key="detail_open",
            on_click=folds.toggle,
            args=(node.id, is_open),
        )


def _group(node: Node, unit: units.Convention) -> None:
    st.caption(node.repeats or node.kind)
    st.table(
        {
            "Layers": str(len(node.layers)),
            "Output": units.shape(node.output),
            "Parameters": units.count(node.params),
            unit: units.cost(node.macs, unit),
            "Activations": units.memory(node.activation_bytes),
            "Sees": export.receptive_field(node.receptive_field),
        },
        border="horizontal",
        alt=f"Sums over {node.label}",
    )


def layer(chosen: Layer, unit: units.Convention) -> None:
    """One layer: settings, shapes, weights, cost."""
    settings = ", ".join(f"{name} {value}" for name, value in chosen.settings)
    st.caption(f"{chosen.kind} {settings}")
    st.table(
        {
            "Input": "; ".join(units.shape(shape) for shape in chosen.inputs),
            "Output": units.shape(chosen.output),
            "Parameters": units.count(chosen.params),
            unit: units.cost(chosen.macs, unit),
            "Activation": units.memory(chosen.activation_bytes),
            "Sees": export.receptive_field(chosen.receptive_field),
        },
        border="horizontal",
        alt=f"Facts about {chosen.name}",
    )
    for each in chosen.parameters:
        shared = f", shared with `{each.shared_with}`" if each.shared_with else ""
        st.markdown(f"`{each.name}` {units.shape(each.shape)} = {units.count(each.count)}{shared}")
    if chosen.note:
        st.caption(chosen.note)
