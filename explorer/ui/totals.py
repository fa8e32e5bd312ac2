"""The head of the Anatomy page: what a network is, and its totals at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.anatomy import grids, memory
from explorer.ui import address, trained_here

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard


def heading(card: ModelCard) -> None:
    """Title, year, paper and the one idea; all of it known without building the network."""
    st.title(card.title, anchor=False)
    st.markdown(card.idea)
    paper = f"[{card.paper.title}]({card.paper.link})" if card.paper.link else card.paper.title
    whence = "trained here" if card.source == "run" else f"from {card.source}"
    st.caption(
        f"{card.paper.authors}, {card.paper.year}. {paper} · `{card.name}` {whence}"
        f"{trained_here.in_short(card)}"
    )


def convention() -> units.Convention:
    """The switch between multiply-adds and floating-point operations."""
    known = tuple(units.CONVENTIONS)
    address.adopt("unit", address.one_of("unit", known), known[0])
    chosen = st.segmented_control(
        "Count in", known, key="unit", required=True, persist_state="session"
    )
    address.publish("unit", None if chosen == known[0] else chosen)
    return chosen or known[0]


def failure(anatomy: Anatomy, card: ModelCard) -> None:
    """Say where a forward pass stopped, and what would have sufficed."""
    stopped = anatomy.failure
    if stopped is None:
        return
    enough = stopped.sufficient_size
    if enough is None and card.smallest > min(anatomy.input_shapes[0][-2:]):
        enough = (card.smallest, card.smallest)
    hint = f" An input of {units.shape(enough)} suffices." if enough else ""
    place = f"at `{stopped.layer}`" if stopped.layer else "in the network's own forward"
    ran = sum(layer.ran for layer in anatomy.layers)
    shown = (
        f"The {ran} rows before it are shown." if ran > 1 else "What it did not reach is listed."
    )
    st.warning(
        f"The forward pass stops {place}: {stopped.message.rstrip('.!')}.{hint} {shown}",
        icon=":material/content_cut:",
    )


def glance(anatomy: Anatomy, unit: units.Convention) -> None:
    """The totals, each with what it means beneath."""
    weights = {part.name: units.memory(part.size_bytes) for part in memory.weights(anatomy)}
    field, seen_by = grids.sees(anatomy)
    figures = (
        ("Parameters", units.short(anatomy.params), f"{units.count(anatomy.params)} in all"),
        (unit, units.short(units.operations(anatomy.macs, unit)), _per(anatomy)),
        ("Weights", weights["fp32"], f"{weights['fp16']} in fp16, {weights['int8']} in int8"),
        (
            "Activations at the peak",
            units.memory(anatomy.peak_activation_bytes),
            f"of {units.memory(anatomy.activation_bytes)} written in one pass",
        ),
        ("Depth", str(anatomy.depth), "weight layers, longest path"),
        ("Sees", field, seen_by),
    )
    cells(figures, key="totals")
    st.caption(_counted(anatomy, unit))


def cells(figures: Sequence[tuple[str, str, str]], *, key: str) -> None:
    """Draw figures side by side: title, value, and what it means beneath."""
    with st.grid(len(figures), min_column_width=150, gap="small", key=key) as grid:
        for title, value, meaning in figures:
            with grid.cell(), st.container(gap=None):
                st.metric(title, value)
                st.caption(meaning)


def _per(anatomy: Anatomy) -> str:
    batch = memory.recorded_batch(anatomy)
    return "for one forward pass" if batch == 1 else f"for one forward pass of {batch}"


def _counted(anatomy: Anatomy, unit: units.Convention) -> str:
    """The convention, and what it leaves out."""
    text = f"{units.CONVENTIONS[unit]}."
    if not anatomy.not_counted:
        return f"{text} Every operator of this network has a cost formula."
    ops = [f"{each.op} ({each.times} ×)" for each in anatomy.not_counted]
    more = f" and {len(ops) - 5} more operators" if len(ops) > 5 else ""
    return f"{text} Not counted, for want of a formula: {', '.join(ops[:5])}{more}."
