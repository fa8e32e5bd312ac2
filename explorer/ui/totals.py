"""The head of the Anatomy page: what a network is, and its totals at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.anatomy import memory
from explorer.anatomy.records import Layer, Status
from explorer.ui import address

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard


def heading(card: ModelCard) -> None:
    """Title, year, paper and the one idea; all of it known without building the network."""
    st.title(card.title, anchor=False)
    st.markdown(card.idea)
    paper = f"[{card.paper.title}]({card.paper.link})" if card.paper.link else card.paper.title
    st.caption(f"{card.paper.authors}, {card.year}. {paper} · `{card.name}` from {card.source}")


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
    field, seen_by = _sight(anatomy)
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


def _sight(anatomy: Anatomy) -> tuple[str, str]:
    """How far the network sees at most, and against what."""
    widest = widest_feature_map(anatomy)
    if widest is None:
        return "—", "no layer keeps a grid of positions"
    field = widest.receptive_field
    height, width = anatomy.input_shapes[0][-2:]
    if field.status is Status.WHOLE_INPUT:
        inner = field.convolutional
        return _all_of_it(inner.size if inner else ())
    sizes = field.size[-2:]
    if _attends_after(widest, anatomy):
        return _all_of_it(sizes)
    if not sizes or None in sizes:
        return field.status.value, f"at {widest.name}"
    side = "≤ " if field.status is Status.UPPER_BOUND else ""
    text = f"{sizes[0]} px" if len(set(sizes)) == 1 else units.axes(sizes)
    return f"{side}{text}", f"at {widest.name}, of {height} × {width}"


def _all_of_it(convolutions: Sequence[int | None]) -> tuple[str, str]:
    """What to say of a network in which some operation looks everywhere at once."""
    alone = f", {units.axes(convolutions[-2:])} by local operations alone" if convolutions else ""
    return "all of it", f"the whole input{alone}"


def _attends_after(grid: Layer, anatomy: Anatomy) -> bool:
    """Whether the grid of positions becomes a row of tokens that look at one another."""
    return any(
        layer.ran and len(layer.output) == 3 and layer.receptive_field.status is Status.WHOLE_INPUT
        for layer in anatomy.layers[grid.index + 1 :]
    )


def widest_feature_map(anatomy: Anatomy) -> Layer | None:
    """The grid of positions that sees most of the input; the last one, where several do.

    Not simply the last grid: that may belong to an auxiliary head which left the network early,
    or to what a detector cut out of its maps, which depends on the picture.
    """
    grids = [
        layer
        for layer in anatomy.layers
        if layer.ran and len(layer.output) in (4, 5) and layer.output[-1] * layer.output[-2] > 1
    ]
    return max(reversed(grids), key=_extent, default=None)


def _extent(layer: Layer) -> int:
    """Pixels from side to side, along the convolutions where something sees everything."""
    field = layer.receptive_field.convolutional or layer.receptive_field
    return max((side or 0 for side in field.size[-2:]), default=0)
