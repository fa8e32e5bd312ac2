"""An anatomy along the network: what each layer costs, the tensor's shape, how far it sees."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer import units
from explorer.anatomy.grids import extent, grids
from explorer.anatomy.records import Anatomy, Layer, Status
from explorer.figures import style

Row = dict[str, Any]

WHOLE = "whole input (drawn: convolutions alone)"

_COSTS = (
    ("Parameters", style.PARAMS),
    ("MACs", style.MACS),
    ("Activation bytes", style.ACTIVATIONS),
)


def costs(anatomy: Anatomy, convention: units.Convention = "MACs") -> go.Figure:
    """Parameters, MACs (or FLOPs) and activation memory of every layer, one above the other."""
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, vertical_spacing=0.05)
    layers = [layer for layer in anatomy.layers if layer.ran]
    columns = (
        [layer.params for layer in layers],
        [None if x.macs is None else units.operations(x.macs, convention) for x in layers],
        [layer.activation_bytes for layer in layers],
    )
    for row, ((cost, color), values) in enumerate(zip(_COSTS, columns, strict=True), start=1):
        title = convention if cost == "MACs" else cost
        bars = go.Bar(
            x=[layer.index for layer in layers],
            y=values,
            name=title,
            marker={"color": color, "line": {"width": 0}},
            customdata=[f"{layer.name} ({layer.kind})" for layer in layers],
            hovertemplate="%{customdata}<br>%{y:,} " + title.lower() + "<extra></extra>",
        )
        figure.add_trace(bars, row=row, col=1)
        # Subplots are low; the axis says in its ticks what the hover says in words.
        bytes_ = cost == "Activation bytes"
        axis = {"title": "Activations", "ticksuffix": "B"} if bytes_ else {"title": title}
        figure.update_yaxes(row=row, col=1, **axis, **style.PREFIXES)
    figure.update_layout(**style.blank(560, showlegend=False, bargap=0.15).layout.to_plotly_json())
    figure.update_xaxes(gridcolor=style.CLEAR, zeroline=False)
    figure.update_yaxes(gridcolor=style.GRID, zeroline=False, automargin=True)
    figure.update_xaxes(title="Layer, in the order they run", row=3, col=1)
    return figure


def cost_rows(anatomy: Anatomy, convention: units.Convention = "MACs") -> list[Row]:
    """The numbers of `costs`."""
    return [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "parameters": layer.params,
            convention: None if layer.macs is None else units.operations(layer.macs, convention),
            "activation bytes": layer.activation_bytes,
        }
        for layer in anatomy.layers
        if layer.ran
    ]


def shapes(anatomy: Anatomy) -> go.Figure:
    """Height, width and channels along the network, on one logarithmic axis."""
    maps = grids(anatomy)
    square = all(grid.height == grid.width for grid in maps)
    lines = [
        ("height = width" if square else "height", [g.height for g in maps], style.PALETTE[0]),
        ("width", [g.width for g in maps], style.PALETTE[6]),
        ("channels", [g.channels for g in maps], style.PALETTE[1]),
    ]
    figure = style.blank(380, hovermode="x")
    for name, values, color in lines[:1] + lines[1 + square :]:
        figure.add_trace(
            go.Scatter(
                x=[grid.layer.index for grid in maps],
                y=values,
                name=name,
                mode="lines",
                line={"shape": "hv", "color": color, "width": 2.5},
                customdata=[grid.layer.name for grid in maps],
                hovertemplate="%{y:,} " + name + " after %{customdata}<extra></extra>",
            )
        )
    figure.update_xaxes(title="Layer, in the order they run")
    figure.update_yaxes(type="log", dtick=0.30103, title="Size", tickformat=",d")
    return figure


def shape_rows(anatomy: Anatomy) -> list[Row]:
    """The numbers of `shapes`."""
    return [
        {"layer": g.layer.name, "height": g.height, "width": g.width, "channels": g.channels}
        for g in grids(anatomy)
    ]


def _side(anatomy: Anatomy) -> int:
    """The larger side of the picture that goes in."""
    return max(anatomy.input_shapes[0][-2:])


def outgrown(anatomy: Anatomy) -> list[Layer]:
    """Layers that see more than the picture: their field is wider or higher than the input."""
    side = _side(anatomy)
    return [
        layer
        for layer in anatomy.layers
        if layer.ran
        and layer.receptive_field.status is not Status.WHOLE_INPUT
        and (extent(layer) or 0) > side
    ]


def whole(anatomy: Anatomy) -> list[Layer]:
    """Layers that see the whole input through a global operation."""
    status = Status.WHOLE_INPUT
    return [layer for layer in anatomy.layers if layer.receptive_field.status is status]


def receptive_fields(anatomy: Anatomy) -> go.Figure:
    """Receptive field of every layer against the size of the picture, both in pixels."""
    beyond = {layer.index for layer in outgrown(anatomy)}
    known = [layer for layer in anatomy.layers if layer.ran and extent(layer) is not None]
    rest = [x for x in known if x.receptive_field.status is not Status.WHOLE_INPUT]
    sets = (
        ("inside the picture", [x for x in rest if x.index not in beyond], style.PARAMS, "circle"),
        ("outgrown the picture", [x for x in rest if x.index in beyond], style.OUTGROWN, "diamond"),
        (WHOLE, [x for x in whole(anatomy) if x in known], style.OTHER, "square-open"),
    )
    figure = style.blank(400, hovermode="closest")
    for name, layers, color, symbol in sets:
        if layers:
            figure.add_trace(_field_points(name, layers, color, symbol))
    figure.add_hline(
        y=_side(anatomy),
        line={"dash": "dash", "width": 1.5, "color": style.OTHER},
        annotation={"text": f"the picture, {_side(anatomy)} px", "font": {"color": style.OTHER}},
        annotation_position="top left",
    )
    figure.update_xaxes(title="Layer, in the order they run")
    figure.update_yaxes(title="Receptive field, px", rangemode="tozero")
    return figure


def _field_points(name: str, layers: list[Layer], color: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=[layer.index for layer in layers],
        y=[extent(layer) for layer in layers],
        name=name,
        mode="markers",
        marker={"color": color, "symbol": symbol, "size": 7},
        customdata=[f"{layer.name} ({layer.receptive_field.status.value})" for layer in layers],
        hovertemplate="%{y:,} px at %{customdata}<extra></extra>",
    )


def field_rows(anatomy: Anatomy) -> list[Row]:
    """The numbers of `receptive_fields`."""
    beyond = {layer.index for layer in outgrown(anatomy)}
    return [
        {
            "layer": layer.name,
            "size": units.axes(layer.receptive_field.size),
            "stride": units.axes(layer.receptive_field.stride),
            "padding": units.axes(layer.receptive_field.padding),
            "status": layer.receptive_field.status.value,
            "outgrown": layer.index in beyond,
        }
        for layer in anatomy.layers
        if layer.ran
    ]
