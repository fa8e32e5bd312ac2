"""Measured time, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Measurement


def blocks(done: Measurement) -> go.Figure:
    """Time of each block in one forward pass, in the order they ran."""
    shown = done.times.blocks
    figure = style.blank(max(240, 90 + 22 * len(shown)))
    figure.add_trace(
        go.Bar(
            y=[block.path or "(the network)" for block in shown],
            x=[block.milliseconds for block in shown],
            orientation="h",
            marker={"color": style.PARAMS, "line": {"width": 0}},
            customdata=[f"{block.kind}, {block.calls} ×" for block in shown],
            hovertemplate="%{y} (%{customdata})<br>%{x:.3g} ms<extra></extra>",
        )
    )
    figure.update_xaxes(title="Milliseconds", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR, type="category")
    return figure


def block_rows(done: Measurement) -> list[dict[str, str | int | float]]:
    """The numbers of `blocks`, with what ran outside them as the last row."""
    rows: list[dict[str, str | int | float]] = [
        {
            "block": block.path,
            "kind": block.kind,
            "milliseconds": block.milliseconds,
            "calls": block.calls,
            "parameters": block.params,
        }
        for block in done.times.blocks
    ]
    outside: dict[str, str | int | float] = {
        "block": "outside the blocks",
        "kind": "",
        "milliseconds": done.times.remainder_ms,
        "calls": done.times.passes,
        "parameters": 0,
    }
    return [*rows, outside]
