"""Receptive fields along a network: how far a unit could see, and how far it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.figures import style
from explorer.vision.spreads import sides

if TYPE_CHECKING:
    from explorer.vision.field_records import FieldGrowth, FieldRow, TheoreticalField

Row = dict[str, Any]

THEORY, EFFECT, BESIDE = style.PALETTE[0], style.PALETTE[1], style.OTHER
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
LONGEST = 16
"""Letters of a name below the axis."""
_HOVER = "%{x}<br>%{y:,.0f} pixels<extra>%{fullData.name}</extra>"


def growth(
    rows: Sequence[FieldRow],
    point: tuple[float, float],
    *,
    measured: Sequence[FieldGrowth] = (),
    chosen: str = "",
) -> go.Figure:
    """Draw the sides of the fields around a point of the input, row by row.

    The theoretical side is always there; each of `measured` (trained, then random weights) adds
    the side of the square with 95 % of its mass. The input's side is a line across.
    """
    figure = style.blank(360, hovermode="x unified")
    names = [row.name for row in rows]
    theories = [row.theoretical(*row.nearest(*point)) for row in rows]
    _line(figure, names, [_side(each) for each in theories], "theoretical", THEORY)
    if any(each.whole for each in theories):
        local = [_convolutional(each) for each in theories]
        _line(figure, names, local, "along convolutions alone", THEORY, dash="dot")
    for number, each in enumerate(measured):
        label = "effective (95 % of the mass)" + (", random weights" if each.use.random else "")
        color, dash = (EFFECT, "solid") if number == 0 else (BESIDE, "dash")
        _line(figure, names, _effective(each, names), label, color, dash=dash)
    side = max(rows[0].pixels)
    _line(figure, names, [side] * len(names), f"the input, {side} pixels", BESIDE, dash="dot")
    if chosen in names:
        figure.add_vline(x=names.index(chosen), line={"color": style.OTHER, "width": 1})
    figure.update_xaxes(
        type="category", showgrid=False, tickangle=-40, tickvals=names,
        ticktext=[_short(name) for name in names],
    )  # fmt: skip
    figure.update_yaxes(
        type="log", tickvals=TICKS, ticktext=[f"{each:,}" for each in TICKS],
        title="Side in pixels of the input",
    )  # fmt: skip
    return figure


def growth_rows(
    rows: Sequence[FieldRow],
    point: tuple[float, float],
    measured: Sequence[FieldGrowth] = (),
) -> list[Row]:
    """The numbers of `growth`, with the shares that the picture's sentences tell."""
    found = []
    for row in rows:
        y, x = row.nearest(*point)
        theory = row.theoretical(y, x)
        line: Row = {
            "layer": row.name,
            "kind": row.kind,
            "unit": f"{y}, {x}",
            "field": theory.status.value,
            "theoretical side": _side(theory),
            "along convolutions": _convolutional(theory),
        }
        for each in measured:
            field = each.at(row.name)
            words = each.use.weights_title
            if field is not None:
                line |= {
                    f"95 % side, {words}": field.spread.side_95,
                    f"68 % side, {words}": field.spread.side_68,
                    f"share in the box, {words}": field.spread.inside,
                    f"share in its middle, {words}": field.spread.centre,
                }
        found.append(line)
    return found


def _line(
    figure: go.Figure,
    names: Sequence[str],
    values: Sequence[float | None],
    label: str,
    color: str,
    *,
    dash: str = "solid",
) -> None:
    plain = dash == "solid"
    figure.add_trace(
        go.Scatter(
            x=names,
            y=values,
            name=label,
            mode="lines+markers" if plain else "lines",
            line={"color": color, "width": 2.5 if plain else 1.8, "dash": dash},
            marker={"size": 7},
            hovertemplate=_HOVER,
        )
    )


def _effective(growth: FieldGrowth, names: Sequence[str]) -> list[float | None]:
    fields = [growth.at(name) for name in names]
    return [None if each is None else each.spread.side_95 for each in fields]


def _side(theory: TheoreticalField) -> float | None:
    found = theory.sides
    return max(found) if found is not None else None


def _convolutional(theory: TheoreticalField) -> float | None:
    """The side of what is seen along convolutions; that of the box where they are all there is."""
    box = theory.convolutional or theory.unclipped
    return None if box is None else max(sides(box))


def _short(name: str) -> str:
    """The end of a long name: what tells it from its neighbours."""
    return name if len(name) <= LONGEST else f"…{name[-LONGEST + 1 :]}"
