"""The sliding window in a page: it steps, plays and scrubs in the browser, by itself.

Python sends the numbers of a layer once; walking over the positions asks the server nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from explorer import units
from explorer.convolution.geometry import reach
from explorer.convolution.sliding import padded
from explorer.ui import player

if TYPE_CHECKING:
    from explorer.convolution.records import Array, Convolved, Geometry, Pooled, Transposed

_HERE = Path(__file__)
_BAR = player.bar(
    {
        "first": ("First position", "First (Home)"),
        "back": ("One back", "Back (←)"),
        "next": ("One on", "On (→)"),
        "last": ("Last position", "Last (End)"),
    },
    "Position",
    {"0.5": "½ ×", "1": "1 ×", "2": "2 ×", "4": "4 ×"},
    '<label class="whole"><input type="checkbox">whole output</label>',
)
_HTML = f"""
<div class="root" role="group" tabindex="0">
  <div class="stage">
    <div class="side-input">
      <div class="title title-input"></div>
      <div class="grids inputs"></div>
      <div class="stamps"></div>
    </div>
    <div class="side-sums">
      <div class="title title-sums"></div>
      <div class="sums"></div>
      <div class="written"></div>
    </div>
    <div class="side-output">
      <div class="title title-output"></div>
      <div class="guess" aria-hidden="true">?</div>
      <div class="grids outputs"></div>
    </div>
  </div>{_BAR}
  <div class="below">
    <span class="told" aria-live="polite"></span>
    <span class="legend"></span>
    <span class="keys">Keys: ← → step, ↑ ↓ a row, space plays. Click a cell to go there.</span>
  </div>
</div>
"""

_COMPONENT = st.components.v2.component(
    "convzoo_convolution_stage",
    html=_HTML,
    css=player.style(_HERE),
    js=player.script(_HERE),
)
_SHOWN_AS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "σ", "none": ""}
_BRIGHT = 0.5
"""A picture that stays darker than this is shown brighter, and the legend says so."""
_PICTURE = 400
"""Numbers from which nobody wants to wait for the output: all of it shows from the start."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the grids are called: channels in and out, and a heading for each channel's sum.

    `grey` says that the input is a picture whose values lie in 0 to 1.
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    sums: Sequence[str]
    grey: bool = False


def convolution(
    done: Convolved, words: Words, *, key: str, start: int = 0, hidden: bool = False
) -> None:
    """Walk over a convolution; `hidden` keeps its output back until it has been guessed."""
    border = padded(done.input, done.geometry)
    _COMPONENT(
        key=key,
        data={
            **_common("conv", done.input, done.output, done.geometry, words, start),
            "kernel": list(done.weight.shape[2:]),
            "weight": _plain(done.weight),
            "bias": _plain(done.bias),
            "border": _plain(border),
            "sums": _plain(done.sums),
            "activation": done.activation,
            "activationName": _SHOWN_AS[done.activation],
            "groups": done.geometry.groups,
            "hidden": hidden,
        },
    )


def pooling(done: Pooled, words: Words, *, key: str, start: int = 0, hidden: bool = False) -> None:
    """Walk over a pooling, channel by channel."""
    fill = -np.inf if done.kind == "max" else 0.0
    border = padded(done.input, done.geometry, fill)
    _COMPONENT(
        key=key,
        data={
            **_common(done.kind, done.input, done.output, done.geometry, words, start),
            "kernel": list(done.kernel),
            "border": _plain(border),
            "hidden": hidden,
        },
    )


def transposed(
    done: Transposed, words: Words, *, key: str, start: int = 0, hidden: bool = False
) -> None:
    """Stamp the kernel of a transposed convolution, input position by input position."""
    kernel = (done.weight.shape[2], done.weight.shape[3])
    height, width = (
        (n - 1) * s + r + more
        for n, s, r, more in zip(
            done.input.shape[1:], done.geometry.stride, reach(kernel, done.geometry.dilation),
            done.geometry.output_padding, strict=True,
        )
    )  # fmt: skip
    common = _common("transposed", done.input, done.output, done.geometry, words, start)
    titles = {**common["titles"], "stamps": "How many stamps lie on each position"}
    _COMPONENT(
        key=key,
        data={
            **common,
            "titles": titles,
            "kernel": list(kernel),
            "weight": _plain(done.weight),
            "bias": _plain(done.bias),
            "sheet": np.zeros((height, width)).tolist(),
            "stamps": done.stamps.tolist(),
            "hidden": hidden,
            "most": int(done.stamps.max()),
        },
    )


def _common(
    kind: str, x: Array, y: Array, geometry: Geometry, words: Words, start: int
) -> dict[str, Any]:
    """What every walk needs."""
    grey_out = words.grey and float(y.min()) >= 0 and float(y.max()) <= 1.001
    scale = float(np.abs(y).max())
    if grey_out and scale > _BRIGHT:
        scale = 1.0
    legend = (
        f"Output: black is 0, white is {scale:.4g}."
        if grey_out
        else f"Blue is positive, orange negative, full colour ±{scale:.4g}; paper is 0."
    )
    return {
        "kind": kind,
        "label": f"A {kind} window over the input: arrow keys step, space plays.",
        "input": _plain(x),
        "output": _plain(y),
        "stride": list(geometry.stride),
        "padding": list(geometry.padding),
        "dilation": list(geometry.dilation),
        "tones": {
            "input": {"tone": "grey", "scale": 1.0}
            if words.grey
            else {"tone": "signed", "scale": float(np.abs(x).max())},
            "output": {"tone": "grey" if grey_out else "signed", "scale": scale},
        },
        "names": {"input": list(words.inputs), "output": list(words.outputs)},
        "titles": {
            "input": f"Input {units.shape(_shape(x))}",
            "sums": list(words.sums),
            "output": f"Output {units.shape(_shape(y))}",
        },
        "legend": legend,
        "whole": y.size > _PICTURE,
        "start": start,
    }


def _shape(x: Array) -> tuple[int, ...]:
    """Height and width, with the channels where there are several."""
    return x.shape if x.shape[0] > 1 else x.shape[1:]


def _plain(x: Array) -> Any:
    """The numbers as lists of seven digits; what is infinite (the border of a maximum) as None."""
    rounded = np.round(x, 6)
    if np.isfinite(rounded).all():
        return rounded.tolist()
    plain = rounded.astype(object)
    plain[~np.isfinite(rounded)] = None
    return plain.tolist()
