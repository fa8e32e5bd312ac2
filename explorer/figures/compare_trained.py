"""Nets trained under one recipe: accuracy against cost, nets of one idea joined by a line."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer import units
from explorer.compare.trained import AXES, KINDS, cost
from explorer.figures import style
from explorer.figures.zoo import NAMED

if TYPE_CHECKING:
    from explorer.compare.records import Profile
    from explorer.compare.trained import Net

PLACES = ("top center", "bottom center")
"""Where the names of every other idea stand, so that fewer lie on one another."""
_FREE = [place for place, family in enumerate(NAMED) if family not in KINDS]
_COLOURS = {
    kind: NAMED.index(kind) if kind in NAMED else _FREE.pop(0) for kind in KINDS
}  # as families have in the map of the zoo


def accuracy(
    nets: Sequence[Net],
    across: str,
    profiles: Sequence[Profile] = (),
    *,
    marked: Collection[str] = (),
) -> go.Figure:
    """Test accuracy in % with its interval against a cost (log axis), a colour and symbol an idea.

    Nets whose cost is not known are left out. `marked` ones have a ring. Every point carries its
    model's name as `customdata`.
    """
    axis = AXES[across]
    figure = style.blank(540, hovermode="closest")
    known = [(net, x) for net in nets if (x := cost(net, across, profiles)) is not None]
    for kind in KINDS:
        points = [(net, x) for net, x in known if net.kind == kind]
        if points:
            figure.add_trace(_line(kind, points, across))
    compared = [(net, x) for net, x in known if net.name in marked]
    names, across_them = [net.name for net, _ in compared], [x for _, x in compared]
    style.ring(figure, names, across_them, [net.top1 for net, _ in compared])
    figure.update_xaxes(title=axis.title, type="log", **_ticks([x for _, x in known], axis.unit))
    figure.update_yaxes(title="Accuracy on all test pictures, %")
    return figure


def _ticks(values: Sequence[float], unit: str) -> dict[str, Any]:
    """Numbers that people would choose: of each decade 1, 2 and 5, more where values lie close."""
    decades = sorted({math.floor(math.log10(value)) for value in values if value > 0})
    near = range(decades[0] - 1, decades[-1] + 2) if decades else ()
    digits = (1, 2, 5) if values and max(values) > 10 * min(values) else (1, 2, 3, 5, 7)
    ticks = [digit * 10.0**power for power in near for digit in digits]
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [_written(tick, unit) for tick in ticks],
    }


def _written(tick: float, unit: str) -> str:
    """A round number with its unit, or in thousands and millions."""
    if unit:
        return f"{tick:g} {unit}"
    size, prefix = next(each for each in ((1e6, " M"), (1e3, " k"), (0.0, "")) if tick >= each[0])
    return f"{tick / (size or 1):g}{prefix}"


def _line(kind: str, points: Sequence[tuple[Net, float]], across: str) -> go.Scatter:
    number = _COLOURS[kind]
    above = PLACES[list(KINDS).index(kind) % len(PLACES)]
    return go.Scatter(
        name=kind,
        x=[x for _, x in points],
        y=[net.top1 for net, _ in points],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [net.high - net.top1 for net, _ in points],
            "arrayminus": [net.top1 - net.low for net, _ in points],
            "thickness": 1.2,
            "width": 3,
        },
        mode="lines+markers+text",
        line={"color": style.PALETTE[number], "width": 1.6},
        marker={"symbol": style.SYMBOLS[number], "size": 11},
        text=[net.title.removeprefix(kind).strip(" -,") or kind for net, _ in points],
        textposition=above,
        textfont={"size": 11},
        customdata=[net.name for net, _ in points],
        hovertext=[_hover(net, x, across) for net, x in points],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(net: Net, x: float, across: str) -> str:
    lines = [
        f"<b>{net.title}</b>, input {units.shape((net.side, net.side))}",
        f"{net.top1:.2f} % of the test pictures ({net.low:.1f} to {net.high:.1f} %)",
        f"{net.train_top1:.2f} % while learning, in {net.epochs:g} epochs",
        f"{units.short(net.params)} parameters · {units.cost(net.macs)}",
    ]
    if AXES[across].unit:
        lines.append(f"{units.duration(x / 1e3)} a picture, {AXES[across].title.lower()}")
    return "<br>".join(lines)
