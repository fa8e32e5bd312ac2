"""Runs of training for study: curves with exact values, layers over time, histograms, rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures import style
from explorer.figures.live import MARKED, STRIP
from explorer.runs.curves import AXES, METRICS

if TYPE_CHECKING:
    from explorer.figures.live import Which
    from explorer.runs.curves import Axis, Line
    from explorer.runs.records import LayerSteps
    from explorer.training.lr_records import LearningRates
    from explorer.training.records import Histogram, Histograms, Seen

Row = dict[str, Any]

RIGHT, WRONG = style.PALETTE[2], style.PALETTE[1]


def curves(
    lines: Sequence[Line],
    *,
    metric: str,
    colour: Mapping[str, str],
    axis: Axis = "step",
    log: bool = False,
    log_x: bool = False,
    height: int = 330,
) -> go.Figure:
    """All lines whole in the same axes: batches solid, held-out pictures dashed.

    The lines of a single run are named in a legend; the names of several would leave no room, and
    stand beside the figure.
    """
    told = METRICS[metric]
    unit = f", {told.unit}" if told.unit else ""
    alone = len({line.run for line in lines}) == 1
    figure = style.blank(height, hovermode="x unified", showlegend=alone)
    for line in lines:
        held_out = line.part == "validation"
        figure.add_trace(
            go.Scatter(
                x=line.x,
                y=line.y,
                name=f"{line.label}, held out" if held_out else line.label,
                mode="lines+markers" if len(line.x) <= (MARKED if held_out else 1) else "lines",
                line={
                    "color": colour[line.run],
                    "width": 1.8,
                    "dash": "dash" if held_out else "solid",
                },
                marker={"size": 6},
                hovertemplate="%{y:.5g}",
            )
        )
    figure.update_xaxes(title=AXES[axis], type="log" if log_x else "linear", hoverformat=",.6~g")
    figure.update_yaxes(title=told.title + unit, type="log" if log else "linear")
    return figure


def curve_rows(lines: Sequence[Line], *, metric: str, axis: Axis) -> list[Row]:
    """The numbers of `curves`."""
    told = METRICS[metric]
    title = f"{told.title.lower()}, {told.unit}" if told.unit else told.title.lower()
    return [
        {"run": line.label, "pictures": _part(line), AXES[axis].lower(): float(x), title: float(y)}
        for line in lines
        for x, y in zip(line.x, line.y, strict=True)
    ]


def _part(line: Line) -> str:
    return "held out" if line.part == "validation" else "batches"


def strip(layers: LayerSteps, names: Sequence[str], which: Which) -> go.Figure:
    """All layers over all steps that were told of; colour is the decimal logarithm."""
    values = _values(layers, which)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(values)
    shown = np.where(np.isfinite(logs), logs, np.nan)
    figure = style.blank(100 + 17 * max(6, min(len(names), 40)))
    figure.add_trace(
        go.Heatmap(
            x=[f"{int(step):,}" for step in layers.step],
            y=list(names),
            z=shown.T,
            customdata=values.T,
            colorscale=[[n / (len(STRIP) - 1), colour] for n, colour in enumerate(STRIP)],
            colorbar={"title": "log<sub>10</sub>", "thickness": 12, "outlinewidth": 0},
            hovertemplate=f"<b>%{{y}}</b>, step %{{x}}<br>{which} %{{customdata:.4g}}"
            "<extra></extra>",
        )
    )
    return _steps_across(figure)


def _steps_across(figure: go.Figure) -> go.Figure:
    """Rows from top to bottom, steps across, and tools that leave the colour bar free."""
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR, type="category")
    figure.update_xaxes(title="Step", type="category", nticks=12, gridcolor=style.CLEAR)
    figure.update_layout(modebar={"orientation": "h"}, margin={"t": 36, "r": 8})
    return figure


def strip_rows(layers: LayerSteps, names: Sequence[str], which: Which) -> list[Row]:
    """The numbers of `strip`."""
    values = _values(layers, which)
    return [
        {"step": int(step), "layer": name, which: float(values[place, number])}
        for place, step in enumerate(layers.step)
        for number, name in enumerate(names)
    ]


def _values(layers: LayerSteps, which: Which) -> np.ndarray:
    return layers.gradient_norms if which == "gradient norm" else layers.update_ratios


def histograms(found: Histograms, layer: str) -> go.Figure:
    """A layer's weights, their gradients and what it gave for one batch, side by side."""
    parts = histograms_of(found, layer)
    figure = make_subplots(rows=1, cols=len(parts), subplot_titles=list(parts))
    for place, (title, each) in enumerate(parts.items()):
        figure.add_trace(
            go.Bar(
                x=(each.edges[:-1] + each.edges[1:]) / 2,
                y=each.counts,
                width=np.diff(each.edges),
                marker={"color": style.PALETTE[place], "line": {"width": 0}},
                name=title,
                hovertemplate="%{x:.4g}: %{y:,}<extra></extra>",
            ),
            row=1,
            col=place + 1,
        )
    figure.update_layout(style.blank(260, bargap=0, showlegend=False).layout)
    figure.update_xaxes(gridcolor=style.GRID, zeroline=True, zerolinecolor=style.OTHER)
    figure.update_yaxes(gridcolor=style.GRID, title=None)
    return figure


