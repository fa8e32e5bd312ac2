"""Optimisers on surfaces: their losses by step, the landscape to turn, the rates they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures import style
from explorer.training import terrain

if TYPE_CHECKING:
    from explorer.training.paths_records import Path, Paths, Sweep
    from explorer.training.surfaces import Surface

Row = dict[str, Any]

TITLES: Mapping[str, str] = {
    "sgd": "SGD",
    "momentum": "Momentum",
    "nesterov": "Nesterov",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "radam": "RAdam",
    "adamp": "AdamP",
}
_ORDER = (
    "adam", "momentum", "rmsprop", "sgd", "nesterov", "adagrad", "adamw", "adadelta", "radam",
)  # fmt: skip
"""The ones most often seen together have the colours that differ most."""
_DASHES = ("solid", "dash", "dot", "dashdot")
_EVERY = 2
"""The landscape has every other place of the terrain's grid: enough to turn it smoothly."""


def colour(optimiser: str) -> str:
    """An optimiser's colour, the same in every picture."""
    return dict(zip(_ORDER, style.PALETTE, strict=True)).get(optimiser, style.OTHER)


def losses(ways: Paths, surface: Surface, goal: float) -> go.Figure:
    """How far above the lowest loss each optimiser is after each step, on a logarithmic axis.

    A loss that equals the lowest to the last digit has no place there: the line has a gap.
    """
    figure = style.blank(380, hovermode="x unified")
    for number, path in enumerate(ways.paths):
        above = path.losses - surface.least
        figure.add_trace(
            go.Scatter(
                x=list(range(len(above))),
                y=[each if each > 0 else None for each in above.tolist()],
                name=TITLES[path.optimiser],
                mode="lines",
                line={"color": colour(path.optimiser), "width": 2,
                      "dash": _DASHES[number % len(_DASHES)]},
                hovertemplate="%{y:.3g}",
            )
        )  # fmt: skip
    figure.add_hline(
        goal - surface.least, line={"color": style.OTHER, "dash": "dot", "width": 1.5},
        annotation={"text": "goal", "font": {"color": style.OTHER}},
    )  # fmt: skip
    figure.update_xaxes(title="Step")
    figure.update_yaxes(title="Loss above the minimum", type="log", exponentformat="power")
    return figure


def loss_rows(ways: Paths) -> list[Row]:
    """Place and exact loss of every optimiser after every step."""
    return [
        {
            "step": step,
            "optimiser": TITLES[path.optimiser],
            "x": float(path.positions[step, 0]),
            "y": float(path.positions[step, 1]),
            "loss": float(path.losses[step]),
            "gradient by x": float(path.gradients[step, 0]),
            "gradient by y": float(path.gradients[step, 1]),
            **_memory(path, step),
        }
        for path in ways.paths
        for step in range(path.steps + 1)
    ]


def _memory(path: Path, step: int) -> Row:
    return {
        f"{each.name} {axis}": float(each.values[step, place])
        for each in path.state
        for place, axis in enumerate("xy")
    }


def landscape(ways: Paths, surface: Surface) -> go.Figure:
    """The surface in three dimensions with the ways on it, as far as they stay in its window.

    Heights are those of `explorer.training.terrain`; the true losses stand in the hover text.
    """
    made = terrain.terrain(surface.key)
    xs = np.linspace(surface.low[0], surface.high[0], terrain.COLUMNS)[::_EVERY]
    ys = np.linspace(surface.low[1], surface.high[1], terrain.ROWS)[::_EVERY]
    figure = style.blank(560)
    figure.add_trace(
        go.Surface(
            x=xs, y=ys, z=made.heights[::_EVERY, ::_EVERY], showscale=False, opacity=0.9,
            colorscale=[[0, "#eef1f4"], [1, "#7f93a8"]], hoverinfo="skip",
            contours={"z": {"show": True, "start": 0, "end": 1, "size": 1 / 14,
                            "color": "rgba(40,50,60,0.4)"}},
        )
    )  # fmt: skip
    for path in ways.paths:
        figure.add_trace(_line(path, surface, made))
    figure.update_scenes(
        xaxis_title="x", yaxis_title="y", zaxis={"title": "loss, bent", "showticklabels": False},
        aspectratio={"x": 1.4, "y": 1.05, "z": 0.7},
        camera={"eye": {"x": 0.9, "y": -1.5, "z": 0.9}},
    )  # fmt: skip
    return figure


def _line(path: Path, surface: Surface, made: terrain.Terrain) -> go.Scatter3d:
    inside = [surface.inside(*place) for place in path.positions.tolist()]
    places = np.where(np.array(inside)[:, None], path.positions, np.nan)
    return go.Scatter3d(
        x=places[:, 0],
        y=places[:, 1],
        z=made.height(path.losses) + 0.012,  # not half sunk into the surface
        name=TITLES[path.optimiser],
        mode="lines+markers",
        line={"color": colour(path.optimiser), "width": 5},
        marker={"size": 2.5, "color": colour(path.optimiser)},
        customdata=path.losses,
        hovertemplate="(%{x:.3g}, %{y:.3g}), loss %{customdata:.4g}",
    )


def rates(swept: Sweep) -> go.Figure:
    """Steps that each optimiser needs to the goal, by its learning rate; a gap: it never came."""
    figure = style.blank(380, hovermode="closest")
    for number, (optimiser, row) in enumerate(zip(swept.optimisers, swept.steps, strict=True)):
        figure.add_trace(
            go.Scatter(
                x=swept.rates,
                y=row,
                name=TITLES[optimiser],
                mode="lines+markers",
                line={"color": colour(optimiser), "width": 2,
                      "dash": _DASHES[number % len(_DASHES)]},
                marker={"symbol": style.SYMBOLS[number % len(style.SYMBOLS)], "size": 7},
                hovertemplate="learning rate %{x:.3g}: %{y} steps",
            )
        )  # fmt: skip
    figure.update_xaxes(title="Learning rate", type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title="Steps to the goal", rangemode="tozero")
    return figure


def rate_rows(swept: Sweep) -> list[Row]:
    """The numbers of `rates`; what never came to the goal is said so."""
    return [
        {"learning rate": rate, **_steps(swept.optimisers, [row[place] for row in swept.steps])}
        for place, rate in enumerate(swept.rates)
    ]


def _steps(optimisers: Sequence[str], row: Sequence[int | None]) -> Row:
    return {
        TITLES[optimiser]: "never" if steps is None else str(steps)
        for optimiser, steps in zip(optimisers, row, strict=True)
    }
