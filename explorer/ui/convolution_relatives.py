"""The convolution's relatives: pooling, 1x1, transposed, and the fully connected layer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from explorer import units
from explorer.convolution import arithmetic, mixing, patterns, pooling, sliding, transposed
from explorer.convolution.records import Geometry
from explorer.ui import (
    convolution_editor,
    convolution_input,
    convolution_knobs,
    convolution_stage,
    show,
)
from explorer.ui.convolution import ACTIVATIONS

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.convolution.records import Array, Convolved, Pooled, Pooling

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


def explore_pooling() -> None:
    """Max and average pooling, side by side, overlapping or global."""
    st.markdown(
        "Pooling keeps the largest or the mean value under each window, channel by channel, and "
        "learns nothing. :small[:gray[Overlapping: [Krizhevsky et al., 2012]"
        "(https://papers.nips.cc/paper/4824); global: [Lin et al., 2013]"
        "(https://arxiv.org/abs/1312.4400).]]"
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_pool_knobs"):
        more = st.container(width="content")
        asked = convolution_input.knobs(more)
        kind = convolution_knobs.word("Keeps", "keeps", _KINDS, "max", width=120)
        window = convolution_knobs.word("Window", "window", _WINDOWS, "overlapping", width=240)
        kernel, geometry = _window(window)
    above, stage, below = _places("pool")
    with show.errors():
        taken = convolution_input.take(asked, above, below)
        with stage:
            if window == "global":
                done = pooling.pool_all(taken.values, kind)
            else:
                done = pooling.pool(taken.values, kind, (kernel, kernel), geometry)
            _walk_pooling(done, taken)
            st.caption(_WHY[window])


def _window(window: str) -> tuple[int, Geometry]:
    if window != "own":
        return (2 if window == "plain" else 3), Geometry((2, 2))
    kernel = convolution_knobs.whole("Window side", "pk", 1, 7, 3)
    stride = convolution_knobs.whole("Stride", "ps", 1, 8, 1)
    padding = convolution_knobs.whole("Padding", "pp", 0, 8, 0)
    return kernel, Geometry((stride, stride), (padding, padding))


def _walk_pooling(done: Pooled, taken: convolution_input.Chosen) -> None:
    size = (done.input.shape[1], done.input.shape[2])
    what = "The largest it sees" if done.kind == "max" else "The mean of what it sees"
    convolution_stage.pooling(
        done,
        convolution_stage.Words(taken.names, taken.names, [what], grey=taken.is_picture),
        key="conv_pool_stage",
        start=convolution_knobs.step(),
    )
    convolution_knobs.formulas(
        arithmetic.pooling(len(done.input), size, done.kernel, done.geometry),
        key="conv_pool_formulas",
    )


def _places(name: str) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """Room above the walk, for it, and below it: what is drawn later may stand first."""
    above, stage, below = (
        st.container(key=f"conv_{name}_{place}") for place in ("above", "main", "below")
    )
    return above, stage, below


def explore_pointwise() -> None:
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
        activation = convolution_knobs.word("Activation", "mixact", ACTIVATIONS, "relu", width=120)
    above, stage, below = _places("mix")
    with show.errors():
        taken = convolution_input.take(asked, above, below, table="mixgrid")
        mix = mixing.named(name)
        drawn = mix.weights(len(taken.values))
        names = mix.names
        with (
            below,
            st.expander("Change the weights", icon=":material/edit:", key="conv_mix_weights"),
        ):
            weights = convolution_editor.edited("mixture", name, drawn, names)
        with stage:
            done = sliding.convolve(
                taken.values, weights[:, :, None, None], None, Geometry(), activation
            )
            convolution_stage.convolution(
                done,
                convolution_stage.Words(
                    taken.names, names, [f"One pixel becomes {each}" for each in names],
                    grey=taken.is_picture,
                ),
                key="conv_mix_stage",
                start=convolution_knobs.step(),
            )  # fmt: skip
            st.caption(mix.sentence)
            if taken.is_picture and len(names) == len(taken.values) == 3:
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


_STAMPS = {
    "ones": "All ones",
    "gauss": "Bilinear (interpolates)",
    "count": "1 2 3 …",
}


def explore_transposed() -> None:
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
    stage = st.container(key="conv_turn_box")
    with show.errors():
        drawn = patterns.grid(source, 1, side, side)
        with st.expander("Change the input's numbers", icon=":material/edit:", key="conv_turn_in"):
            rows = [str(row + 1) for row in range(side)]
            values = convolution_editor.edited("tgrid", source, drawn, rows)
        geometry = Geometry((stride, stride), (padding, padding), output_padding=(more, more))
        weight = mixing.stamp(stamp, kernel)[None, None]
        with stage:
            done = transposed.transpose(values, weight, None, geometry)
            convolution_stage.transposed(
                done,
                convolution_stage.Words(("",), ("",), ["One input value stamps the kernel"]),
                key="conv_turn_stage",
                start=convolution_knobs.step(),
            )
            st.caption(_evenness(done.stamps, kernel, stride))
            convolution_knobs.formulas(
                arithmetic.transposed((side, side), weight.shape, geometry, bias=False),
                key="conv_turn_formulas",
            )


def _evenness(stamps: np.ndarray[tuple[int, ...], np.dtype[np.int64]], k: int, s: int) -> str:
    """Whether neighbours are stamped equally often."""
    if k % s == 0:
        return (
            f"The stride {s} divides the kernel's {k}: away from the border every position gets "
            "the same number of stamps."
        )
    few, many = int(stamps.min()), int(stamps.max())
    return (
        f"The stride {s} does not divide the kernel's {k}: positions get {few} to {many} stamps by "
        "turns, which shows as a checkerboard in generated pictures."
    )


def explore_connected() -> None:
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
    stage = st.container(key="conv_full_box")
    with show.errors():
        whole = side + larger
        drawn = patterns.grid(source, 1, whole, whole)
        with st.expander("Change the input's numbers", icon=":material/edit:", key="conv_full_in"):
            rows = [str(row + 1) for row in range(whole)]
            values = convolution_editor.edited("fgrid", source, drawn, rows)
        with stage:
            done = sliding.convolve(values, mixing.detectors(side), None, Geometry())
            convolution_stage.convolution(
                done,
                convolution_stage.Words(
                    ("",), mixing.DETECTORS, [f"All of it, times “{n}”" for n in mixing.DETECTORS]
                ),
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
        said = [", ".join(f"{each:g}" for each in numbers) for numbers in scores]
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