def histogram_rows(found: Histograms, layer: str) -> list[Row]:
    """The numbers of `histograms`."""
    return [
        {"of": title, "from": float(low), "to": float(high), "count": int(count)}
        for title, each in histograms_of(found, layer).items()
        for low, high, count in zip(each.edges[:-1], each.edges[1:], each.counts, strict=True)
    ]


def histograms_of(found: Histograms, layer: str) -> dict[str, Histogram]:
    """A layer's three histograms by their titles."""
    place = found.layers.index(layer)
    return {
        "Weights": found.weights[place],
        "Gradients": found.gradients[place],
        "What it gave": found.activations[place],
    }


def certainty(seen: Sequence[Seen], classes: Sequence[str]) -> go.Figure:
    """How sure the network was of the right class, picture by picture, over the run."""
    labels = seen[0].labels
    rights = np.stack([each.probabilities[np.arange(len(labels)), labels] for each in seen])
    figure = style.blank(70 + 18 * max(4, len(labels)))
    figure.add_trace(
        go.Heatmap(
            x=[f"{each.step:,}" for each in seen],
            y=[f"{number}: {classes[label]}" for number, label in enumerate(labels, 1)],
            z=100 * rights.T,
            zmin=0,
            zmax=100,
            colorscale=[[n / (len(STRIP) - 1), colour] for n, colour in enumerate(STRIP)],
            colorbar={"title": "%", "thickness": 12, "outlinewidth": 0},
            hovertemplate="<b>picture %{y}</b>, step %{x}<br>%{z:.1f} % for the right class"
            "<extra></extra>",
        )
    )
    return _steps_across(figure)


def certainty_rows(seen: Sequence[Seen], classes: Sequence[str]) -> list[Row]:
    """The numbers of `certainty`."""
    return [
        {
            "step": each.step,
            "picture": number + 1,
            "right class": classes[label],
            "% for it": 100 * float(each.probabilities[number, label]),
            "says": classes[int(each.probabilities[number].argmax())],
        }
        for each in seen
        for number, label in enumerate(each.labels)
    ]


def rates(found: LearningRates) -> go.Figure:
    """The loss at each learning rate: single batches pale, their running mean as a line."""
    figure = style.blank(320, hovermode="x unified")
    for y, name, width, opacity in (
        (found.losses, "batch", 1.0, 0.35),
        (found.smoothed, "running mean", 2.2, 1.0),
    ):
        figure.add_trace(
            go.Scatter(
                x=found.rates,
                y=y,
                name=name,
                mode="lines",
                line={"color": style.PALETTE[0], "width": width},
                opacity=opacity,
                hovertemplate="%{y:.4g}",
            )
        )
    marks = {"proposed": found.suggested, "lowest": found.lowest}
    for (words, rate), colour in zip(marks.items(), (RIGHT, WRONG), strict=True):
        if rate is not None:
            # A logarithmic axis takes shapes by value, but notes by exponent.
            figure.add_vline(x=rate, line={"color": colour, "dash": "dot"})
            figure.add_annotation(
                x=np.log10(rate), y=1, yref="paper", text=f"{words} {rate:.2g}", showarrow=False,
                xanchor="left", yanchor="top", xshift=4, font={"color": colour},
            )  # fmt: skip
    figure.update_xaxes(title="Learning rate", type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title="Loss", range=_range(found))
    return figure


def _range(found: LearningRates) -> list[float]:
    """Loss from the lowest to a little above where it began: what blew up goes beyond."""
    means = found.smoothed[np.isfinite(found.smoothed)]
    low, first = float(means.min()), float(means[0])
    return [low - 0.15 * max(first - low, 0.1), first + 0.4 * max(first - low, 0.1)]


def rate_rows(found: LearningRates) -> list[Row]:
    """The numbers of `rates`."""
    return [
        {"learning rate": float(rate), "loss": float(loss), "running mean": float(mean)}
        for rate, loss, mean in zip(found.rates, found.losses, found.smoothed, strict=True)
    ]
