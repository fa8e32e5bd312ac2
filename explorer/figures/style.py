"""What all figures share: colours, symbols and a quiet layout.

The colours are told apart with any of the three kinds of colour blindness, and against white as
against near-black paper; groups differ by symbol too. Backgrounds are transparent and the text
takes the page's colour, so that one figure serves the light and the dark theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

PALETTE = (
    "#3b7dd8",
    "#d97706",
    "#0f9d8a",
    "#c2417c",
    "#8a63d2",
    "#7a8b1f",
    "#2aa5d6",
    "#b4552d",
    "#5f7fa8",
)
"""Nine groups; what does not fit in is OTHER."""

OTHER = "#8d929b"
SYMBOLS = (
    "circle",
    "diamond",
    "square",
    "triangle-up",
    "cross",
    "star",
    "triangle-down",
    "pentagon",
    "hexagon",
)

PARAMS, MACS, ACTIVATIONS, OUTGROWN = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[3]
GRID = "rgba(128, 134, 145, 0.22)"
FINE_GRID = "rgba(128, 134, 145, 0.09)"
CLEAR = "rgba(0, 0, 0, 0)"
PREFIXES = {"exponentformat": "SI", "minexponent": 2}
"""Axis numbers as 1k, 1M, 1G."""


def blank(height: int, **layout: Any) -> go.Figure:
    """An empty figure `height` pixels high in the house style."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 40, "t": 24, "b": 8},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        hoverlabel={"align": "left"},
        modebar={"orientation": "v", "bgcolor": CLEAR, "color": OTHER, "activecolor": PALETTE[0]},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        **layout,
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True)
    return figure


def ring(
    figure: go.Figure,
    names: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    *,
    title: str = "compared",
    size: int = 19,
    width: float = 2,
    rank: int = 1000,
) -> None:
    """Draw rings around points that stand for models of these names; without any, nothing.

    `title` stands in the legend at the place `rank`; `size` and `width` are pixels.
    """
    if names:
        figure.add_trace(
            go.Scatter(
                name=title,
                x=x,
                y=y,
                mode="markers",
                marker={
                    "size": size,
                    "symbol": "circle-open",
                    "color": OUTGROWN,
                    "line": {"width": width},
                },
                legendrank=rank,
                customdata=names,
                hoverinfo="skip",
            )
        )
