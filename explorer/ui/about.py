"""The Anatomy page's sections on where a network comes from, and the files to take away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer import units
from explorer.anatomy import export
from explorer.ui import show, trained_here, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.anatomy.merit_records import Reconciliation
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard


def about(card: ModelCard, anatomy: Anatomy) -> None:
    """Paper, weights, how the implementation differs, and how the network was recorded."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Where it comes from", anchor=False)
        st.markdown(f"**{card.title}** ({card.year}), family {card.family}. {card.idea}")
        paper = f"[{card.paper.title}]({card.paper.link})" if card.paper.link else card.paper.title
        st.markdown(f"{card.paper.authors}: {paper}, {card.paper.year}.")
        st.subheader("How this implementation differs from the paper", anchor=False)
        st.markdown("\n".join(f"- {each}" for each in card.differs) or "As in the paper.")
    with right:
        st.subheader("How it was taken apart", anchor=False)
        st.markdown(f"One forward pass was recorded, a *{anatomy.run.kind}* run.")
        st.caption(anatomy.run.reason)
        for assumption in anatomy.run.assumptions:
            st.caption(assumption)
        inputs = ", ".join(units.shape(shape) for shape in anatomy.input_shapes)
        st.caption(f"Input: {inputs}. Smallest square input: {card.smallest}.")
    trained_here.about(card)
    st.subheader("Published weights", anchor=False)
    if not card.weights:
        here = "None; what its run has kept is on the pages of pictures."
        st.caption(here if card.source == "run" else "None: the architecture alone.")
        return
    st.dataframe(
        pd.DataFrame([_weights_row(card, each.name) for each in card.weights]),
        hide_index=True,
        key="about_weights",
        alt=f"Published weights of {card.title} with their accuracy.",
    )
    st.caption("Accuracy belongs to weights, not to the architecture.")


def _weights_row(card: ModelCard, name: str) -> dict[str, str | float | int | None]:
    each = next(weights for weights in card.weights if weights.name == name)
    return {
        "weights": each.name + (" (default)" if each.default else ""),
        "trained on": each.dataset,
        "evaluated at": units.shape(each.input_size) if each.input_size else "",
        "file, MB": each.megabytes,
        **dict(each.metrics),
    }


def _encoded(write: Callable[[Anatomy], str], anatomy: Anatomy) -> bytes:
    return write(anatomy).encode()


def files(card: ModelCard, anatomy: Anatomy) -> None:
    """Everything to take away; each file is made when its button is clicked."""
    name = "_".join([card.name.replace(":", "_"), units.shape(anatomy.input_shapes[0][-2:])])
    name = name.replace(units.TIMES, "x")
    st.subheader("The layers", anchor=False)
    forms = (
        ("CSV", export.to_csv, "csv", "text/csv"),
        ("JSON", export.to_json, "json", "application/json"),
        ("Markdown", export.to_markdown, "md", "text/markdown"),
    )
    with st.container(horizontal=True, key="export_layers"):
        for title, write, ending, mime in forms:
            st.download_button(
                title,
                partial(_encoded, write, anatomy),
                file_name=f"{name}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"export_{ending}",
            )
    st.caption(
        "Every layer with all its columns. The figures' PNG and HTML files are beneath each "
        "figure, the diagram's SVG beside the diagram."
    )
    st.subheader("torchinfo", anchor=False)
    _torchinfo_file(card, f"{name}_torchinfo.txt")
    st.subheader("This view", anchor=False)
    st.caption("The address bar holds the whole view: copy it, and the link opens the same page.")


def _torchinfo_file(card: ModelCard, name: str) -> None:
    with show.errors():
        said: Reconciliation | None = work.run(
            f"reconcile {card.name}",
            "Have torchinfo summarise it",
            start=lambda: work.Work("anatomy.reconcile", card.name, timeout=300.0),
        )
        if said is not None:
            st.download_button(
                "Text",
                said.torchinfo.encode(),
                file_name=name,
                mime="text/plain",
                icon=":material/download:",
                on_click="ignore",
                key="export_torchinfo",
            )
