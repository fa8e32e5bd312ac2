"""What a picture does to each layer of a network: zeros, dead channels, mean and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.vision.activation_records import Along

ZEROS, DEAD, MEAN, SPREAD = style.PALETTE[0], style.PALETTE[3], style.PALETTE[2], style.PALETTE[1]


def along(found: Along, chosen: str = "") -> go.Figure:
    """Shares of zeros and of dead channels above, mean and spread below, layer by layer.

    The chosen row has a line through both.
    """
    rows = along_rows(found)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.09)
    figure.update_layout(style.blank(460).layout)
    at = [row["number"] for row in rows]
    names = [f"{row['layer']} · {row['kind']}" for row in rows]
    series = (
        ("zeros", "share of zeros", ZEROS, 1, "lines", " %"),
        ("dead %", "dead channels", DEAD, 1, "markers", " %"),
        ("mean", "mean", MEAN, 2, "lines", ""),
        ("spread", "standard deviation", SPREAD, 2, "lines", ""),
    )
    for key, title, colour, row, mode, unit in series:
        figure.add_trace(
            go.Scatter(
                x=at,
                y=[each[key] for each in rows],
                name=title,
                mode=mode,
                line={"color": colour, "width": 1.6},
                marker={"color": colour, "size": 5, "symbol": "diamond"},
                customdata=names,
                hovertemplate=f"%{{customdata}}<br>{title}: %{{y:.4g}}{unit}<extra></extra>",
            ),
            row=row,
            col=1,
        )
    here = next((row["number"] for row in rows if row["layer"] == chosen), None)
    if here is not None:
        figure.add_vline(x=here, line={"color": style.OTHER, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(gridcolor=style.GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=style.GRID, automargin=True, zeroline=False)
    figure.update_xaxes(title="Row of the anatomy, in the order they ran", row=2, col=1)
    figure.update_yaxes(title="Per cent", range=[-3, 103], row=1, col=1)
    figure.update_yaxes(title="Value", row=2, col=1)
    return figure


def along_rows(found: Along) -> list[dict[str, Any]]:
    """The numbers of `along`: a row per layer. Dead is never above 0 on this picture."""
    return [
        {
            "number": each.index,
            "layer": each.layer,
            "kind": each.kind,
            "output": units.shape(each.output),
            "channels": each.channels,
            "dead": each.dead,
            "dead %": 100 * each.dead / each.channels if each.channels else 0.0,
            "zeros": 100 * each.values.zeros,
            "lowest": each.values.lowest,
            "highest": each.values.highest,
            "mean": each.values.mean,
            "spread": each.values.spread,
        }
        for each in found.layers
    ]
