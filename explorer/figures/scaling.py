"""A whole network made deeper, wider and sharper: what it costs, and where B0 to B7 stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

Row = dict[str, Any]

_TICKS = [digit * 10**power for power in range(4) for digit in (1, 2, 5)]


@dataclass(frozen=True, slots=True)
class Standing:
    """A network of the family as its card has it; `top1` in per cent, by `weights`."""

    title: str
    macs: int
    params: int
    resolution: int
    top1: float
    weights: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Multiply-adds by phi: as the rule promises, and counted of the networks."""

    phi: tuple[float, ...]
    promised: tuple[float, ...]
    counted: tuple[float, ...]
    here: float


def family(known: Sequence[Standing], macs: int) -> go.Figure:
    """Published accuracy of B0 to B7 against multiply-adds; a line where this network stands."""
    figure = style.blank(360, hovermode="closest")
    figure.add_trace(
        go.Scatter(
            x=[each.macs for each in known],
            y=[each.top1 for each in known],
            text=[each.title for each in known],
            mode="lines+markers+text",
            textposition="bottom right",
            line={"color": style.PALETTE[0], "width": 1.5},
            marker={"size": 10},
            showlegend=False,
            customdata=[
                f"{units.cost(each.macs)}, {units.short(each.params)} parameters, "
                f"{each.resolution} px, {each.weights}"
                for each in known
            ],
            hovertemplate="<b>%{text}</b> %{y:.2f} %<br>%{customdata}<extra></extra>",
        )
    )
    figure.add_vline(
        macs, line={"color": style.MACS, "dash": "dot", "width": 2},
        annotation={"text": "this network", "font": {"color": style.MACS}},
        annotation_position="bottom right",
    )  # fmt: skip
    figure.update_xaxes(
        title="Multiply-adds for one picture", type="log", **style.PREFIXES,
        tickvals=[each * 10**8 for each in _TICKS],
    )  # fmt: skip
    figure.update_yaxes(title="Top-1 accuracy, %")
    return figure


def family_rows(known: Sequence[Standing]) -> list[Row]:
    """The numbers of `family`."""
    return [
        {
            "network": each.title,
            "MACs": each.macs,
            "parameters": each.params,
            "pixels": each.resolution,
            "top-1 %": each.top1,
            "weights": each.weights,
        }
        for each in known
    ]


def budget(drawn: Budget) -> go.Figure:
    """By how much phi multiplies the cost: the rule as a line, the networks as dots."""
    figure = style.blank(360, hovermode="closest")
    figure.add_trace(
        go.Scatter(x=drawn.phi, y=drawn.promised, mode="lines", name="(α · β² · γ²)^φ",
                   line={"color": style.PALETTE[1], "width": 2})
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=drawn.phi, y=drawn.counted, mode="markers", name="the networks, counted",
            marker={"color": style.PALETTE[0], "size": 8},
            hovertemplate="φ %{x}: %{y:.3g} times B0<extra></extra>",
        )
    )  # fmt: skip
    figure.add_vline(drawn.here, line={"color": style.OTHER, "dash": "dot", "width": 1.5})
    figure.update_xaxes(title="φ")
    figure.update_yaxes(
        title="Times the multiply-adds of B0",
        type="log",
        tickvals=[1, 2, 5, 10, 20, 50, 100, 200, 500],
    )
    return figure


def budget_rows(drawn: Budget) -> list[Row]:
    """The numbers of `budget`."""
    return [
        {"phi": phi, "promised": promised, "counted": counted}
        for phi, promised, counted in zip(drawn.phi, drawn.promised, drawn.counted, strict=True)
    ]
