"""Inside of designs: the pixels an output sees, the branches' shares, channels along a block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.blocks.by_formula import Masks
    from explorer.blocks.lab_records import Counted, Lab

Row = dict[str, Any]

_STEPS = ("#f0b429", "#24578f", "#3b7dd8", "#6ea3ea", "#8fbdf0", "#a9cdf5", "#c0dbf8", "#d3e6fa")
_RING = "rgba(128, 134, 145, 0.16)"


def growth(masks: Mapping[str, Masks], step: int) -> go.Figure:
    """The pixels that one output sees: a panel a design, a colour for each layer.

    Only the first `step` layers of a design are shown; a pixel has the colour of the first layer
    behind which it counts, and what lies between the taps of a dilated kernel stays empty.
    """
    side = max(mask.shape[axis] for chain in masks.values() for mask in chain for axis in (0, 1))
    figure = make_subplots(1, len(masks), subplot_titles=list(masks), horizontal_spacing=0.06)
    figure.update_layout(style.blank(400).layout)
    figure.update_layout(margin={"t": 40, "r": 44}, showlegend=False)
    for column, chain in enumerate(masks.values(), 1):
        first = firsts(chain[:step], side + 2)
        figure.add_trace(_grid(first, min(step, len(chain))), 1, column)
        height, width = chain[min(step, len(chain)) - 1].shape
        corner = "" if column == 1 else str(column)
        figure.layout.annotations[column - 1].text += f": sees {height} × {width}"
        figure.update_yaxes(scaleanchor=f"x{corner}", row=1, col=column)
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, constrain="domain", autorange="reversed")
    return figure


def firsts(chain: Masks, side: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each pixel of a square the first layer, from 1, that sees it; 0 for none."""
    found = np.zeros((side, side), np.int64)
    for number, mask in reversed(list(enumerate(chain, 1))):
        top, left = ((side - length) // 2 for length in mask.shape)
        place = found[top : top + mask.shape[0], left : left + mask.shape[1]]
        place[mask] = number
    return found


def _grid(first: np.ndarray[Any, np.dtype[np.int64]], layers: int) -> go.Heatmap:
    colours = (_RING, *_STEPS[:layers])
    scale = []
    for number, colour in enumerate(colours):
        scale += [[number / len(colours), colour], [(number + 1) / len(colours), colour]]
    words = [[f"first seen behind layer {each}" if each else "not seen" for each in row]
             for row in first.tolist()]  # fmt: skip
    few = first.shape[0] <= 17
    return go.Heatmap(
        z=first,
        zmin=-0.5,
        zmax=len(colours) - 0.5,
        colorscale=scale,
        showscale=False,
        xgap=2,
        ygap=2,
        text=[[str(each) if each else "" for each in row] for row in first.tolist()],
        texttemplate="%{text}" if few else None,
        textfont={"size": 11},
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
    )


def growth_rows(masks: Mapping[str, Masks]) -> list[Row]:
    """The numbers of `growth`: field and pixels that count behind each layer."""
    return [
        {
            "design": title,
            "layer": number,
            "field": f"{mask.shape[0]} × {mask.shape[1]}",
            "pixels that count": int(mask.sum()),
        }
        for title, chain in masks.items()
        for number, mask in enumerate(chain, 1)
    ]


def shares(lab: Lab) -> go.Figure:
    """Each branch's share of its design's parameters and multiply-adds, as stacked bars."""
    rows = [row for row in share_rows(lab) if row["branch"] != _OUTSIDE or row["MACs"]]
    branches = list(dict.fromkeys(row["branch"] for row in rows))
    figure = style.blank(
        120 + 104 * len(dict.fromkeys(row["design"] for row in rows)), barmode="stack"
    )
    for number, branch in enumerate(branches):
        own = [row for row in rows if row["branch"] == branch]
        colour = style.OTHER if branch == _OUTSIDE else style.PALETTE[number]
        figure.add_trace(
            go.Bar(
                y=[[row["design"] for row in own for _ in (0, 1)],
                   ["parameters", "multiply-adds"] * len(own)],
                x=[row[f"{kind} %"] for row in own for kind in ("parameters", "MACs")],
                name=branch,
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                customdata=[f"{row[kind]:,}" for row in own for kind in ("parameters", "MACs")],
                hovertemplate=f"<b>{branch}</b>: %{{x:.3g}} %, %{{customdata}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_xaxes(title="Per cent of the design", range=[0, 100])
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR)
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


_OUTSIDE = "outside of the branches"


def share_rows(lab: Lab) -> list[Row]:
    """The numbers of `shares`, a row each design and branch; they add up to the design."""
    return [row for design in lab.designs if design.shares for row in _branches(design)]


def _branches(design: Counted) -> list[Row]:
    known = [(each.branch, each.params, each.macs) for each in design.shares]
    params, macs = sum(row[1] for row in known), sum(row[2] for row in known)
    known.append((_OUTSIDE, design.params - params, design.macs - macs))
    return [
        {
            "design": design.title,
            "branch": branch,
            "parameters": count,
            "parameters %": 100 * count / max(1, design.params),
            "MACs": cost,
            "MACs %": 100 * cost / max(1, design.macs),
        }
        for branch, count, cost in known
    ]


def block(lab: Lab) -> go.Figure:
    """Channels behind each layer of a block, and the memory written up to it."""
    rows = block_rows(lab)
    figure = make_subplots(1, 2, subplot_titles=("Channels", "Memory written so far"))
    figure.update_layout(style.blank(360).layout)
    figure.update_layout(margin={"t": 64})
    for number, design in enumerate(lab.designs):
        own = [row for row in rows if row["design"] == design.title]
        line = {"color": style.PALETTE[number], "width": 2}
        marker = {"symbol": style.SYMBOLS[number], "size": 7}
        for column, quantity in ((1, "channels"), (2, "bytes so far")):
            figure.add_trace(
                go.Scatter(
                    x=[row["layer"] for row in own], y=[row[quantity] for row in own],
                    mode="lines+markers", line=line, marker=marker, name=design.title,
                    legendgroup=design.key, showlegend=column == 1,
                ), 1, column,
            )  # fmt: skip
    figure.update_xaxes(title="Layer of the block", gridcolor=style.GRID, zeroline=False)
    figure.update_yaxes(gridcolor=style.GRID, rangemode="tozero", **style.PREFIXES)
    figure.update_yaxes(ticksuffix="B", row=1, col=2)
    figure.update_layout(legend={"y": 1.12})
    return figure


def block_rows(lab: Lab) -> list[Row]:
    """The numbers of `block`: a row where a layer is complete, the input being layer 0."""
    found: list[Row] = []
    for design in lab.designs:
        joined = any(step.kind == "cat" for step in design.steps)
        ends = "cat" if joined else "ReLU"
        number, written = 0, 0
        found.append(_complete(design, number, design.input_shape[0], written))
        for step in design.steps:
            written += step.activation_bytes
            if step.kind in (ends, "AvgPool2d"):
                number += 1
                found.append(_complete(design, number, step.output[0], written))
    return found


def _complete(design: Counted, layer: int, channels: int, written: int) -> Row:
    return {
        "design": design.title, "layer": layer, "channels": channels, "bytes so far": written,
    }  # fmt: skip
