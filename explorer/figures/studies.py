"""Finished runs looked at closely: borders between points, ensembles, folds, depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.training.outcomes import Outcome
    from explorer.training.study_records import DecisionMap, Members, Spread

Row = dict[str, Any]

SURE = 170
"""Opacity, of 255, of a place whose class is certain; a place between two classes is clear."""


def _colour(place: int) -> str:
    return style.PALETTE[place % len(style.PALETTE)]


def decisions(found: Sequence[DecisionMap], titles: Sequence[str]) -> go.Figure:
    """Which class wins where, the fainter the less sure, and the points that were learned from."""
    figure = make_subplots(rows=1, cols=len(found), subplot_titles=list(titles), shared_yaxes=True)
    for place, each in enumerate(found, 1):
        figure.add_trace(_map(each), row=1, col=place)
        for label in range(len(each.classes)):
            points = _points(each, label).update(showlegend=place == 1)
            figure.add_trace(points, row=1, col=place)
    figure.update_layout(style.blank(360).layout)
    # The titles of the maps stand above them.
    figure.update_layout(legend={"y": -0.18, "yanchor": "top"})
    figure.update_xaxes(showgrid=False, zeroline=False, constrain="domain")
    figure.update_yaxes(autorange=True, showgrid=False, zeroline=False)
    return figure


def _map(each: DecisionMap) -> go.Image:
    """The plane, painted by the winning class."""
    return go.Image(
        z=_painted(each),
        colormodel="rgba256",
        x0=each.across[0],
        dx=each.across[1] - each.across[0],
        y0=each.down[0],
        dy=each.down[1] - each.down[0],
        hoverinfo="skip",
    )


def _points(each: DecisionMap, label: int) -> go.Scatter:
    """The training points of one class, as they were labelled."""
    here, name = each.points[each.labels == label], each.classes[label]
    return go.Scatter(
        x=here[:, 0],
        y=here[:, 1],
        mode="markers",
        name=f"class {name}",
        legendgroup=name,
        marker={
            "color": _colour(label),
            "symbol": style.SYMBOLS[label % len(style.SYMBOLS)],
            "size": 7,
            "line": {"width": 1, "color": "white"},
        },
        hovertemplate="%{x:.3g}, %{y:.3g}<extra></extra>",
    )


def _painted(each: DecisionMap) -> np.ndarray:
    """The winner's colour at every place (G, G, 4), as opaque as it is sure."""
    colours = np.array([_rgb(_colour(label)) for label in range(len(each.classes))], np.uint8)
    chance = 1 / len(each.classes)
    sure = np.clip((each.probability - chance) / (1 - chance), 0, 1)
    return np.dstack((colours[each.winner], (SURE * sure).astype(np.uint8)))


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def decision_rows(found: Sequence[DecisionMap], titles: Sequence[str]) -> list[Row]:
    """The training points of `decisions`, with what each network says at the nearest place."""
    rows = []
    for each, title in zip(found, titles, strict=True):
        for (x, y), label in zip(each.points, each.labels, strict=True):
            place = np.abs(each.down - y).argmin(), np.abs(each.across - x).argmin()
            rows.append(
                {
                    "run": title,
                    "x": float(x),
                    "y": float(y),
                    "label": each.classes[label],
                    "says": each.classes[each.winner[place]],
                    "probability": float(each.probability[place]),
                }
            )
    return rows


