"""Five normalisations of the same activations: whose values share statistics, and the result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.convolution import kernels, normalising, patterns, sliding
from explorer.convolution.normalising import EPSILON
from explorer.convolution.records import Geometry
from explorer.ui import convolution_knobs, show

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Normalisation, Normalised

_KINDS: dict[Normalisation, str] = {
    "local response": "Local response",
    "batch": "Batch",
    "layer": "Layer",
    "instance": "Instance",
    "group": "Group",
}
_SENTENCES: dict[Normalisation, str] = {
    "local response": "Each value is divided by the size of its neighbours in the channels beside "
    "it, at the same position: strong channels quieten those next to them. [Krizhevsky et al., "
    "2012](https://papers.nips.cc/paper/4824) used it in AlexNet; α is divided by n here, as in "
    "torch, and is not in the paper.",
    "batch": "One mean and deviation for each channel, over all pictures of the batch and all "
    "positions. [Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167).",
    "layer": "One mean and deviation for each picture, over all its channels and positions. "
    "[Ba et al., 2016](https://arxiv.org/abs/1607.06450).",
    "instance": "One mean and deviation for each channel of each picture. [Ulyanov et al., 2016]"
    "(https://arxiv.org/abs/1607.08022).",
    "group": "One mean and deviation for each group of channels of each picture; it lies between "
    "layer norm (one group) and instance norm (a channel each). [Wu and He, 2018]"
    "(https://arxiv.org/abs/1803.08494).",
}
_FORMULA = r"$y = (x - \mu)\,/\sqrt{\sigma^2 + \varepsilon}$"
_LOCAL_FORMULA = (
    r"$b_c = a_c \,/ \left(k + \frac{\alpha}{n} \sum_{c'} a_{c'}^2\right)^{\beta}$, "
    "summed over the $n$ channels around $c$"
)
_PICTURES = ("edge", "digit", "noise")
_KERNELS = ("sobel_x", "sobel_y", "laplacian", "box")
_SIDE = 5

_HERE = Path(__file__)
_COMPONENT = st.components.v2.component(
    "convzoo_convolution_norms",
    html="""
<div class="root" role="group" tabindex="0">
  <div class="both">
    <div class="half"><div class="title">Before</div><div class="maps before"></div></div>
    <div class="half"><div class="title">After</div><div class="maps after"></div></div>
  </div>
  <div class="formula" aria-live="polite"></div>
  <div class="keys">Point at or tap a value, or walk with the arrow keys: marked are the values that
  share its statistics.</div>
</div>
""",
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def explore() -> None:
    """The choice of normalisation, its values, and the numbers of every map before and after."""
    st.markdown(
        "All five bring activations to a common size; they differ in whose values are looked at "
        "together. Batch, layer, instance and group norm then learn a scale and a shift, left out "
        "here."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="conv_norm_knobs"):
        kind = convolution_knobs.segment("Normalisation", "norm", _KINDS, "batch")
        groups = convolution_knobs.whole("Groups", "ng", 1, 8, 2) if kind == "group" else 2
        local = _local() if kind == "local response" else None
    formula = _LOCAL_FORMULA if local else _FORMULA
    st.markdown(f"{formula}  \n:small[:gray[{_SENTENCES[kind]}]]")
    with show.errors():
        before = activations()
        if local is None:
            done = normalising.normalise(before, kind, groups)
        else:
            done = normalising.respond(before, *local)
        _COMPONENT(key="conv_norm_stage", data=_scene(done, local))
        st.caption(
            f"The activations are real: {_said(_PICTURES)} of {_SIDE} × {_SIDE} under the kernels "
            f"{_said(_KERNELS)}. ε is {EPSILON:g}; deviations are divided by the number of values."
        )


def activations() -> Array:
    """Three small pictures under four well-known kernels: (3, 4, 3, 3)."""
    weight = np.stack([kernels.named(name, (3, 3)) for name in _KERNELS])[:, None]
    return np.stack(
        [
            sliding.convolve(patterns.grid(name, 1, _SIDE, _SIDE), weight, None, Geometry()).output
            for name in _PICTURES
        ]
    )


def _local() -> tuple[int, float, float, float]:
    """Knobs of the local response: n, alpha, beta and k."""
    size = convolution_knobs.whole("n", "n", 1, 9, 3, help_="Channels that are looked at together")
    return (
        size,
        convolution_knobs.real("α", "alpha", 1.0),
        convolution_knobs.real("β", "beta", 0.75),
        convolution_knobs.real("k", "k", 1.0),
    )


def _scene(done: Normalised, local: tuple[int, float, float, float] | None) -> dict[str, object]:
    return {
        "label": f"Activations before and after {done.kind} normalisation",
        "kind": done.kind,
        "before": np.round(done.before, 6).tolist(),
        "after": np.round(done.after, 6).tolist(),
        "shares": done.shares.tolist(),
        "mean": np.round(done.mean, 6).tolist(),
        "std": np.round(done.std, 6).tolist(),
        "local": list(local) if local else None,
        "rows": [f"picture {number + 1}: {name}" for number, name in enumerate(_PICTURES)],
        "columns": [f"channel {number + 1}" for number in range(len(_KERNELS))],
    }


def _said(names: tuple[str, ...]) -> str:
    return ", ".join(names).replace("_", " ")
