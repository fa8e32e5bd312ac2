"""The Predict page's section on the exact tensor the network saw, step by step."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer import units
from explorer.ui import cached
from explorer.vision.prediction_records import written

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.prediction_records import Seen, Step


def steps(looking: Opened) -> None:
    """Every step from the picture to the tensor, each with its picture and its numbers."""
    with st.spinner("Preparing the picture …"):
        seen: Seen = cached.of_picture(
            "vision.see", looking.card.name, looking.picture, looking.weights
        )
    st.markdown(
        f"How the picture becomes the numbers that {seen.use.title} is given. The recipe: "
        f"{seen.recipe.source}. Another one would give another answer."
    )
    with st.grid(len(seen.steps), min_column_width=170, gap="medium", key="predict_steps") as grid:
        for number, step in enumerate(seen.steps, 1):
            with grid.cell(), st.container(gap="small"):
                _step(number, step)
    _channels(seen)
    _take_away(looking, seen)


def _step(number: int, step: Step) -> None:
    st.subheader(f"{number}. {step.title}", anchor=False)
    st.image(step.png, width="stretch", alt=f"{step.title}: {step.sentence}")
    st.caption(step.sentence)
    st.markdown(
        f":small[{units.shape(step.shape)} {step.kind}, {_span(step.low, step.mean, step.high)}]"
    )


def _channels(seen: Seen) -> None:
    """The channels of the tensor itself, one grey picture each."""
    last = seen.steps[-1]
    st.subheader("The tensor, channel by channel", anchor=False)
    st.caption(
        f"All channels on one scale, from {written(last.low)} (black) to "
        f"{written(last.high)} (white); "
        f"float32, {units.shape((1, *last.shape))} with the batch of one in front."
    )
    with (
        st.container(width=320 * len(last.channels), key="predict_tensor"),
        st.grid(
            len(last.channels), min_column_width=170, gap="medium", key="predict_channels"
        ) as grid,
    ):
        for channel in last.channels:
            with grid.cell(), st.container(gap="xsmall"):
                st.image(channel.png, width="stretch", alt=f"The {channel.name} channel")
                st.markdown(
                    f"**{channel.name}** :small[{_span(channel.low, channel.mean, channel.high)}]"
                )


def _take_away(looking: Opened, seen: Seen) -> None:
    name = looking.card.name.replace(":", "_")
    st.download_button(
        "The tensor as .npy",
        lambda: _npy(seen),
        file_name=f"{name}_input.npy",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="predict_npy",
        help="numpy.load reads it; add the batch in front to run a network on it",
    )


def _npy(seen: Seen) -> bytes:
    file = io.BytesIO()
    np.save(file, seen.tensor)
    return file.getvalue()


def _span(low: float, mean: float, high: float) -> str:
    """Extremes and mean, with the digits they deserve."""
    digits = 0 if high > 10 else 2
    return f"{written(low, digits)} to {written(high, digits)}, mean {written(mean)}"
