"""The front page's widgets: counts, the choice of view, and the ways into a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from explorer.ui import address, places, trained_here

if TYPE_CHECKING:
    from explorer.ui.show import Rows
    from explorer.zoo.cards import ModelCard

VIEWS = {
    "accuracy": ":material/scatter_plot: Accuracy and cost",
    "timeline": ":material/timeline: Timeline",
    "all": ":material/list: All models",
}
AXES = {"parameters": "parameters", "MACs": "MACs"}


def counts(cards: Sequence[ModelCard]) -> None:
    """How many models there are, task by task, and how many have weights here."""
    tasks = Counter(card.task for card in cards)
    families = len({card.family for card in cards})
    badges = " ".join(f":gray-badge[{number} {task}]" for task, number in tasks.most_common())
    ready = len(trained_here.accuracies())
    here = f" :green-badge[:material/school: {ready} trained here]" * bool(ready)
    st.markdown(f"**{len(cards)} models** of {families} families:  {badges}{here}")


def under_one_recipe() -> None:
    """The way to the comparison of the nets that were trained here, if there are any."""
    if trained_here.accuracies():
        st.page_link(
            places.COMPARE, label="Nets we trained under one recipe", icon=":material/school:",
            query_params={"section": "recipe"},
        )  # fmt: skip


WAYS = (
    (places.ANATOMY, "Take a network apart", ":material/account_tree:"),
    (places.PREDICT, "Open one on your picture", ":material/image_search:"),
    (places.CONVOLUTION, "Watch a kernel slide", ":material/grid_on:"),
    (places.COST_LAB, "Guess what designs cost", ":material/balance:"),
    (places.DESIGN, "Design your own", ":material/draw:"),
    (places.COMPARE, "Compare networks", ":material/compare_arrows:"),
    (places.TRAINING_LAB, "Watch one learn", ":material/model_training:"),
    (places.EXPERIMENTS, "Put textbooks to the test", ":material/science:"),
)


def ways() -> None:
    """Where to begin: a link for each of the things people come for."""
    st.html(Path(__file__).with_suffix(".css"))
    with st.container(horizontal=True, gap="small", key="home_ways"):
        for page, label, icon in WAYS:
            with st.container(border=True, width="content", key=f"home_way_{label}"):
                st.page_link(page, label=label, icon=icon)


def view() -> str:
    """The view of the zoo that is asked for."""
    return _choice("view", "View", VIEWS)


def axis() -> str:
    """What the horizontal axis shows."""
    return _choice("axis", "Against", AXES)


def open_point(event: Any, page: str) -> None:
    """Open the model whose point was clicked."""
    points = event.selection.points
    if points:
        st.switch_page(page, query_params={"model": str(points[0]["customdata"])})


def years(cards: Sequence[ModelCard], page: str) -> None:
    """Year by year the families that appeared, each a link to its first model."""
    for year, members in groupby(_firsts(cards), key=lambda card: card.year):
        with st.container(horizontal=True, key=f"home_year_{year}", vertical_alignment="center"):
            st.markdown(f"**{year}**", width=56)
            for card in members:
                st.page_link(
                    page, label=card.family, query_params={"model": card.name}, help=card.idea
                )


def open_row(rows: Rows, page: str) -> None:
    """All models as a table to sort and search; choosing a row opens the model."""
    table = pd.DataFrame(rows)
    table["parameters"] /= 1e6
    table["MACs"] /= 1e9
    number = st.column_config.NumberColumn
    event = st.dataframe(
        table,
        hide_index=True,
        height=560,
        key="home_table",
        placeholder="",
        alt="Every model with its family, year, task, size and accuracy.",
        on_select="rerun",
        selection_mode="single-row",
        column_order=[
            "model", "name", "family", "year", "task", "parameters", "MACs", "top-1 %",
            "trained here",
        ],
        column_config={
            "parameters": number("parameters, M", format="%.3g"),
            "MACs": number("MACs, G", format="%.3g"),
            "year": number("year", format="%d"),
            "top-1 %": number("ImageNet top-1, %", format="%.2f"),
        },
    )  # fmt: skip
    if event.selection.rows:
        name = str(table["name"].iloc[event.selection.rows[0]])
        st.switch_page(page, query_params={"model": name})


def _choice(key: str, title: str, options: dict[str, str]) -> str:
    """A segmented control that stands in the address."""
    known = tuple(options)
    address.adopt(key, address.one_of(key, known), known[0])
    chosen = st.segmented_control(
        title,
        known,
        key=key,
        format_func=options.__getitem__,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    value = chosen or known[0]
    address.publish(key, None if value == known[0] else value)
    return value


def _firsts(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The smallest model of each family's first year, oldest family first."""
    first: dict[str, ModelCard] = {}
    for card in sorted(cards, key=lambda card: (card.year, card.params)):
        first.setdefault(card.family, card)
    return list(first.values())
