"""The loss around the weights that runs ended with: along lines, and on a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures import style
from explorer.figures.live import STRIP

if TYPE_CHECKING:
    from explorer.training.study_records import Landscape

Row = dict[str, Any]

_SCALE = {
    "title": {"text": "log<sub>10</sub> of the loss", "side": "top"},
    "orientation": "h",
    "y": -0.3,
    "yanchor": "top",
    "len": 0.4,
    "thickness": 10,
    "outlinewidth": 0,
    "nticks": 6,
    "tickformat": ".1f",
}


def slices(found: Sequence[Landscape], titles: Sequence[str]) -> go.Figure:
    """The loss along random directions: the mean over them, and how far they differ."""
    figure = style.blank(340, hovermode="x unified")
    for place, (each, title) in enumerate(zip(found, titles, strict=True)):
        low, high = each.losses.min(axis=0), each.losses.max(axis=0)
        figure.add_trace(
            go.Scatter(
                x=np.concatenate((each.distances, each.distances[::-1])),
                y=np.concatenate((high, low[::-1])),
                fill="toself",
                fillcolor=style.PALETTE[place % len(style.PALETTE)],
                opacity=0.14,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        figure.add_trace(
            go.Scatter(
                x=each.distances,
                y=each.losses.mean(axis=0),
                name=title,
                line={"color": style.PALETTE[place % len(style.PALETTE)], "width": 2},
                hovertemplate="%{y:.4g}",
            )
        )
    figure.update_xaxes(title="Distance from the weights reached, in filter norms")
    figure.update_yaxes(title="Training loss", rangemode="tozero")
    return figure


def slice_rows(found: Sequence[Landscape], titles: Sequence[str]) -> list[Row]:
    """The numbers of `slices`."""
    return [
        {
            "run": title,
            "distance": float(distance),
            "mean loss": float(losses.mean()),
            "lowest": float(losses.min()),
            "highest": float(losses.max()),
        }
        for each, title in zip(found, titles, strict=True)
        for distance, losses in zip(each.distances, each.losses.T, strict=True)
    ]


def planes(found: Sequence[Landscape], titles: Sequence[str]) -> go.Figure:
    """The loss on a plane around each run's weights, in the same colours and levels."""
    figure = make_subplots(rows=1, cols=len(found), subplot_titles=list(titles), shared_yaxes=True)
    logs = [np.log10(np.maximum(each.plane, 1e-6)) for each in found]
    low, high = min(map(np.min, logs)), max(map(np.max, logs))
    for place, (each, values) in enumerate(zip(found, logs, strict=True)):
        figure.add_trace(
            go.Contour(
                x=each.axis,
                y=each.axis,
                z=values,
                customdata=each.plane,
                zmin=low,
                zmax=high,
                colorscale=[[n / (len(STRIP) - 1), colour] for n, colour in enumerate(STRIP)],
                contours={"start": low, "end": high, "size": max((high - low) / 14, 1e-6)},
                line={"width": 0.6},
                colorbar=_SCALE,
                showscale=place == 0,
                hovertemplate="loss %{customdata:.4g}<extra></extra>",
            ),
            row=1,
            col=place + 1,
        )
    figure.update_layout(style.blank(400).layout)
    figure.update_xaxes(title="One direction")
    figure.update_yaxes(title="Another one", col=1)
    return figure


def plane_rows(found: Sequence[Landscape], titles: Sequence[str]) -> list[Row]:
    """The numbers of `planes`."""
    return [
        {"run": title, "across": float(across), "up": float(up), "loss": float(each.plane[j, i])}
        for each, title in zip(found, titles, strict=True)
        for j, up in enumerate(each.axis)
        for i, across in enumerate(each.axis)
    ]
