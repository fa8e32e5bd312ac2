"""What a small network is given of a picture: the few pixels that are left, beside the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.errors import ExplorerError
from explorer.pictures import previews
from explorer.ui import cached

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import InputView

TALL, WIDEST = 160, 280
"""Pixels of the page that the few pixels take down, and the picture beside them across."""


def show(looking: Opened) -> None:
    """The picture with what is cut off dimmed, the network's input, and a sentence."""
    try:
        with st.spinner(f"Bringing the picture to the size of {looking.card.title} …"):
            view: InputView = cached.of_picture(
                "vision.input_view", looking.card.name, looking.picture, looking.weights
            )
    except ExplorerError:
        return  # the page cannot be drawn then either, and says why
    height, width = view.pixels.shape[:2]
    times = max(1, round(TALL / height))
    across = _across(looking.picture, height * times)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="input_view"):
        # In containers, since of an image's own width Streamlit makes a file of as many pixels.
        with st.container(width=across):
            st.image(
                cached.framed(looking.picture, view.window, previews.DENSITY * across, ""),
                width="stretch",
                alt=f"{looking.picture.name}, bright where {view.title} sees it",
            )
        with st.container(width=width * times):
            sharp = previews.DENSITY * times
            st.image(
                view.pixels.repeat(sharp, axis=0).repeat(sharp, axis=1),
                width="stretch",
                output_format="PNG",
                alt=f"The {units.shape((height, width))} pixels that {view.title} is given",
            )
        st.caption(sentence(view, looking.picture), width=360)


def sentence(view: InputView, picture: Picture) -> str:
    """What was done to the picture, and how much of it is left."""
    recipe, (height, width) = view.recipe, view.pixels.shape[:2]
    steps = ["made grey"] if recipe.grey or len(recipe.mean) == 1 else []
    steps += [_scaled(view)]
    if min(recipe.resized(picture.height, picture.width)) < min(recipe.crop):
        steps.append("put on a black ground")
    elif recipe.resize is not None and picture.height != picture.width:
        steps.append("cut to its middle, the bright part")
    if view.inverted:
        steps.append("turned light on dark")
    return (
        f"**What {view.title} is given**: {units.shape((height, width))} pixels, each drawn as "
        f"a square. The picture is {_listed(steps)}: of {picture.height * picture.width:,} "
        f"pixels {height * width:,} are left, and nothing smaller than one of them can be seen."
    )


def _scaled(view: InputView) -> str:
    recipe = view.recipe
    if recipe.resize is None:
        return f"brought to {units.shape(recipe.crop)} pixels, whatever its proportions"
    if recipe.through is None:
        return f"scaled until its shorter side has {recipe.resize} pixels"
    return (
        f"scaled until its shorter side has {recipe.through} pixels, as in the data it learned "
        f"from, then {recipe.resize}"
    )


def _listed(steps: list[str]) -> str:
    return steps[0] if len(steps) == 1 else f"{', '.join(steps[:-1])} and {steps[-1]}"


def _across(picture: Picture, tall: int) -> int:
    """How wide the picture is drawn, to be as tall as the pixels beside it where that fits."""
    return min(WIDEST, round(tall * picture.width / picture.height))
