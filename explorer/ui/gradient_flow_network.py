"""The same for the network of the picker as it is: random weights against trained ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.figures import gradient_flow as drawn
from explorer.ui import pickers, show, work
from explorer.zoo import weights

if TYPE_CHECKING:
    from explorer.figures.gradient_flow import Quantity
    from explorer.training.gradient_flow_records import NetworkFlow
    from explorer.zoo.cards import ModelCard


def explore() -> None:
    """A button, then activations and gradients of every layer with weights."""
    card = pickers.current_model()
    st.subheader(f"A network of the zoo as it is: {card.title}", anchor=False)
    if card.task != "classification":
        st.info(
            f"{card.title} is for {card.task}; choose a classifier above, such as resnet18.",
            icon=":material/info:",
        )
        return
    sets = _sets(card)
    st.markdown(
        "A few of the bundled pictures with labels drawn at random, as on the first step of "
        f"training, with {' and with '.join(title for _, title in sets)}."
    )
    measured = [_measured(card, key, title) for key, title in sets]
    known = [each for each in measured if each is not None]
    if known:
        _shown(card, known)


def _sets(card: ModelCard) -> tuple[tuple[str, str], ...]:
    """Random weights, and the best that are on disk."""
    best = weights.choose(card)
    trained = () if best.kind == "random" else ((best.key, "trained ones"),)
    return (("random", "random weights"), *trained)


def _measured(card: ModelCard, key: str, title: str) -> NetworkFlow | None:
    found: NetworkFlow | None = work.run(
        f"flow_network {card.name} {key}",
        f"Send a gradient through, {title}",
        start=lambda: work.Work("training.network_flow", card.name, key, timeout=600.0),
    )
    return found


def _shown(card: ModelCard, measured: list[NetworkFlow]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _figure(card, measured, "activations")
    with right:
        _figure(card, measured, "weights")
    first = measured[0]
    st.caption(
        f"{first.pictures} pictures in fp32; mean cross-entropy "
        f"{', '.join(f'{each.loss:.3g} ({each.weights_title})' for each in measured)}. Batch norm "
        "takes the batch's own statistics, dropout is off. Activations are what a convolution or "
        "linear layer gives, before anything behind it."
    )


def _figure(card: ModelCard, measured: list[NetworkFlow], way: Quantity) -> None:
    show.figure(
        figures.gradient_flow.networks(measured, way),
        lambda: figures.gradient_flow.network_rows(measured),
        key=f"flow_network_{way}",
        name=f"{card.name.replace(':', '_')}_{way}",
        alt=f"{drawn.TITLES[way]} of every layer of {card.title}.",
    )
