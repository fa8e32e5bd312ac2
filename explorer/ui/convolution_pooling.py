"""Pooling on the Convolution page: max and average, side by side, overlapping or global."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.convolution import arithmetic, pooling
from explorer.convolution.records import Geometry
from explorer.ui import (
    convolution_guess,
    convolution_input,
    convolution_knobs,
    convolution_stage,
    show,
)

if TYPE_CHECKING:
    from explorer.convolution.records import Pooled, Pooling

_WINDOWS = {
    "plain": "2 × 2, stride 2",
    "overlapping": "3 × 3, stride 2 (overlapping)",
    "global": "Global: the whole map",
    "own": "My own",
}
_KINDS: dict[Pooling, str] = {"max": "Max", "average": "Average"}
_WHY = {
    "plain": "Windows lie side by side and each value is looked at once, as in LeNet-5 and VGG.",
    "overlapping": "Windows share a row or column with their neighbours, as in AlexNet, which "
    "over-fitted a little less with it.",
    "global": "One number is left of each channel, whatever the input's size, which is how most "
    "networks since 2013 reach their scores.",
    "own": "Any window and stride; padding counts as −∞ for the maximum and as 0 for the mean.",
}


def explore() -> None:
    """Max and average pooling, side by side, overlapping or global."""
    st.markdown(
        "Pooling keeps the largest or the mean value under each window, channel by channel, and "
        "learns nothing. :small[:gray[Overlapping: [Krizhevsky et al., 2012]"
        "(https://papers.nips.cc/paper/4824); global: [Lin et al., 2013]"
        "(https://arxiv.org/abs/1312.4400).]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_pool_knobs"):
        slots = [st.container(width="content", horizontal=True) for _ in range(2)]
        with slots[0]:
            asked = convolution_input.knobs(slots[1])
        kind = convolution_knobs.word("Keeps", "keeps", _KINDS, "max", width=120)
        window = convolution_knobs.word("Window", "window", _WINDOWS, "overlapping", width=240)
        kernel, geometry = _window(window)
        guess_first = convolution_guess.wanted()
    above, stage, below = convolution_knobs.places("pool")
    with stage, show.errors():
        taken = convolution_input.take(asked, above, below)
        if window == "global":
            done = pooling.pool_all(taken.values, kind)
        else:
            done = pooling.pool(taken.values, kind, (kernel, kernel), geometry)
        _walk_pooling(done, taken, _WHY[window], guess_first=guess_first)


def _window(window: str) -> tuple[int, Geometry]:
    if window != "own":
        return (2 if window == "plain" else 3), Geometry((2, 2))
    kernel = convolution_knobs.whole("Window side", "pk", 1, 7, 3)
    stride = convolution_knobs.whole("Stride", "ps", 1, 8, 1)
    padding = convolution_knobs.whole("Padding", "pp", 0, 8, 0)
    return kernel, Geometry((stride, stride), (padding, padding))


def _walk_pooling(
    done: Pooled, taken: convolution_input.Chosen, why: str, *, guess_first: bool
) -> None:
    size = (done.input.shape[1], done.input.shape[2])
    layer, right = f"{size} {done.kernel} {done.geometry}", done.output.shape[1:]
    told = not guess_first or convolution_guess.told(layer, (right[0], right[1]))
    what = "The largest it sees" if done.kind == "max" else "The mean of what it sees"
    convolution_stage.pooling(
        done,
        convolution_stage.Words(taken.names, taken.names, [what], grey=taken.is_picture),
        key="conv_pool_stage",
        start=convolution_knobs.step(),
        hidden=not told,
    )
    st.caption(why)
    if told:
        convolution_knobs.formulas(
            arithmetic.pooling(len(done.input), size, done.kernel, done.geometry),
            key="conv_pool_formulas",
        )
