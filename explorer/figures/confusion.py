"""What a fine-tuned network takes for what: a matrix whose cells know their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures import style
from explorer.figures.finetune import short

if TYPE_CHECKING:
    from explorer.collections.records import Part
    from explorer.finetune.report_records import Report

Row = dict[str, Any]

MOST_CLASSES = 40
"""Rows that can still be read; of more classes those with most mistakes are drawn."""
MOST_WRITTEN = 20
"""Classes up to which each cell's count is written in it."""
_SHADES = [[0.0, "rgba(217, 119, 6, 0.5)"], [0.5, style.CLEAR], [1.0, "rgba(59, 125, 216, 0.5)"]]
"""Wrong and right as in the other figures, thin enough for a count in the page's colour."""


def confusion(
    report: Report, part: Part = "validation", chosen: tuple[int, int] | None = None
) -> go.Figure:
    """True classes down, predicted ones across: counts, shaded by their share of the row.

    What is right and what is wrong has a colour of its own. Each cell is a point whose `customdata`
    is [true class, predicted class, ...]: `Report.cell` has its pictures. `chosen` is outlined.
    """
    shown = _drawn_classes(report, part)
    counts = report.confusion(part)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(report.classes), dtype=bool)
    shades = np.where(right, shares, -shares)[np.ix_(shown, shown)]
    figure = style.blank(_side(len(shown)) + 96, hovermode="closest", showlegend=False)
    places = list(range(len(shown)))
    figure.add_trace(
        go.Heatmap(
            x=places,
            y=places,
            z=shades,
            zmin=-1,
            zmax=1,
            colorscale=_SHADES,
            showscale=False,
            hoverinfo="skip",
            xgap=2,
            ygap=2,
        )
    )
    figure.add_trace(_cells(report, counts, shown))
    if len(shown) <= MOST_WRITTEN:
        _write(figure, counts[np.ix_(shown, shown)])
    _named_axes(figure, [report.classes[each] for each in shown])
    if chosen is not None and set(chosen) <= set(shown):
        _outline(figure, shown.index(chosen[1]), shown.index(chosen[0]))
    return figure


def _cells(report: Report, counts: np.ndarray, shown: Sequence[int]) -> go.Scatter:
    """A point for each cell: heat maps cannot be clicked."""
    cells = [(true, said) for true in range(len(shown)) for said in range(len(shown))]
    told = [(shown[true], shown[said]) for true, said in cells]
    return go.Scatter(
        x=[said for _, said in cells],
        y=[true for true, _ in cells],
        mode="markers",
        marker={
            "symbol": "square",
            "size": max(6, _side(len(shown)) / len(shown) - 6),
            "color": style.CLEAR,
            "line": {"width": 0},
        },
        customdata=[
            [
                true,
                said,
                escape(report.classes[true]),
                escape(report.classes[said]),
                f"{counts[true, said]:,} of {counts[true].sum():,}",
            ]
            for true, said in told
        ],
        hovertemplate="%{customdata[4]} pictures of <b>%{customdata[2]}</b><br>"
        "taken for <b>%{customdata[3]}</b><extra></extra>",
    )


def _write(figure: go.Figure, counts: np.ndarray) -> None:
    """The counts in their cells; as the points' own text a click would fade them."""
    for true, said in np.argwhere(counts).tolist():
        figure.add_annotation(
            x=said,
            y=true,
            text=f"{counts[true, said]:,}",
            showarrow=False,
            font={"size": 14},
            captureevents=False,
        )


def _drawn_classes(report: Report, part: Part) -> list[int]:
    """All classes, or those that have to do with most of the mistakes, in their own order."""
    counts = report.confusion(part)
    if len(counts) <= MOST_CLASSES:
        return list(range(len(counts)))
    wrong = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    return sorted(np.argsort(-wrong, kind="stable")[:MOST_CLASSES].tolist())


def left_out(report: Report, part: Part = "validation") -> int:
    """How many classes `confusion` does not draw."""
    return len(report.classes) - len(_drawn_classes(report, part))


def _side(classes: int) -> int:
    """Pixels of a matrix's height."""
    return max(160, min(640, 52 * classes))


def _named_axes(figure: go.Figure, names: Sequence[str]) -> None:
    ends = [-0.5, len(names) - 0.5]
    ticks = {
        "tickvals": list(range(len(names))),
        "ticktext": [short(each) for each in names],
        "gridcolor": style.CLEAR,
        "fixedrange": True,
    }
    figure.update_xaxes(title="Predicted", range=ends, side="bottom", **ticks)
    figure.update_yaxes(title="True", range=ends[::-1], **ticks)


def _outline(figure: go.Figure, x: int, y: int) -> None:
    figure.add_shape(
        type="rect",
        x0=x - 0.5,
        x1=x + 0.5,
        y0=y - 0.5,
        y1=y + 0.5,
        line={"color": style.OUTGROWN, "width": 3},
    )


def confusion_rows(report: Report, part: Part = "validation") -> list[Row]:
    """The cells of `confusion` that hold a picture, of all classes; the fullest first."""
    counts = report.confusion(part)
    found = [
        {
            "true": report.classes[true],
            "predicted": report.classes[said],
            "pictures": int(counts[true, said]),
            "of the class": int(counts[true].sum()),
        }
        for true, said in np.argwhere(counts)
    ]
    return sorted(found, key=lambda row: -row["pictures"])
