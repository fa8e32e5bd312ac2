"""Designs in a line of small labels each: what is built, before any number says what it costs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer import units
from explorer.blocks.parts import (
    DEPTHWISE,
    Activate,
    Conv,
    DepthwiseConv,
    Flatten,
    GlobalPool,
    Join,
    Linear,
    Pool,
)

if TYPE_CHECKING:
    from explorer.blocks.comparison import Design
    from explorer.blocks.parts import Part

_JOINED = {"add": "added", "concatenate": "concatenated", "multiply": "multiplied"}


def draw(designs: Sequence[Design], key: str) -> None:
    """Every design in a card: its name, what it reads, and its layers in order."""
    with st.container(key=f"lab_designs_{key}"):
        for column, design in zip(st.columns(len(designs), gap="small"), designs, strict=True):
            with column, st.container(border=True, gap="xsmall", height="stretch"):
                st.markdown(f"**{design.title}** :small[:gray[reads {units.shape(design.shape)}]]")
                st.markdown(written(design.parts))
                if design.note:
                    st.caption(design.note)


def written(design: Sequence[Part]) -> str:
    """Layers in order; repeated ones once with their number, paths that join in lines below."""
    lines = [""]
    for part, repeated in _runs(design):
        if isinstance(part, Join):
            lines += _paths(part, repeated)
        else:
            times = f"{repeated} × " if repeated > 1 else ""
            lines[-1] += ("" if not lines[-1] else " → ") + times + _layer(part)
    return "  \n".join(filter(None, lines))


def _runs(design: Sequence[Part]) -> list[tuple[Part, int]]:
    return [(part, len(list(run))) for part, run in itertools.groupby(design)]


def _paths(join: Join, repeated: int) -> list[str]:
    """A line for each path, and one for how they meet."""
    times = f"{repeated} times: " if repeated > 1 else ""
    paths = [" → ".join(map(_layer, path)) or ":gray-badge[as it is]" for path in join.paths]
    after = "" if join.activation == "none" else f" → :gray-badge[{join.activation}]"
    return [
        *(f"{'└' if path == paths[-1] else '├'} {path}" for path in paths),
        f"{times}:primary-badge[{_JOINED[join.how]}]{after}",
        "",
    ]


def _layer(part: Part) -> str:
    """One layer as a label; what kind it is, its colour says."""
    if isinstance(part, (Conv, DepthwiseConv)):
        return _kernel(part)
    if isinstance(part, Linear):
        return f":orange-badge[{part.features:,} features]{_then(part.activation)}"
    if isinstance(part, Pool):
        return f":green-badge[{part.how} pooling {units.shape(part.kernel)}]"
    if isinstance(part, Activate):
        return f":gray-badge[{part.activation}]"
    if isinstance(part, GlobalPool):
        return ":green-badge[mean of each map]"
    return ":gray-badge[flattened]" if isinstance(part, Flatten) else f"`{type(part).__name__}`"


def _kernel(part: Conv | DepthwiseConv) -> str:
    side = units.shape(part.kernel)
    dilated = f" dilated by {part.dilation}" if part.dilation > 1 else ""
    if isinstance(part, DepthwiseConv) or part.groups == DEPTHWISE:
        return f":violet-badge[depthwise {side}{dilated}]{_then(part.activation)}"
    groups = f" in {part.groups} groups" if part.groups > 1 else ""
    colour = "green" if max(part.kernel) == 1 else "blue"
    return f":{colour}-badge[{side}, {part.channels}{groups}{dilated}]{_then(part.activation)}"


def _then(activation: str) -> str:
    return "" if activation == "none" else f" → :gray-badge[{activation}]"
