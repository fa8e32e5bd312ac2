"""Which kernels slide: well-known ones, those a network learned, or numbers typed in by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.convolution import kernels
from explorer.convolution.geometry import check_channels
from explorer.engine.client import connect
from explorer.errors import BadRequest
from explorer.ui import address, cached, convolution_editor, convolution_knobs, pickers
from explorer.zoo import weights

if TYPE_CHECKING:
    from explorer.convolution.records import Array, FirstLayer, Pair

MOST = 4
"""Kernels at once: more maps cannot be told apart on a screen."""
SECONDS = 120.0

_SOURCES = {"known": "Well-known", "learned": "Learned"}
_NETWORKS = (
    "lenet5", "small_alexnet", "cifar_resnet20_a", "squeezenet1_0", "alexnet", "resnet18", "vgg11",
)  # fmt: skip
_BETWEEN = "~"
_KEY = "conv_kernels"
_TITLES = {each.name: each.title for each in kernels.KERNELS}


@dataclass(frozen=True, slots=True)
class Kernels:
    """Kernels (C_out, C_in / groups, k_h, k_w) with their biases; `notes` say what they are.

    `source` names where they come from, `learned` that the biases are the network's own.
    """

    weight: Array
    bias: Array
    names: tuple[str, ...]
    notes: tuple[str, ...]
    source: str
    learned: bool


def knobs(channels: int, groups: int) -> Kernels:
    """Draw the choice of kernels, and return them for an input of so many channels in groups.

    Raises `BadRequest` for groups that do not divide the channels, and for sizes a kernel does
    not exist in.
    """
    if convolution_knobs.word("Kernels", "from", _SOURCES, "known", width=120) == "learned":
        return _learned()
    size = (
        convolution_knobs.whole("Kernel height", "kh", 1, 7, 3),
        convolution_knobs.whole("Kernel width", "kw", 1, 7, 3),
    )
    names = _names()
    return _known(names, size, channels, groups)


def typed(chosen: Kernels, channel_names: tuple[str, ...]) -> Array:
    """Draw the table of the kernels' numbers, and return what it holds."""
    outputs, depth, height, _ = chosen.weight.shape
    rows = [
        " · ".join(filter(None, (name, _channel(channel_names, channel, depth), str(row + 1))))
        for name in (chosen.names if outputs > 1 else ("",))
        for channel in range(depth)
        for row in range(height)
    ]
    with st.expander("Change the kernel's numbers", icon=":material/edit:", key="conv_kernel_box"):
        return convolution_editor.edited("weights", chosen.source, chosen.weight, rows)


def _channel(names: tuple[str, ...], channel: int, depth: int) -> str:
    if depth == 1:
        return ""
    return names[channel] if len(names) == depth else f"channel {channel + 1}"


def _names() -> tuple[str, ...]:
    """The well-known kernels chosen; each gives one channel out."""
    address.adopt(_KEY, _parsed, ["sobel_x"], name="kernels")
    names = st.multiselect(
        "Which", list(_TITLES), key=_KEY, format_func=_TITLES.__getitem__, max_selections=MOST,
        persist_state="session", width=300, placeholder="Choose one to four",
        help="Each kernel gives one channel out",
    )  # fmt: skip
    address.publish("kernels", None if names == ["sobel_x"] else _BETWEEN.join(names))
    if not names:
        raise BadRequest("There is no kernel to slide: choose one to four.")
    return tuple(names)


def _parsed(text: str) -> list[str]:
    names = list(dict.fromkeys(text.split(_BETWEEN)))
    if len(names) > MOST or not set(names) <= set(_TITLES):
        raise BadRequest(
            f"The address asks for the kernels {text[:60]!r}; there are {', '.join(_TITLES)}, "
            f"{MOST} at most, so the default is shown."
        )
    return names


def _known(names: tuple[str, ...], size: Pair, channels: int, groups: int) -> Kernels:
    check_channels(channels, len(names), max(1, channels // max(1, groups)), groups)
    depth = channels // groups
    slices = np.stack([kernels.named(name, size) for name in names])
    weight = np.repeat(slices[:, None] / depth, depth, axis=1)
    sentences = {each.name: each.sentence for each in kernels.KERNELS}
    notes = [f"**{_TITLES[name]}**: {sentences[name]}." for name in names]
    if depth > 1:
        notes.append(
            f"A kernel is as deep as its input: here {depth} equal slices, each divided by {depth}."
        )
    titles = tuple(_TITLES[name].partition(":")[0] for name in names)
    return Kernels(
        weight, np.zeros(len(names)), titles, tuple(notes), f"{names} {groups}", learned=False
    )


def _learned() -> Kernels:
    """Kernels of a network's first layer."""
    network = _network()
    with st.spinner("Opening the network …"):
        layer = first_layer(network)
    most = max(1, len(layer.weight) - MOST + 1)
    first = convolution_knobs.whole("From kernel", "first", 1, 4096, 1)
    if first > most:
        raise BadRequest(
            f"{layer.title} begins with {len(layer.weight)} kernels: choose a first one of "
            f"at most {most}."
        )
    chosen = slice(first - 1, first - 1 + MOST)
    names = tuple(f"kernel {number}" for number in range(first, first + MOST))
    weight = layer.weight[chosen]
    what = (
        "**random weights: nothing was learned**"
        if layer.random
        else f"weights {layer.weights_title}"
    )
    note = (
        f"`{layer.layer}` of {layer.title}, {what}; there it runs with stride "
        f"{layer.stride[0]} and padding {layer.padding[0]} on values its network normalises, here "
        "on those shown."
    )
    source = f"{network} {first} {layer.weights_title}"
    return Kernels(
        weight, layer.bias[chosen], names[: len(weight)], (note,), source,
        learned=True,
    )  # fmt: skip


def _network() -> str:
    """The network whose first layer is taken: a few small ones, and the one picked above."""
    titles = {name: _labelled(name) for name in (*_NETWORKS, pickers.current_model().name)}
    return convolution_knobs.word("Network", "network", titles, "lenet5", width=300)


def _labelled(name: str) -> str:
    card = cached.card(name)
    choice = weights.choose(card)
    return f"{card.title} · {'random weights' if choice.kind == 'random' else choice.title}"


def first_layer(name: str) -> FirstLayer:
    """Ask for a network's first kernels, with the best weights that are on disk."""
    return _first_layer(name, weights.choose(cached.card(name)).key)


@st.cache_resource(max_entries=16, show_spinner=False)
def _first_layer(name: str, key: str) -> FirstLayer:
    layer: FirstLayer = connect().call("convolution.first_layer", name, key, timeout=SECONDS)
    return layer
