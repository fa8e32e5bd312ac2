"""The Convolution page: its sections, and the first of them, the sliding window itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import streamlit as st

from explorer.convolution import arithmetic, sliding
from explorer.convolution.records import Geometry
from explorer.ui import (
    convolution_guess,
    convolution_input,
    convolution_kernels,
    convolution_knobs,
    convolution_stage,
    show,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.convolution.records import Convolved, PaddingMode

Section: TypeAlias = Literal[
    "convolution", "pooling", "pointwise", "normalisation", "transposed", "connected"
]

SECTIONS: dict[Section, str] = {
    "convolution": "Convolution",
    "pooling": "Pooling",
    "pointwise": "1×1",
    "normalisation": "Normalisation",
    "transposed": "Transposed",
    "connected": "Fully connected",
}
_PADDINGS: dict[PaddingMode, str] = {
    "zeros": "Zeros",
    "reflect": "Reflect",
    "replicate": "Repeat the edge",
    "circular": "Go round",
}
DUMOULIN = "[Dumoulin and Visin, 2016](https://arxiv.org/abs/1603.07285)"


def choose() -> Section:
    """Draw the choice of section."""
    return convolution_knobs.segment("Section", "section", SECTIONS, "convolution", labelled=False)


def explore() -> None:
    """The sliding window: its knobs, the walk, the formulas, and the numbers to change."""
    st.markdown(
        "A small kernel slides over the input; at every stop it multiplies what it sees by its "
        f"weights, adds up, and writes one number. :small[:gray[{DUMOULIN}. The kernel is not "
        "turned over: strictly, a cross-correlation.]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_knobs"):
        slots = [st.container(width="content", horizontal=True) for _ in range(3)]
        more = st.popover("Channels, border, activation", icon=":material/tune:", key="conv_more")
        guess_first = convolution_guess.wanted()
    with slots[0]:
        asked = convolution_input.knobs(more)
    with slots[1]:
        geometry = _geometry(more)
    with more:
        activation = convolution_knobs.activation("act", "none")
        bias = convolution_knobs.real("Bias", "bias", 0.0)
    above, stage, below = (st.container(key=f"conv_{name}") for name in ("above", "main", "below"))
    with stage, show.errors():
        taken = convolution_input.take(asked, above, below)
        with slots[2]:
            chosen = convolution_kernels.knobs(len(taken.values), geometry.groups)
        with below:
            weight = convolution_kernels.typed(chosen, taken.names)
        shift = chosen.bias if chosen.learned else np.full(len(weight), bias)
        done = sliding.convolve(taken.values, weight, shift, geometry, activation)
        _walk(done, taken, chosen, guess_first=guess_first)


def _geometry(more: DeltaGenerator) -> Geometry:
    """How the window slides; what is changed less often goes into `more`."""
    stride = convolution_knobs.whole("Stride", "s", 1, 8, 1)
    padding = convolution_knobs.whole("Padding", "p", 0, 8, 0)
    dilation = convolution_knobs.whole("Dilation", "d", 1, 8, 1)
    with more:
        mode = convolution_knobs.word("Padding with", "pad", _PADDINGS, "zeros")
        groups = convolution_knobs.whole(
            "Groups", "g", 1, 4, 1, help_="As many as channels: each channel by itself (depthwise)"
        )
    return Geometry((stride, stride), (padding, padding), (dilation, dilation), groups, mode)


def _walk(
    done: Convolved,
    taken: convolution_input.Chosen,
    chosen: convolution_kernels.Kernels,
    *,
    guess_first: bool,
) -> None:
    """The walk over the positions and the formulas beside it, once the size has been guessed."""
    size = (done.input.shape[1], done.input.shape[2])
    layer = f"{size} {done.weight.shape[2:]} {done.geometry}"
    right = (done.output.shape[1], done.output.shape[2])
    told = not guess_first or convolution_guess.told(layer, right)
    names = chosen.names
    convolution_stage.convolution(
        done,
        convolution_stage.Words(
            inputs=taken.names,
            outputs=names if len(names) > 1 else ("",),
            sums=[f"What it sees, times {name}" for name in names],
            grey=taken.is_picture,
        ),
        key="conv_stage",
        start=convolution_knobs.step(),
        hidden=not told,
    )
    st.caption("  \n".join(chosen.notes))
    if told:
        convolution_knobs.formulas(
            arithmetic.convolution(size, done.weight.shape, done.geometry), key="conv_formulas"
        )
