"""The zoo as a map between two figures of its models, with the front of the best."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.compare.zoo_map import AXES, top1
from explorer.figures import style
from explorer.figures.zoo import NAMED

if TYPE_CHECKING:
    from explorer.compare.zoo_map import Axis, Map, Point

Row = dict[str, Any]


PLACES = ("top left", "bottom right", "top center", "bottom center")
"""Where names stand by turns, so that those of neighbours do not lie on one another."""


def zoo(
    found: Map, across: str, up: str, *, marked: Collection[str] = (), told: Collection[str] = ()
) -> go.Figure:
    """Every model as a point, one colour and symbol a family; the front is a stepped line.

    `marked` models have a ring and their name; of those that answer a question, `told`, the first
    few are named too. Every point carries its model's name as `customdata`.
    """
    first, second = AXES[across], AXES[up]
    figure = style.blank(520, hovermode="closest")
    if found.front:
        _front(figure, found.front, first)
    named = {*marked, *list(told)[:3]}
    if not told:
        named |= {point.card.name for point in found.front[:: max(1, len(found.front) // 7)]}
    for family, points in _by_group(found.points):
        figure.add_trace(_points(family, points, first, second, named))
    compared = [point for point in found.points if point.card.name in marked]
    names = [point.card.name for point in compared]
    style.ring(figure, names, [point.x for point in compared], [point.y for point in compared])
    figure.update_xaxes(title=_title(first), **_scale(first, [p.x for p in found.points]))
    figure.update_yaxes(title=_title(second), **_scale(second, [p.y for p in found.points]))
    return figure


def rows(found: Map, across: str, up: str) -> list[Row]:
    """The numbers of `zoo`, from the left."""
    return [
        {
            "name": point.card.name,
            "model": point.card.title,
            "family": point.card.family,
            "year": point.card.year,
            AXES[across].short: point.x,
            AXES[up].short: point.y,
            "weights": point.card.default_weights.name if point.card.default_weights else None,
            "on the front": point.best,
        }
        for point in sorted(found.points, key=lambda point: point.x)
    ]


def _title(axis: Axis) -> str:
    return f"{axis.title}, %" if axis.key == "top1" else axis.title


def _scale(axis: Axis, values: Sequence[float]) -> dict[str, Any]:
    """Decades where figures span them, written as people say them."""
    if not axis.logarithmic:
        return {"tickformat": "d"} if axis.key == "year" else {}
    units = {"activations": "B", "file": "B", "field": " px", "time": " ms"}
    return {
        "type": "log",
        "ticksuffix": units.get(axis.key, ""),
        "minor": {"showgrid": True, "gridcolor": style.FINE_GRID},
        "dtick": "D2" if values and max(values) < 40 * min(values) else 1,
        **style.PREFIXES,
    }


def _front(figure: go.Figure, front: Sequence[Point], axis: Axis) -> None:
    """A step is what can be had for at most so much."""
    shape = "hv" if axis.better == "less" else "vh"
    figure.add_trace(
        go.Scatter(
            name="Pareto front",
            x=[point.x for point in front],
            y=[point.y for point in front],
            mode="lines",
            line={"shape": shape, "color": style.OTHER, "width": 1.8, "dash": "dot"},
            hoverinfo="skip",
        )
    )


def _by_group(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    named = [(name, [p for p in points if p.card.family == name]) for name in NAMED]
    others = [point for point in points if point.card.family not in NAMED]
    return [(name, members) for name, members in [("others", others), *named] if members]


def _points(
    family: str, points: Sequence[Point], first: Axis, second: Axis, named: Collection[str]
) -> go.Scatter:
    known = family in NAMED
    number = NAMED.index(family) if known else 0
    return go.Scatter(
        name=family,
        x=[point.x for point in points],
        y=[point.y for point in points],
        mode="markers+text",
        marker={
            "color": style.PALETTE[number] if known else style.OTHER,
            "symbol": style.SYMBOLS[number] if known else "circle-open",
            "size": 11 if known else 9,
            "opacity": 0.95 if known else 0.75,
        },
        legendrank=1000 if known else 2000,
        text=[point.card.title if point.card.name in named else "" for point in points],
        textposition=[PLACES[place % len(PLACES)] for place in range(len(points))],
        textfont={"size": 11},
        customdata=[point.card.name for point in points],
        hovertext=[_hover(point, first, second) for point in points],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(point: Point, first: Axis, second: Axis) -> str:
    card = point.card
    said = "<br>".join(
        f"{axis.title}: {axis.write(value)}"
        for axis, value in ((first, point.x), (second, point.y))
    )
    weights = card.default_weights
    reached = top1(card)
    whose = f"<br>top-1 {reached:.2f} % ({weights.name})" if weights and reached else ""
    best = "<br>on the Pareto front" if point.best else ""
    return f"<b>{card.title}</b> · {card.family} {card.year}<br>{said}{whose}{best}"
