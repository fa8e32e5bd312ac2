"""Networks side by side: what each resolution costs, how sight grows, how maps shrink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import plotly.graph_objects as go

from explorer import units
from explorer.anatomy.grids import extent, grids
from explorer.anatomy.records import Status
from explorer.compare.levels import title
from explorer.compare.stages import sizes
from explorer.compare.units import word
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy, Layer
    from explorer.compare.records import Stage, Totals

Row = dict[str, Any]
Cost: TypeAlias = Literal["MACs", "parameters", "activations"]
Along: TypeAlias = Literal["depth", "stride"]

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def stages(columns: Sequence[Totals], cost: Cost = "MACs") -> go.Figure:
    """What each resolution costs in each network, as bars beside one another."""
    levels = sorted({stage.level for column in columns for stage in column.stages})
    figure = style.blank(380, barmode="group", bargap=0.22, bargroupgap=0.06)
    for number, column in enumerate(columns):
        here = {stage.level: stage for stage in column.stages}
        figure.add_trace(
            go.Bar(
                name=column.title,
                x=[title(level) for level in levels],
                y=[_cost(here[level], cost) if level in here else None for level in levels],
                marker={
                    "color": style.PALETTE[number],
                    "line": {"width": 0},
                    "pattern": {"shape": ("", "/", ".", "x", "-", "+")[number], "size": 5},
                },
                customdata=[_stage_hover(here.get(level), cost) for level in levels],
                hovertemplate=f"<b>{column.title}</b> at %{{x}}<br>%{{customdata}}<extra></extra>",
            )
        )
    figure.update_xaxes(title="Map, as a part of the input's height", type="category")
    figure.update_yaxes(title=_cost_title(cost), **style.PREFIXES)
    return figure


def stage_rows(columns: Sequence[Totals]) -> list[Row]:
    """The numbers of `stages`, for every cost."""
    return [
        {
            "model": column.title,
            "stage": title(stage.level),
            "maps": sizes(stage),
            "channels": stage.channels,
            "rows": stage.layers,
            "parameters": stage.params,
            "MACs": stage.macs,
            "activation bytes": stage.activation_bytes,
            "sees, px": stage.reach,
        }
        for column in columns
        for stage in column.stages
    ]


def growth(anatomies: Sequence[Anatomy], along: Along = "depth") -> go.Figure:
    """Receptive field along convolutions against depth or stride, a line a network."""
    figure = style.blank(400, hovermode="closest")
    for number, anatomy in enumerate(anatomies):
        points = growth_points(anatomy)
        figure.add_trace(
            go.Scatter(
                name=anatomy.title,
                x=[point[0] if along == "depth" else point[1] for point in points],
                y=[point[2] for point in points],
                mode="lines+markers",
                line={"color": style.PALETTE[number], "width": 2, "dash": DASHES[number]},
                marker={"symbol": style.SYMBOLS[number], "size": 7},
                customdata=[point[3] for point in points],
                hovertemplate="%{y:,} px at %{customdata}<extra>" + anatomy.title + "</extra>",
            )
        )
    sides = {max(anatomy.input_shapes[0][-2:]) for anatomy in anatomies}
    for side in sorted(sides):
        figure.add_hline(
            y=side,
            line={"dash": "dash", "width": 1.3, "color": style.OTHER},
            annotation={"text": f"input, {side} px", "font": {"color": style.OTHER}},
            annotation_position="bottom right",
        )
    if along == "depth":
        figure.update_xaxes(title="Layers with weights so far, in the order they run")
    else:
        figure.update_xaxes(title="Effective stride, px", type="log", dtick=0.30103)
    figure.update_yaxes(title="Receptive field, px", rangemode="tozero")
    return figure


def growth_points(anatomy: Anatomy) -> list[tuple[int, float, int, str]]:
    """(layers with weights so far, stride, field, name) wherever what is seen grows."""
    found: list[tuple[int, float, int, str]] = []
    deep, reach = 0, 0
    for layer in anatomy.layers:
        deep += bool(layer.ran and layer.params and word(layer))
        seen, step = extent(layer), _stride(layer)
        if layer.ran and seen is not None and step is not None and seen > reach:
            reach = seen
            found.append((deep, step, seen, layer.name))
    return found


def growth_rows(anatomies: Sequence[Anatomy]) -> list[Row]:
    """The numbers of `growth`."""
    return [
        {"model": a.title, "layer": name, "depth": deep, "stride": step, "field, px": seen}
        for a in anatomies
        for deep, step, seen, name in growth_points(a)
    ]


def _stride(layer: Layer) -> float | None:
    field = layer.receptive_field
    if field.status is Status.WHOLE_INPUT and field.convolutional is not None:
        field = field.convolutional
    return max((each for each in field.stride[-2:] if each is not None), default=None)


def maps(anatomies: Sequence[Anatomy]) -> go.Figure:
    """Channels against height of the maps, a line a network from the input on."""
    figure = style.blank(400, hovermode="closest")
    for number, anatomy in enumerate(anatomies):
        rows = [row for row in map_rows([anatomy]) if row["height"] > 0]
        figure.add_trace(
            go.Scatter(
                name=anatomy.title,
                x=[row["height"] for row in rows],
                y=[row["channels"] for row in rows],
                mode="lines+markers",
                line={"color": style.PALETTE[number], "width": 2, "dash": DASHES[number]},
                marker={"symbol": style.SYMBOLS[number], "size": 8},
                customdata=[row["layer"] for row in rows],
                hovertemplate="%{x} high, %{y} channels at %{customdata}<extra>"
                + anatomy.title
                + "</extra>",
            )
        )
    figure.update_xaxes(
        title="Height of the map, px", type="log", autorange="reversed", dtick=0.30103
    )
    figure.update_yaxes(title="Channels", type="log", dtick=0.30103)
    return figure


def map_rows(anatomies: Sequence[Anatomy]) -> list[Row]:
    """The numbers of `maps`: the last map of each height, until maps are enlarged again."""
    rows: list[Row] = []
    for anatomy in anatomies:
        shape = anatomy.input_shapes[0]
        last = {shape[-2]: ("input", shape[-1], shape[-3])}
        for grid in grids(anatomy):
            if grid.height <= min(last):
                last[grid.height] = (grid.layer.name, grid.width, grid.channels)
        rows += [
            {"model": anatomy.title, "layer": n, "height": h, "width": w, "channels": c}
            for h, (n, w, c) in sorted(last.items(), reverse=True)
        ]
    return rows


def _cost(stage: Stage, cost: Cost) -> int:
    if cost == "MACs":
        return stage.macs
    return stage.params if cost == "parameters" else stage.activation_bytes


def _cost_title(cost: Cost) -> str:
    return {"MACs": "MACs", "parameters": "Parameters", "activations": "Activations, bytes"}[cost]


def _stage_hover(stage: Stage | None, cost: Cost) -> str:
    if stage is None:
        return ""
    value = _cost(stage, cost)
    written = units.memory(value) if cost == "activations" else units.short(value)
    wide = f", {stage.channels:,} channels" if stage.channels else ""
    return f"{written} {'' if cost == 'activations' else cost}<br>{sizes(stage)}{wide}"
