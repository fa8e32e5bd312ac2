"""Designs against each other: costs as bars and curves, and their measured time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style
from explorer.figures.cost_lab_inside import (
    block,
    block_rows,
    growth,
    growth_rows,
    share_rows,
    shares,
)

if TYPE_CHECKING:
    from explorer.blocks.lab_records import Counted, Curve, Lab, Line, Point, Timing

__all__ = (
    "bar_rows", "bars", "block", "block_rows", "curve", "curve_rows", "growth", "growth_rows",
    "share_rows", "shares", "time_rows", "times",
)  # fmt: skip

Row = dict[str, Any]
Quantity: TypeAlias = Literal["weights", "MACs", "memory"]

TITLES: dict[Quantity, str] = {
    "weights": "Parameters",
    "MACs": "Multiply-adds",
    "memory": "Activations",
}
_FAR = 30
"""Times between smallest and largest value from which an axis is logarithmic."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What a curve is drawn of: designs' titles by key, the knob's title and where it stands."""

    designs: Mapping[str, str]
    knob: str
    quantity: Quantity
    relative: bool
    here: float


def bars(lab: Lab) -> go.Figure:
    """Parameters, multiply-adds and activations of each design, the first one's being 100 %."""
    rows = bar_rows(lab)
    figure = style.blank(130 + 3 * (24 + 22 * len(lab.designs)), barmode="group", bargap=0.28)
    for number, design in enumerate(lab.designs):
        own = [row for row in rows if row["design"] == design.title]
        figure.add_trace(
            go.Bar(
                y=[row["quantity"] for row in own],
                x=[row["% of the first"] for row in own],
                name=design.title,
                orientation="h",
                marker={"color": style.PALETTE[number], "line": {"width": 0}},
                text=[share(row["% of the first"]) for row in own],
                textposition="outside",
                cliponaxis=False,
                customdata=[f"{row['number']:,} {row['unit']}" for row in own],
                hovertemplate=f"<b>{design.title}</b><br>%{{y}}: %{{customdata}}<extra></extra>",
            )
        )
    largest = max(row["% of the first"] for row in rows)
    figure.update_xaxes(title="Per cent of the first design", range=[0, 1.16 * largest])
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR)
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


def bar_rows(lab: Lab) -> list[Row]:
    """The numbers of `bars`."""
    first = lab.designs[0]
    return [
        {
            "design": design.title,
            "quantity": title,
            "number": _of(design, quantity),
            "unit": "bytes" if quantity == "memory" else "",
            "% of the first": 100 * _of(design, quantity) / max(1, _of(first, quantity)),
        }
        for design in lab.designs
        for quantity, title in TITLES.items()
    ]


def share(percent: float) -> str:
    """Per cent to three digits; from ten times the first on, so many times: "24,586 ×"."""
    return f"{percent / 100:,.0f} ×" if percent >= 1000 else f"{percent:.3g} %"


def _of(counted: Counted | Point, quantity: Quantity) -> int:
    amounts = {
        "weights": counted.params,
        "MACs": counted.macs,
        "memory": counted.activation_bytes,
    }
    return amounts[quantity]


def curve(counted: Curve, lines: Sequence[Line], drawn: Curves) -> go.Figure:
    """One quantity of every design along a knob: lines by formula, dots from real modules.

    With `relative`, as a share of the first design at the same value. A line where the knob
    stands marks the setting.
    """
    figure = style.blank(360, hovermode="closest")
    dots = _dots(counted, drawn)
    for number, (key, title) in enumerate(drawn.designs.items()):
        colour = style.PALETTE[number]
        xs, ys = _line(lines, key, drawn) if drawn.quantity != "memory" else dots.get(key, ((), ()))
        trace = {"legendgroup": key, "name": title}
        figure.add_trace(
            go.Scatter(x=xs, y=ys, mode="lines", line={"color": colour, "width": 2},
                       hoverinfo="skip", **trace)
        )  # fmt: skip
        xs, ys = dots.get(key, ((), ()))
        figure.add_trace(
            go.Scatter(
                x=xs, y=ys, mode="markers", showlegend=False, **trace,
                marker={"color": colour, "symbol": style.SYMBOLS[number], "size": 8},
                hovertemplate=f"<b>{title}</b><br>{drawn.knob} %{{x}}: %{{y:,.4g}}<extra></extra>",
            )
        )  # fmt: skip
    figure.add_vline(drawn.here, line={"color": style.OTHER, "dash": "dot", "width": 1.5})
    figure.update_xaxes(title=drawn.knob, **_axis([point.value for point in counted.points]))
    heights = [y for _, ys in dots.values() for y in ys if y]
    if drawn.relative:
        figure.update_yaxes(title="Share of the first", tickformat=".3~%", rangemode="tozero",
                            **_axis(heights))  # fmt: skip
    else:
        suffix = {"ticksuffix": "B"} if drawn.quantity == "memory" else {}
        figure.update_yaxes(
            title=TITLES[drawn.quantity], **style.PREFIXES, **suffix, **_axis(heights)
        )
    return figure


