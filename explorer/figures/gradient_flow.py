"""Signals forward and gradients back, layer by layer, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import plotly.graph_objects as go

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Flow, NetworkFlow, Setup
    from explorer.training.mean_field import Theory

Row = dict[str, Any]
Quantity: TypeAlias = Literal["activations", "gradients", "weights"]

TITLES: Mapping[Quantity, str] = {
    "activations": "Root mean square of the activations",
    "gradients": "Norm of the gradient by the activations",
    "weights": "Norm of the gradient by the weights",
}
WORDS: Mapping[str, str] = {
    "relu": "ReLU",
    "leaky relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "tanh",
    "sigmoid": "Sigmoid",
    "identity": "Linear",
    "own": "as built",
    "he": "He",
    "glorot": "Glorot",
    "lecun": "LeCun",
    "orthogonal": "Orthogonal",
    "too small": "too small",
    "too large": "too large",
    "zero": "Zero",
    "none": "no norm",
    "batch": "batch norm",
    "layer": "layer norm",
    "group": "group norm",
}
_SMALLEST, _LARGEST = 1e-46, 1e40
"""What lies outside is nothing that fp32 could hold; a theory's line ends there."""


def title(setup: Setup) -> str:
    """A chain in a few words: "Sigmoid, Glorot, batch norm, skips"."""
    words = [WORDS[setup.activation], WORDS[setup.initialisation]]
    if setup.normalisation != "none":
        words.append(WORDS[setup.normalisation])
    return ", ".join([*words, *(["skips"] if setup.skip else [])])


def flows(
    measured: Sequence[Flow], theories: Sequence[Theory | None], quantity: Quantity
) -> go.Figure:
    """One quantity of every chain by layer; dotted what theory says.

    What is exactly 0 stands as a triangle at the lower edge, what is infinite or no number as one
    at the upper.
    """
    figure = style.blank(400, hovermode="closest")
    edges = _edges([getattr(each, quantity) for each in measured])
    for number, (flow, theory) in enumerate(zip(measured, theories, strict=True)):
        colour, name = style.PALETTE[number], title(flow.setup)
        values = getattr(flow, quantity)
        layers = np.arange(1, len(values) + 1)
        if theory is not None and quantity != "weights":
            figure.add_trace(_dotted(layers, getattr(theory, quantity), name, colour))
        figure.add_trace(_line(layers, values, name, colour))
        for trace in _off(layers, values, edges, name, colour):
            figure.add_trace(trace)
    figure.update_xaxes(title="Layer, from the input on")
    low, high = (float(np.log10(each)) for each in edges)
    figure.update_yaxes(
        title=TITLES[quantity], type="log", exponentformat="power", range=[low, high], nticks=9
    )
    return figure


def _edges(all_of_them: Sequence[np.ndarray]) -> tuple[float, float]:
    """Room for everything that is a number, at least three powers of ten."""
    values = np.concatenate(all_of_them)
    usable = values[np.isfinite(values) & (values > 0)]
    if not len(usable):
        return 1e-2, 1e2
    low, high = np.log10(usable.min()) - 0.6, np.log10(usable.max()) + 0.6
    short = max(0.0, 3 - (high - low)) / 2
    return float(10 ** (low - short)), float(10 ** (high + short))


def _line(layers: np.ndarray, values: np.ndarray, name: str, colour: str) -> go.Scatter:
    usable = np.isfinite(values) & (values > 0)
    return go.Scatter(
        x=layers,
        y=[float(value) if fine else None for value, fine in zip(values, usable, strict=True)],
        name=name, legendgroup=name, mode="lines", line={"color": colour, "width": 2.5},
        hovertemplate=f"<b>{name}</b><br>layer %{{x}}: %{{y:.3g}}<extra></extra>",
    )  # fmt: skip


def _dotted(layers: np.ndarray, values: np.ndarray, name: str, colour: str) -> go.Scatter:
    inside = (values > _SMALLEST) & (values < _LARGEST)
    return go.Scatter(
        x=layers,
        y=[float(value) if fine else None for value, fine in zip(values, inside, strict=True)],
        name=name, legendgroup=name, showlegend=False, mode="lines", opacity=0.75,
        line={"color": colour, "width": 1.8, "dash": "dot"},
        hovertemplate=f"{name}, in theory<br>layer %{{x}}: %{{y:.3g}}<extra></extra>",
    )  # fmt: skip


def _off(
    layers: np.ndarray, values: np.ndarray, edges: tuple[float, float], name: str, colour: str
) -> list[go.Scatter]:
    """Triangles for what a logarithmic axis has no place for."""
    cases = (
        (values == 0, edges[0] * 1.3, "triangle-down", "exactly 0"),
        (~np.isfinite(values), edges[1] / 1.3, "triangle-up", "does not fit into fp32"),
    )
    return [
        go.Scatter(
            x=layers[which], y=[height] * int(which.sum()), name=name, legendgroup=name,
            showlegend=False, mode="markers", cliponaxis=False,
            marker={"symbol": symbol, "color": colour, "size": 7},
            hovertemplate=f"<b>{name}</b><br>layer %{{x}}: {words}<extra></extra>",
        )
        for which, height, symbol, words in cases
        if which.any()
    ]  # fmt: skip


def flow_rows(measured: Sequence[Flow], theories: Sequence[Theory | None]) -> list[Row]:
    """The numbers of all three quantities, chain by chain and layer by layer."""
    return [
        {
            "chain": title(flow.setup),
            "layer": layer + 1,
            "activations": float(flow.activations[layer]),
            "gradient by activations": float(flow.gradients[layer]),
            "gradient by weights": float(flow.weights[layer]),
            "activations, theory": None if theory is None else float(theory.activations[layer]),
            "gradient, theory": None if theory is None else float(theory.gradients[layer]),
        }
        for flow, theory in zip(measured, theories, strict=True)
        for layer in range(len(flow.activations))
    ]


def networks(measured: Sequence[NetworkFlow], quantity: Quantity) -> go.Figure:
    """One quantity of a network's layers with weights, once for each set of weights."""
    figure = style.blank(400, hovermode="closest")
    edges = _edges([getattr(each, quantity) for each in measured])
    for number, each in enumerate(measured):
        values = getattr(each, quantity)
        layers = np.arange(1, len(values) + 1)
        line = _line(layers, values, each.weights_title, style.PALETTE[number])
        line.update(
            mode="lines+markers", text=each.names, marker={"size": 5},
            hovertemplate=f"<b>%{{text}}</b><br>{each.weights_title}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(line)
        colour = style.PALETTE[number]
        for trace in _off(layers, values, edges, each.weights_title, colour):
            figure.add_trace(trace)
    figure.update_xaxes(title="Layers with weights, as they run")
    low, high = (float(np.log10(each)) for each in edges)
    figure.update_yaxes(
        title=TITLES[quantity], type="log", exponentformat="power", range=[low, high], nticks=9
    )
    return figure


def network_rows(measured: Sequence[NetworkFlow]) -> list[Row]:
    """The numbers of all three quantities."""
    return [
        {
            "weights": each.weights_title,
            "layer": name,
            "activations": float(each.activations[place]),
            "gradient by activations": float(each.gradients[place]),
            "gradient by weights": float(each.weights[place]),
        }
        for each in measured
        for place, name in enumerate(each.names)
    ]
