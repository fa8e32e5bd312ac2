"""The head of every page that opens a network on a picture: which network, picture and weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.pictures import samples
from explorer.ui import pickers, picture, small_input, weights

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
        chosen = picture.choose(samples.suiting(card.input_shape[0], max(card.input_size)))
    with right:
        key = weights.choose(card)
    if chosen is None:
        return None
    looking = Opened(card, chosen, key)
    if max(card.input_size) <= samples.SMALL:
        small_input.show(looking)
    return looking
