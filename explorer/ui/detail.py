"""The detail of one row: its arithmetic with its own numbers, its weights, and a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.anatomy import export
from explorer.anatomy.formulas import formulas
from explorer.figures.window import window_drawing, window_words
from explorer.ui import diagram, folds

if TYPE_CHECKING:
    from explorer.anatomy.folding import Node
    from explorer.anatomy.formula import Formula
    from explorer.anatomy.records import Anatomy, Layer


def panel(anatomy: Anatomy, node: Node, unit: units.Convention, *, is_open: bool) -> None:
    """Draw what there is to say about a row: a group's sums, or a layer's arithmetic."""
    st.subheader(node.label, anchor=False)
    if node.is_layer:
        layer(anatomy.layers[node.layers[0]], anatomy)
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


def layer(chosen: Layer, anatomy: Anatomy) -> None:
    """One layer: what it is, its arithmetic with its own numbers, and its weights."""
    settings = ", ".join(f"{name} {value}" for name, value in chosen.settings)
    st.caption(f"{chosen.kind}  {settings}")
    st.table(
        {
            "In": "; ".join(units.shape(shape) for shape in chosen.inputs) or "—",
            "Out": units.shape(chosen.output),
            "Memory": f"{units.memory(chosen.activation_bytes)}, "
            f"{units.memory(chosen.saved_bytes)} kept for training",
        },
        border="horizontal",
        alt=f"Shapes and memory of {chosen.name}",
    )
    drawing = window_drawing(chosen)
    if drawing is not None:
        diagram.picture(drawing, key="detail_window")
        st.caption(window_words(chosen))
    for formula in formulas(chosen, anatomy):
        st.markdown(_written(formula), anchors=False)
    if chosen.receptive_field.note:
        st.caption(f"Receptive field: {chosen.receptive_field.note}.")
    _weights(chosen)
    if chosen.note:
        st.caption(chosen.note)


def _written(formula: Formula) -> str:
    """A formula's title and result, then how it comes about."""
    lines = [f"**{formula.title}** :gray[=] {formula.result}" if formula.result else formula.title]
    lines += [f"${each}$" for each in (formula.general, formula.with_numbers) if each]
    lines += [f":small[:gray[{formula.sentence}]]"] if formula.sentence else []
    return "  \n".join(lines)


def _weights(chosen: Layer) -> None:
    """The tensors with the layer's parameters."""
    if not chosen.parameters:
        return
    lines = [
        f"`{each.name}` {units.shape(each.shape)} = {units.count(each.count)}"
        + (f", counted at `{each.shared_with}`" if each.shared_with else "")
        + ("" if each.trainable else ", frozen")
        for each in chosen.parameters
    ]
    st.markdown("**Weights**  \n" + "  \n".join(lines))
