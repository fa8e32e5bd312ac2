"""A kernel as large as its input on the Convolution page: that is a fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.convolution import arithmetic, mixing, patterns, sliding
from explorer.convolution.records import Geometry
from explorer.ui import convolution_editor, convolution_knobs, convolution_stage, show

if TYPE_CHECKING:
    from explorer.convolution.records import Convolved


def explore() -> None:
    """A kernel as large as its input is a fully connected layer."""
    st.markdown(
        "A kernel as large as its input fits in one place only, so each kernel gives one number: "
        "that is a fully connected layer, with the same weights in another shape. On a larger "
        "input it slides again and gives a map of scores. :small[:gray[LeNet-5's C5 ([LeCun et "
        "al., 1998](http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf)); [Long et al., 2015]"
        "(https://arxiv.org/abs/1411.4038) made whole networks slide so.]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_full_knobs"):
        titles = {each.name: each.title for each in patterns.PATTERNS}
        source = convolution_knobs.word("Input", "finput", titles, "digit", width=150)
        side = convolution_knobs.whole("Kernel side", "fk", 2, 6, 5)
        larger = convolution_knobs.whole("Input larger by", "fx", 0, 6, 0)
    _, stage, below = convolution_knobs.places("full")
    with stage, show.errors():
        values = convolution_editor.square("fgrid", source, side + larger, below)
        done = sliding.convolve(values, mixing.detectors(side), None, Geometry())
        headings = [f"All of it, times “{name}”" for name in mixing.DETECTORS]
        convolution_stage.convolution(
            done,
            convolution_stage.Words(("",), mixing.DETECTORS, headings),
            key="conv_full_stage",
            start=convolution_knobs.step(),
        )
        _side_by_side(done)


def _side_by_side(done: Convolved) -> None:
    """The same layer, said in two ways."""
    outputs, depth, high, wide = done.weight.shape
    inputs = depth * high * wide
    fits = done.output[0].size == 1
    size, params, macs = arithmetic.convolution(
        (done.input.shape[1], done.input.shape[2]), done.weight.shape, done.geometry, bias=False
    )
    if fits:
        scores = [done.output.ravel(), done.weight.reshape(outputs, -1) @ done.input.ravel()]
        said = [", ".join(f"{each:g}" for each in numbers).replace("-", "−") for numbers in scores]
    else:
        said = [
            f"a map of {size.result} for each",
            f"impossible: it was made for {inputs} numbers and gets {done.input.size}",
        ]
    st.table(
        {
            "": ["As a convolution", "As a fully connected layer"],
            "Weights": [units.shape(done.weight.shape), f"{outputs} × {inputs}"],
            "Parameters, no bias": [params.result, units.count(outputs * inputs)],
            "MACs": [macs.result, units.count(outputs * inputs) if fits else "none"],
            "Scores": said,
        },
        hide_index=True,
        border="horizontal",
        alt="The same layer as a convolution and as a fully connected layer",
    )
