"""How far networks suit pictures of a size, and which of their layers add nothing more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.figures import style
from explorer.figures.compare import DASHES

if TYPE_CHECKING:
    from explorer.compare.records import Fit

Row = dict[str, Any]

FITS = (
    ("grow", "widen what is seen", style.PALETTE[0], ""),
    ("covered", "what reaches them has outgrown the picture", style.PALETTE[1], "/"),
    ("single", "slide over a single position", style.PALETTE[3], "x"),
)


def fits(found: Sequence[Fit]) -> go.Figure:
    """How many layers with a kernel larger than 1×1 still add something, a bar a network."""
    shown = [each for each in found if not each.refused]
    figure = style.blank(110 + 46 * max(1, len(shown)), barmode="stack", bargap=0.35)
    for key, name, colour, pattern in FITS:
        figure.add_trace(
            go.Bar(
                name=name,
                orientation="h",
                y=[each.title for each in shown],
                x=[getattr(each, key) for each in shown],
                marker={
                    "color": colour,
                    "line": {"width": 0},
                    "pattern": {"shape": pattern, "size": 6},
                },
                hovertemplate="%{y}: %{x} layers " + name + "<extra></extra>",
            )
        )
    figure.update_xaxes(title="Layers with a kernel larger than 1×1", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", type="category", gridcolor=style.CLEAR)
    return figure


def fields(found: Sequence[Fit]) -> go.Figure:
    """Receptive field of each sliding layer against the picture; marked where it adds no more."""
    figure = style.blank(380, hovermode="closest")
    shown = [each for each in found if each.points]
    for number, each in enumerate(shown):
        colour = style.PALETTE[number]
        hollow = [kind != "grows" for _, kind, _ in each.points]
        figure.add_trace(
            go.Scatter(
                name=each.title,
                x=list(range(1, len(each.points) + 1)),
                y=[reach for _, _, reach in each.points],
                mode="lines+markers",
                line={"color": colour, "width": 1.5, "dash": DASHES[number]},
                marker={
                    "size": 9,
                    "symbol": [
                        f"{style.SYMBOLS[number]}-open" if idle else style.SYMBOLS[number]
                        for idle in hollow
                    ],
                },
                customdata=[f"{name}: {_kind(kind)}" for name, kind, _ in each.points],
                hovertemplate="%{y:,} px, %{customdata}<extra>" + each.title + "</extra>",
            )
        )
    if shown:
        _picture(figure, max(shown[0].size))
    figure.update_xaxes(title="Layers with a kernel larger than 1×1, in the order they run")
    figure.update_yaxes(title="Receptive field, px", type="log", tickformat=",d")
    return figure


def _picture(figure: go.Figure, side: int) -> None:
    """A line at the picture's own side."""
    line = {"dash": "dash", "width": 1.5, "color": style.OUTGROWN}
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=side, y1=side, line=line)
    # On a logarithmic axis shapes stand at values, and annotations at their logarithms.
    figure.add_annotation(
        xref="paper",
        x=0,
        y=math.log10(side),
        text=f"the picture, {side} px",
        showarrow=False,
        yshift=10,
        xanchor="left",
        font={"color": style.OUTGROWN},
    )


def _kind(kind: str) -> str:
    said = {"grows": FITS[0][1], "covered": FITS[1][1], "single": FITS[2][1]}
    return said[kind]


def fit_rows(found: Sequence[Fit]) -> list[Row]:
    """The numbers of `fits` and `fields`."""
    return [
        {"model": each.title, "layer": name, "field, px": reach, "it": _kind(kind)}
        for each in found
        for name, kind, reach in each.points
    ]
