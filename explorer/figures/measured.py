"""Measured time beside counted cost, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Measurement
    from explorer.anatomy.records import Anatomy

Row = dict[str, Any]


def blocks(done: Measurement, anatomy: Anatomy) -> go.Figure:
    """Each block's share of the time beside its share of the MACs, in the order they ran."""
    rows = block_rows(done, anatomy)[:-1]
    figure = style.blank(max(240, 110 + 30 * len(rows)), barmode="group", bargap=0.25)
    kinds = (
        ("share of the measured time", "time %", style.PARAMS, "milliseconds", " ms"),
        ("share of the counted MACs", "MACs %", style.MACS, "MACs", " MACs"),
    )
    for title, share, color, amount, ending in kinds:
        figure.add_trace(
            go.Bar(
                y=[row["block"] for row in rows],
                x=[row[share] for row in rows],
                name=title,
                orientation="h",
                marker={"color": color, "line": {"width": 0}},
                customdata=[_written(row[amount]) + ending for row in rows],
                hovertemplate="%{y}: %{x:.1f} %, %{customdata}<extra></extra>",
            )
        )
    figure.update_xaxes(title="Per cent of the whole", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR, type="category")
    return figure


def block_rows(done: Measurement, anatomy: Anatomy) -> list[Row]:
    """The numbers of `blocks`, with what ran outside them as the last row."""
    macs = [_macs_below(anatomy, block.path) for block in done.times.blocks]
    rows = [
        _row(done, block.path or "(the network)", block.milliseconds, count)
        | {"kind": block.kind, "calls": block.calls, "parameters": block.params}
        for block, count in zip(done.times.blocks, macs, strict=True)
    ]
    rest = _row(done, "outside the blocks", done.times.remainder_ms, anatomy.macs - sum(macs))
    return [*rows, rest]


def _row(done: Measurement, name: str, milliseconds: float, macs: int) -> Row:
    return {
        "block": name,
        "milliseconds": milliseconds,
        "time %": 100 * milliseconds / done.times.whole_ms if done.times.whole_ms else 0.0,
        "MACs": macs,
        "MACs %": 100 * macs / done.macs if done.macs else 0.0,
    }


def _macs_below(anatomy: Anatomy, path: str) -> int:
    """Multiply-adds of all layers in a module."""
    inside = f"{path}."
    return sum(
        layer.macs or 0
        for layer in anatomy.layers
        if not path or layer.path == path or layer.path.startswith(inside)
    )


def _written(number: float) -> str:
    return f"{number:.3g}" if number < 1000 else units.short(number)
