"""The transposed convolution on the Convolution page: every input value stamps the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.convolution import arithmetic, mixing, patterns, transposed
from explorer.convolution.records import Geometry
from explorer.ui import (
    convolution_editor,
    convolution_guess,
    convolution_knobs,
    convolution_stage,
    show,
)

if TYPE_CHECKING:
    from explorer.convolution.records import Transposed

_STAMPS = {
    "ones": "All ones",
    "gauss": "Bilinear (interpolates)",
    "count": "1 2 3 …",
}


def explore() -> None:
    """Every input value stamps the kernel onto a larger output."""
    st.markdown(
        "A transposed convolution turns the window round: every input value stamps the whole "
        "kernel, times itself, onto a larger output, and where stamps overlap they add up. "
        ":small[:gray[Sizes as in [Dumoulin and Visin, 2016](https://arxiv.org/abs/1603.07285); "
        "checkerboards: [Odena et al., 2016](https://distill.pub/2016/deconv-checkerboard/).]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_turn_knobs"):
        titles = {each.name: each.title for each in patterns.PATTERNS}
        source = convolution_knobs.word("Input", "tinput", titles, "box", width=150)
        side = convolution_knobs.whole("Side", "tside", 1, 6, 4)
        stamp = convolution_knobs.word("Kernel", "stamp", _STAMPS, "ones", width=190)
        kernel = convolution_knobs.whole("Kernel side", "tk", 1, 7, 3)
        stride = convolution_knobs.whole("Stride", "ts", 1, 4, 2)
        padding = convolution_knobs.whole(
            "Padding", "tp", 0, 6, 0, help_="Here padding cuts the output's border away"
        )
        more = convolution_knobs.whole("Output padding", "ta", 0, 3, 0)
        guess_first = convolution_guess.wanted()
    _, stage, below = convolution_knobs.places("turn")
    with stage, show.errors():
        values = convolution_editor.square("tgrid", source, side, below)
        geometry = Geometry((stride, stride), (padding, padding), output_padding=(more, more))
        weight = mixing.stamp(stamp, kernel)[None, None]
        done = transposed.transpose(values, weight, None, geometry)
        _walk_stamps(done, guess_first=guess_first)


def _walk_stamps(done: Transposed, *, guess_first: bool) -> None:
    size, right = (done.input.shape[1], done.input.shape[2]), done.output.shape[1:]
    layer = f"turned {size} {done.weight.shape} {done.geometry}"
    told = not guess_first or convolution_guess.told(layer, (right[0], right[1]))
    convolution_stage.transposed(
        done,
        convolution_stage.Words(("",), ("",), ["One input value stamps the kernel"]),
        key="conv_turn_stage",
        start=convolution_knobs.step(),
        hidden=not told,
    )
    st.caption(_evenness(done))
    if told:
        convolution_knobs.formulas(
            arithmetic.transposed(size, done.weight.shape, done.geometry, bias=False),
            key="conv_turn_formulas",
        )


def _evenness(done: Transposed) -> str:
    """Whether neighbours are stamped equally often."""
    kernel, stride = done.weight.shape[2], done.geometry.stride[0]
    if kernel % stride == 0:
        return (
            f"The stride {stride} divides the kernel's {kernel}: away from the border every "
            "position gets the same number of stamps."
        )
    few, many = int(done.stamps.min()), int(done.stamps.max())
    return (
        f"The stride {stride} does not divide the kernel's {kernel}: positions get {few} to {many} "
        "stamps by turns, which shows as a checkerboard in generated pictures."
    )
