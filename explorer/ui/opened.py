"""The head of every page that opens a network on a picture: which network, picture and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import pickers, picture, weights

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.zoo.cards import ModelCard


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page looks at: a model, a picture, and the key of weights that are on disk."""

    card: ModelCard
    picture: Picture
    weights: str


def header(title: str) -> Opened | None:
    """Draw the title and the row of pickers, and return what they chose.

    None, with one sentence on the page, where the model is no classifier or there is no picture.
    """
    card = pickers.current_model()
    st.title(title, anchor=False)
    if card.task != "classification":
        st.info(
            f"{card.title} is for {card.task}, and a picture is opened in classifiers only: pick "
            "one at the top of the page, such as ResNet-50, or look at this one's Anatomy.",
            icon=":material/image_search:",
        )
        return None
    left, right = st.columns([1, 1], gap="large", vertical_alignment="top")
    with left:
        chosen = picture.choose(digits=card.input_shape[0] == 1)
    with right:
        key = weights.choose(card)
    return None if chosen is None else Opened(card, chosen, key)
