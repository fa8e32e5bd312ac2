"""What depth does to nets of one kind: accuracy against layers, a line for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.shipped.comparisons import Rung

Row = dict[str, Any]

PARTS = {"train": "training", "test": "test"}
"""What accuracy is of, by its name in `Rung`; the first is solid, the other dashed."""


def accuracy(rungs: Sequence[Rung], *, height: int = 320) -> go.Figure:
    """Accuracy in % over the number of layers: a colour for each kind, its test pictures dashed."""
    figure = style.blank(height, hovermode="x unified")
    for place, kind in enumerate(dict.fromkeys(each.kind for each in rungs)):
        ladder = sorted((each for each in rungs if each.kind == kind), key=lambda it: it.depth)
        for part, title in PARTS.items():
            figure.add_trace(
                go.Scatter(
                    x=[each.depth for each in ladder],
                    y=[getattr(each, part) for each in ladder],
                    name=f"{kind}, {title}",
                    mode="lines+markers",
                    line={
                        "color": style.PALETTE[place],
                        "width": 2.2,
                        "dash": "solid" if part == "train" else "dash",
                    },
                    marker={"size": 8, "symbol": style.SYMBOLS[place]},
                    hovertemplate="%{y:.2f} %",
                )
            )
    figure.update_xaxes(
        title="Layers with weights",
        tickmode="array",
        tickvals=sorted({each.depth for each in rungs}),
    )
    figure.update_yaxes(title="Accuracy, %")
    return figure


def accuracy_rows(rungs: Sequence[Rung]) -> list[Row]:
    """The numbers of `accuracy`."""
    return [
        {
            "kind": each.kind,
            "layers": each.depth,
            "training accuracy, %": each.train,
            "test accuracy, %": each.test,
        }
        for each in rungs
    ]