def members(found: Sequence[Members], titles: Sequence[str]) -> go.Figure:
    """Test accuracy of the first so many members together, and of each alone."""
    figure = style.blank(340, hovermode="closest")
    for place, (each, title) in enumerate(zip(found, titles, strict=True)):
        numbers = list(range(1, len(each.alone) + 1))
        figure.add_trace(
            go.Scatter(
                x=numbers,
                y=[one.value for one in each.together],
                error_y={
                    "array": [one.high - one.value for one in each.together],
                    "arrayminus": [one.value - one.low for one in each.together],
                    "thickness": 1,
                    "width": 2,
                },
                name=title,
                mode="lines+markers",
                line={"color": _colour(place), "width": 2},
                hovertemplate=f"<b>{title}</b>, %{{x}} together: %{{y:.1f}} %<extra></extra>",
            )
        )
        if len(numbers) > 1:
            figure.add_trace(
                go.Scatter(
                    x=numbers,
                    y=[one.value for one in each.alone],
                    name=f"{title}, each alone",
                    mode="markers",
                    marker={"color": _colour(place), "symbol": "circle-open", "size": 8},
                    hovertemplate=f"<b>{title}</b>, member %{{x}} alone: %{{y:.1f}} %"
                    "<extra></extra>",
                )
            )
    figure.update_xaxes(title="Members", dtick=1)
    figure.update_yaxes(title="Test accuracy, %")
    return figure


def member_rows(found: Sequence[Members], titles: Sequence[str]) -> list[Row]:
    """The numbers of `members`."""
    return [
        {
            "run": title,
            "members": number,
            "together, %": together.value,
            "from": together.low,
            "to": together.high,
            "this one alone, %": alone.value,
            "its share of the vote": share,
        }
        for each, title in zip(found, titles, strict=True)
        for number, (together, alone, share) in enumerate(
            zip(each.together, each.alone, each.weights, strict=True), 1
        )
    ]


def depths(outcomes: Sequence[Outcome]) -> go.Figure:
    """The gradient's norm from the first layer to the last, at the first step that was told of."""
    figure = style.blank(330, hovermode="closest")
    for place, each in enumerate(outcomes):
        norms = first_norms(each)
        layers = () if each.began is None else each.began.layers
        figure.add_trace(
            go.Scatter(
                x=list(range(1, len(norms) + 1)),
                y=norms,
                text=list(layers),
                name=each.title,
                mode="lines+markers",
                marker={"size": 5},
                line={"color": _colour(place), "width": 1.8},
                hovertemplate=f"<b>{each.title}</b>, %{{text}}: %{{y:.3g}}<extra></extra>",
            )
        )
    figure.update_xaxes(title="Layer with weights, from the input on")
    figure.update_yaxes(title="Norm of its gradient", type="log", exponentformat="power")
    return figure


def first_norms(outcome: Outcome) -> np.ndarray:
    """Each layer's gradient norm (L,) at the first step that was told of; zeros as gaps."""
    norms = outcome.layers.gradient_norms
    if norms.ndim != 2 or not len(norms):
        return np.empty(0)
    return np.where(norms[0] > 0, norms[0], np.nan)


def depth_rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The numbers of `depths`."""
    return [
        {"run": each.title, "layer": name, "gradient norm": float(norm)}
        for each in outcomes
        if each.began is not None and len(each.layers.gradient_norms)
        for name, norm in zip(each.began.layers, each.layers.gradient_norms[0], strict=True)
    ]


def folds(spread: Spread, titles: Sequence[str], axis: str) -> go.Figure:
    """Each fold's score, their mean, and a standard deviation either way."""
    figure = style.blank(300, hovermode="closest")
    low, high = spread.mean - spread.deviation, spread.mean + spread.deviation
    figure.add_hrect(y0=low, y1=high, fillcolor=_colour(0), opacity=0.12, line_width=0)
    figure.add_hline(y=spread.mean, line={"color": _colour(0), "dash": "dash", "width": 1.4})
    figure.add_trace(
        go.Scatter(
            x=list(titles),
            y=list(spread.scores),
            mode="markers+text",
            text=[f"{score:.1f}" for score in spread.scores],
            textposition="top center",
            marker={"color": _colour(0), "size": 11},
            showlegend=False,
            hovertemplate="%{x}: %{y:.2f}<extra></extra>",
        )
    )
    figure.update_yaxes(title=axis)
    return figure


def fold_rows(spread: Spread, titles: Sequence[str], axis: str) -> list[Row]:
    """The numbers of `folds`."""
    rows = [{"": title, axis: score} for title, score in zip(titles, spread.scores, strict=True)]
    return [
        *rows,
        {"": "mean", axis: spread.mean},
        {"": "standard deviation", axis: spread.deviation},
    ]
