"""All pictures of a collection in a plane: their thumbnails under the pointer, and for study.

The view with thumbnails is an ECharts option: its tooltips may hold a picture, plotly's may not.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import plotly.graph_objects as go

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.finetune.report_records import Projection, Report

Option: TypeAlias = dict[str, Any]
Row = dict[str, Any]

MOST_THUMBNAILS = 2_000
"""Pictures whose thumbnails are sent at once; at 2 kB each that is 5 MB. The others have words."""
HELD_OUT, LEARNED = 12, 8
"""Pixels of a point: pictures held out stand out."""
RING = 2.5
"""Pixels of the ring around a mistake, in the colour of the class it is taken for."""
_LIVE_SYMBOLS = ("circle", "diamond", "rect", "triangle", "roundRect", "pin", "arrow")
_TIP = (
    '<div style="text-align:center">{picture}<b>{{a}}</b><br>{{@[3]}}'
    '<br><span style="opacity:0.7">{{@[4]}}</span></div>'
)
_PICTURE = '<img src="{@[2]}" width="96" alt="" style="display:block;margin:0 auto 4px">'
_PNG = b"\x89PNG"


def embedding(
    report: Report, projection: Projection, thumbnails: Mapping[int, bytes] | None = None
) -> Option:
    """A point for each picture in its class's colour; a mistake has a ring in that of the other.

    `thumbnails` are PNG or JPEG files by the pictures' numbers; those that have one show it under
    the pointer. Points can be chosen one at a time: series n is the n-th class that has pictures
    (`series_items`), and a point's place in its `data` that of its number in there.
    """
    shown = thumbnails or {}
    series = [
        _series(report, projection, label, shown) for label in np.unique(report.labels).tolist()
    ]
    axis = {
        "type": "value",
        "scale": True,
        "axisLabel": {"show": False},
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"lineStyle": {"color": style.GRID}},
    }
    return {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 40, "bottom": 8},
        "legend": {"type": "scroll", "top": 4, "left": 0, "itemHeight": 10},
        "tooltip": {"trigger": "item", "confine": True, "transitionDuration": 0},
        "xAxis": axis,
        "yAxis": axis,
        "series": series,
    }


def series_items(report: Report) -> tuple[tuple[int, ...], ...]:
    """The pictures' numbers of each series of `embedding`, in the order of its points."""
    return tuple(
        tuple(int(each) for each in report.items[report.labels == label])
        for label in np.unique(report.labels)
    )


def _series(
    report: Report, projection: Projection, label: int, thumbnails: Mapping[int, bytes]
) -> Option:
    rows = np.flatnonzero(report.labels == label)
    pictured = any(int(report.items[row]) in thumbnails for row in rows)
    points = [_point(report, projection, row, thumbnails) for row in rows.tolist()]
    return {
        "type": "scatter",
        "id": str(label),
        "name": report.classes[label],
        "color": _colour(label),
        "symbol": _LIVE_SYMBOLS[label // len(style.PALETTE) % len(_LIVE_SYMBOLS)],
        "selectedMode": "single",
        "select": {"itemStyle": {"borderWidth": 4, "borderColor": style.OTHER}},
        "dimensions": [
            {"name": "x", "type": "number"},
            {"name": "y", "type": "number"},
            *({"name": name, "type": "ordinal"} for name in ("picture", "predicted", "part")),
        ],
        "encode": {"x": 0, "y": 1},
        "tooltip": {"formatter": _TIP.format(picture=_PICTURE if pictured else "")},
        "data": points,
    }


def _point(
    report: Report, projection: Projection, row: int, thumbnails: Mapping[int, bytes]
) -> Option:
    x, y = (float(f"{each:.5g}") for each in projection.points[row])
    file = thumbnails.get(int(report.items[row]))
    held_out, wrong = bool(report.held_out[row]), _is_wrong(report, row)
    predicted = int(report.predicted[row])
    ring = {"borderColor": _colour(predicted), "borderWidth": RING} if wrong else {}
    return {
        "value": [
            x,
            y,
            "" if file is None else _address(file),
            _said(report, row),
            _part(held_out),
        ],
        "symbolSize": HELD_OUT if held_out else LEARNED,
        "itemStyle": {"opacity": 1.0 if held_out or wrong else 0.55, **ring},
    }


def _address(file: bytes) -> str:
    kind = "png" if file.startswith(_PNG) else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(file).decode()}"


def _said(report: Report, row: int) -> str:
    predicted = int(report.predicted[row])
    sure = report.probabilities[row, predicted]
    verb = "taken for" if _is_wrong(report, row) else "recognised as"
    return f"{verb} {report.classes[predicted]}, {100 * sure:.0f} %"


def _is_wrong(report: Report, row: int) -> bool:
    return bool(report.predicted[row] != report.labels[row])


def _part(held_out: bool) -> str:
    return "held out" if held_out else "learned from"


def _colour(label: int) -> str:
    return style.PALETTE[label % len(style.PALETTE)]


def embedding_figure(report: Report, projection: Projection) -> go.Figure:
    """The same points without thumbnails, to keep: `customdata` begins with a picture's number."""
    figure = style.blank(460, hovermode="closest")
    for label in np.unique(report.labels).tolist():
        rows = np.flatnonzero(report.labels == label).tolist()
        points = projection.points[rows]
        figure.add_trace(
            go.Scatter(
                x=points[:, 0],
                y=points[:, 1],
                name=escape(report.classes[label], quote=False),
                mode="markers",
                marker={
                    "color": _colour(label),
                    "symbol": style.SYMBOLS[label // len(style.PALETTE) % len(style.SYMBOLS)],
                    "size": [HELD_OUT if report.held_out[row] else LEARNED for row in rows],
                    "line": {
                        "color": [_colour(int(report.predicted[row])) for row in rows],
                        "width": [RING if _is_wrong(report, row) else 0 for row in rows],
                    },
                },
                customdata=[
                    [
                        int(report.items[row]),
                        escape(_said(report, row)),
                        _part(bool(report.held_out[row])),
                    ]
                    for row in rows
                ],
                hovertemplate="<b>%{fullData.name}</b><br>%{customdata[1]}"
                "<br>%{customdata[2]}<extra></extra>",
            )
        )
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(showticklabels=False)
    return figure


def embedding_rows(report: Report, projection: Projection) -> list[Row]:
    """The numbers of both: a row for each picture."""
    return [
        {
            "picture": int(report.items[row]),
            "class": report.classes[int(report.labels[row])],
            "predicted": report.classes[int(report.predicted[row])],
            "pictures": _part(bool(report.held_out[row])),
            "x": float(projection.points[row, 0]),
            "y": float(projection.points[row, 1]),
        }
        for row in range(len(report.items))
    ]
