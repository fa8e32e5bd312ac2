"""The 1x1 convolution on the Convolution page: one small mix of channels at every pixel."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from explorer.convolution import arithmetic, mixing, sliding
from explorer.convolution.records import Geometry
from explorer.ui import (
    convolution_editor,
    convolution_input,
    convolution_knobs,
    convolution_stage,
    show,
)

if TYPE_CHECKING:
    from explorer.convolution.mixing import Mix
    from explorer.convolution.records import Array, Convolved


def explore() -> None:
    """A 1x1 convolution as the same small mix of channels at every pixel."""
    st.markdown(
        "A 1×1 convolution looks at one pixel at a time and mixes its channels: the same small "
        "fully connected layer at every pixel, and with an activation behind it a non-linear one. "
        ":small[:gray[[Lin et al., 2013](https://arxiv.org/abs/1312.4400).]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_mix_knobs"):
        asked = convolution_input.knobs_for_mixing()
        titles = {each.name: each.title for each in mixing.MIXES}
        name = convolution_knobs.word("Mix", "mixed", titles, "opponent", width=230)
        activation = convolution_knobs.activation("mixact", "relu")
    above, stage, below = convolution_knobs.places("mix")
    with stage, show.errors():
        taken = convolution_input.take(asked, above, below, table="mixgrid")
        mix = mixing.named(name)
        with (
            below,
            st.expander("Change the weights", icon=":material/edit:", key="conv_mix_weights"),
        ):
            drawn = mix.weights(len(taken.values))
            weights = convolution_editor.edited("mixture", name, drawn, mix.names)
        done = sliding.convolve(
            taken.values, weights[:, :, None, None], None, Geometry(), activation
        )
        _walk_mixing(done, taken, mix)


def _walk_mixing(done: Convolved, taken: convolution_input.Chosen, mix: Mix) -> None:
    headings = [f"One pixel becomes {name}" for name in mix.names]
    convolution_stage.convolution(
        done,
        convolution_stage.Words(taken.names, mix.names, headings, grey=taken.is_picture),
        key="conv_mix_stage",
        start=convolution_knobs.step(),
    )
    st.caption(mix.sentence)
    if taken.is_picture and len(done.output) == len(done.input) == 3:
        _before_and_after(done)
    size = (done.input.shape[1], done.input.shape[2])
    convolution_knobs.formulas(
        arithmetic.convolution(size, done.weight.shape, done.geometry, bias=False),
        key="conv_mix_formulas",
    )


def _before_and_after(done: Convolved) -> None:
    """Three channels in and three out are two pictures."""
    with st.container(horizontal=True, key="conv_mix_pictures"):
        st.image(_png(done.input), width=240, caption="Before", alt="The picture before the mix")
        st.image(
            _png(done.output), width=240, alt="The picture after the mix",
            caption="After, its three channels as red, green and blue",
        )  # fmt: skip


def _png(values: Array) -> bytes:
    """Three channels of 0 to 1 as a picture; what is beyond is cut off."""
    bytes_ = (np.moveaxis(values, 0, 2).clip(0, 1) * 255).round().astype(np.uint8)
    image = Image.fromarray(bytes_)
    file = io.BytesIO()
    times = max(1, 480 // image.width)
    image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(
        file, "PNG"
    )
    return file.getvalue()
