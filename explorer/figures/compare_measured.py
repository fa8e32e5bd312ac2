"""Networks run here: time against counted MACs, and throughput against the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style
from explorer.figures.compare import DASHES

if TYPE_CHECKING:
    from explorer.compare.records import Profile

Row = dict[str, Any]


def measured(profiles: Sequence[Profile]) -> go.Figure:
    """Counted MACs against measured time with one sample, both logarithmic."""
    figure = style.blank(400, hovermode="closest", showlegend=False)
    for number, each in enumerate(profiles):
        figure.add_trace(
            go.Scatter(
                x=[each.macs],
                y=[each.latency_ms],
                name=each.title,
                mode="markers+text",
                text=[each.title],
                textposition="top center",
                marker={
                    "color": style.PALETTE[number],
                    "symbol": style.SYMBOLS[number],
                    "size": 13,
                },
                hovertemplate=f"{each.title}: {units.cost(each.macs)}, "
                f"{units.duration(each.latency_ms / 1e3)}<extra></extra>",
            )
        )
    _proportional(figure, profiles)
    figure.update_xaxes(title="Counted MACs for one sample", type="log", **style.PREFIXES)
    figure.update_yaxes(title="Median time, ms", type="log", **style.PREFIXES)
    return figure


def _proportional(figure: go.Figure, profiles: Sequence[Profile]) -> None:
    """A line where time would be proportional to MACs, through the quickest per MAC."""
    quickest = min(each.latency_ms / each.macs for each in profiles if each.macs)
    ends = min(each.macs for each in profiles) / 1.5, max(each.macs for each in profiles) * 1.5
    figure.add_trace(
        go.Scatter(
            x=list(ends),
            y=[quickest * end for end in ends],
            mode="lines",
            line={"dash": "dash", "width": 1.5, "color": style.OTHER},
            hovertemplate="proportional to the MACs, from the best of these<extra></extra>",
        )
    )


def throughput(profiles: Sequence[Profile]) -> go.Figure:
    """Samples per second against the batch, a line a network."""
    figure = style.blank(380, hovermode="x")
    for number, each in enumerate(profiles):
        figure.add_trace(
            go.Scatter(
                name=each.title,
                x=[run.batch for run in each.runs],
                y=[run.samples_per_second for run in each.runs],
                mode="lines+markers",
                line={"color": style.PALETTE[number], "width": 2, "dash": DASHES[number]},
                marker={"symbol": style.SYMBOLS[number], "size": 8},
                hovertemplate="%{y:.3g} samples/s<extra>" + each.title + "</extra>",
            )
        )
    figure.update_xaxes(title="Batch", type="log", dtick=0.30103)
    figure.update_yaxes(title="Samples per second", type="log", **style.PREFIXES)
    return figure


def measured_rows(profiles: Sequence[Profile]) -> list[Row]:
    """The numbers of `measured` and `throughput`."""
    return [
        {
            "model": each.title,
            "batch": run.batch,
            "median ms": run.median_ms,
            "samples per second": run.samples_per_second,
            "peak bytes": run.peak_bytes,
            "MACs of one sample": each.macs,
        }
        for each in profiles
        for run in each.runs
    ]