def _axis(found: Sequence[float]) -> dict[str, Any]:
    """A logarithmic axis with a few ticks where the values lie far apart."""
    positive = [each for each in found if each > 0]
    if not positive or max(positive) < _FAR * min(positive):
        return {}
    near = max(positive) < 10 * _FAR * min(positive)
    digits = (1, 2, 5) if near else (1,)
    return {
        "type": "log",
        "tickvals": [digit * 10**power for power in range(-6, 18) for digit in digits],
    }


def _dots(counted: Curve, drawn: Curves) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Where the real modules stand, by design; by the first design's if that is wanted."""
    first = next(iter(drawn.designs))
    whole = {
        point.value: _of(point, drawn.quantity) for point in counted.points if point.design == first
    }
    found: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
    for key in drawn.designs:
        own = [point for point in counted.points if point.design == key]
        own = [point for point in own if not drawn.relative or whole.get(point.value)]
        ys = [
            _of(point, drawn.quantity) / (whole[point.value] if drawn.relative else 1)
            for point in own
        ]
        found[key] = tuple(float(point.value) for point in own), tuple(ys)
    return found


def _line(
    lines: Sequence[Line], key: str, drawn: Curves
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A design's formula along the knob."""
    first = next(iter(drawn.designs))
    by_key = {line.design: _amounts(line, drawn.quantity) for line in lines}
    own, whole = by_key.get(key, {}), by_key.get(first, {})
    if drawn.relative:
        own = {value: amount / whole[value] for value, amount in own.items() if value in whole}
    return tuple(own), tuple(own.values())


def _amounts(line: Line, quantity: Quantity) -> dict[float, float]:
    return dict(zip(line.values, line.macs if quantity == "MACs" else line.params, strict=True))


def curve_rows(counted: Curve, titles: Mapping[str, str]) -> list[Row]:
    """The counted points of `curve`."""
    return [
        {
            counted.knob: point.value,
            "design": titles.get(point.design, point.design),
            "parameters": point.params,
            "MACs": point.macs,
            "activation bytes": point.activation_bytes,
        }
        for point in counted.points
    ]


def times(lab: Lab, done: Timing) -> go.Figure:
    """Each design's time beside its multiply-adds, both by the first design's."""
    rows = time_rows(lab, done)
    names = [row["design"] for row in rows]
    figure = style.blank(110 + 58 * len(rows), barmode="group", bargap=0.3)
    for title, column, colour in (
        ("multiply-adds", "MACs %", style.MACS),
        ("measured time", "time %", style.PARAMS),
    ):
        spread = {
            "type": "data",
            "symmetric": False,
            "array": [row["upper %"] - row["time %"] for row in rows],
            "arrayminus": [row["time %"] - row["lower %"] for row in rows],
            "color": style.OTHER,
            "thickness": 1.2,
        }
        figure.add_trace(
            go.Bar(
                y=names,
                x=[row[column] for row in rows],
                name=title,
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                error_x=spread if column == "time %" else None,
                hovertemplate=f"%{{y}}: {title} %{{x:.3g}} %<extra></extra>",
            )
        )
    figure.update_xaxes(title="Per cent of the first design", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR)
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


def time_rows(lab: Lab, done: Timing) -> list[Row]:
    """The numbers of `times`."""
    first, whole = done.designs[0].milliseconds, max(1, lab.designs[0].macs)
    return [
        {
            "design": design.title,
            "milliseconds": timed.milliseconds,
            "runs": timed.runs,
            "MACs": design.macs,
            "MACs %": 100 * design.macs / whole,
            "time %": 100 * timed.milliseconds / first,
            "lower %": 100 * timed.lower_ms / first,
            "upper %": 100 * timed.upper_ms / first,
            "MACs per second": units.short(1e3 * done.batch * design.macs / timed.milliseconds),
        }
        for design, timed in zip(lab.designs, done.designs, strict=True)
    ]
