"""Memory, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import TrainingMemory


_COLORS = {
    "weights": style.PALETTE[0],
    "buffers": style.OTHER,
    "gradients": style.PALETTE[1],
    "optimiser state": style.PALETTE[4],
    "saved activations": style.PALETTE[2],
}


def training(estimates: Sequence[TrainingMemory]) -> go.Figure:
    """One bar an optimiser, stacked from the parts of its estimate."""
    figure = style.blank(90 + 62 * len(estimates), barmode="stack", hovermode="closest")
    names = list(dict.fromkeys(part.name for each in estimates for part in each.parts))
    for name in names:
        sizes = [
            sum(part.size_bytes for part in each.parts if part.name == name) for each in estimates
        ]
        figure.add_trace(
            go.Bar(
                y=[each.optimiser for each in estimates],
                x=sizes,
                name=name,
                orientation="h",
                marker={"color": _COLORS.get(name, style.OTHER), "line": {"width": 0}},
                customdata=[units.memory(size) for size in sizes],
                hovertemplate=name + ": %{customdata}<extra></extra>",
            )
        )
    figure.update_layout(legend={"traceorder": "normal"})
    figure.update_xaxes(title="Memory", ticksuffix="B", **style.PREFIXES)
    figure.update_yaxes(autorange="reversed", gridcolor=style.CLEAR)
    return figure


def training_rows(estimates: Sequence[TrainingMemory]) -> list[dict[str, str | int]]:
    """The numbers of `training`, with the formula of each part."""
    return [
        {
            "optimiser": each.optimiser,
            "part": part.name,
            "bytes": part.size_bytes,
            "formula": part.formula,
        }
        for each in estimates
        for part in each.parts
    ]
