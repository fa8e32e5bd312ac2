"""A data set before anything learns from it: how many of which class, and where points lie."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from explorer.figures import style

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from explorer.training.data.records import Description

COLOURS = {"train": style.PALETTE[0], "validation": style.PALETTE[1], "test": style.PALETTE[2]}
WORDS = {"train": "learned from", "validation": "held out", "test": "tested on"}
MOST_NAMED = 40
"""Classes whose names stand below their bars; of more they show on hover."""
HEIGHT, SQUARE = 260, 420
_LONGEST = 18

Row = dict[str, Any]


def counts(found: Description) -> go.Figure:
    """A bar for each class: what is learned from, held out and tested on, one above the other."""
    figure = style.blank(HEIGHT, barmode="stack", bargap=0.25, hovermode="x unified")
    figure.update_layout(legend_traceorder="normal")
    names = [_short(name) for name in found.data.classes]
    places = list(range(len(names)))
    for part in found.splits:
        figure.add_bar(
            x=places,
            y=part.counts,
            name=WORDS[part.name],
            marker_color=COLOURS[part.name],
            hovertemplate="%{y:,}",
        )
    named = len(names) <= MOST_NAMED
    figure.update_xaxes(tickvals=places, ticktext=names, showgrid=False, showticklabels=named)
    figure.update_yaxes(title="pictures" if not found.data.points else "points")
    return figure


def _short(name: str) -> str:
    """A class's name as a label: plotly reads HTML in it."""
    return escape(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")


def rows(found: Description) -> list[Row]:
    """The numbers of `counts`."""
    return [
        {"class": name} | {WORDS[part.name]: part.counts[number] for part in found.splits}
        for number, name in enumerate(found.data.classes)
    ]


def scatter(found: Description) -> go.Figure:
    """Training points of the plane in the colours of the labels they are learned with."""
    figure = style.blank(SQUARE)
    if found.points is None or found.labels is None:
        return figure
    for number, name in enumerate(found.data.classes):
        own = found.points[found.labels == number]
        figure.add_scattergl(
            x=own[:, 0],
            y=own[:, 1],
            mode="markers",
            name=escape(name),
            marker={
                "color": style.PALETTE[number % len(style.PALETTE)],
                "symbol": style.SYMBOLS[number % len(style.SYMBOLS)],
                "size": 6,
                "opacity": 0.75,
            },
            hovertemplate="%{x:.2f}, %{y:.2f}",
        )
    figure.update_yaxes(scaleanchor="x", scaleratio=1)
    return figure


def points(found: Description) -> list[Row]:
    """The numbers of `scatter`."""
    if found.points is None or found.labels is None:
        return []
    return [
        {"x": float(place[0]), "y": float(place[1]), "class": found.data.classes[int(label)]}
        for place, label in zip(found.points, found.labels, strict=True)
    ]
