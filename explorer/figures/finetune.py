"""A fine-tuned network for study: class by class, against baselines, and sure or not."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.finetune.report_records import Calibration, Estimate, Report, Scores, Share

Row = dict[str, Any]

RIGHT, WRONG, BASELINE = style.PALETTE[0], style.PALETTE[1], style.OTHER
_MEASURES = (("precision", "diamond", 0.22), ("recall", "circle", 0.0), ("f1", "square", -0.22))
_NAMES = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
_LONGEST = 24
"""Letters of a class's name on an axis; the hover tells it whole."""


def classes(scores: Scores) -> go.Figure:
    """Precision, recall and F1 of each class as points, with their intervals of 95 %."""
    names = [each.name for each in scores.classes]
    figure = style.blank(90 + 44 * len(names), hovermode="closest")
    for place, (measure, symbol, shift) in enumerate(_MEASURES):
        values = [getattr(each, measure) for each in scores.classes]
        known = [number for number, each in enumerate(values) if each.value is not None]
        figure.add_trace(
            go.Scatter(
                x=[values[each].value for each in known],
                y=[each - shift for each in known],
                name=_NAMES[measure],
                mode="markers",
                marker={"size": 9, "symbol": symbol, "color": style.PALETTE[place]},
                error_x=_whiskers([values[each] for each in known]),
                customdata=[
                    [escape(names[each]), interval(values[each]), _of(values[each])]
                    for each in known
                ],
                hovertemplate="<b>%{customdata[0]}</b>: "
                f"{_NAMES[measure]} %{{customdata[1]}}%{{customdata[2]}}<extra></extra>",
            )
        )
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", title=None)
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickvals=list(range(len(names))),
        ticktext=[short(each) for each in names],
    )
    return figure


def class_rows(scores: Scores) -> list[Row]:
    """The numbers of `classes`, shares of 1; None for what nobody knows."""
    return [
        {
            "class": each.name,
            "learned from": each.train,
            "held out": each.held_out,
            "predicted": each.predicted,
            **{
                f"{measure}{end}": getattr(getattr(each, measure), field)
                for measure, _, _ in _MEASURES
                for end, field in (("", "value"), (" from", "low"), (" to", "high"))
            },
        }
        for each in scores.classes
    ]


def beaten(report: Report) -> go.Figure:
    """The accuracy of the network and of what it has to beat, with intervals of 95 %."""
    rows = _accuracies(report)
    figure = style.blank(70 + 40 * len(rows), showlegend=False)
    figure.add_trace(
        go.Scatter(
            y=[name for name, _ in rows],
            x=[share.value for _, share in rows],
            mode="markers",
            marker={"color": [RIGHT, *[BASELINE] * (len(rows) - 1)], "size": 13},
            error_x={**_whiskers([share for _, share in rows]), "color": style.OTHER},
            customdata=[f"{interval(share)}{_of(share)}" for _, share in rows],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%")
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def beaten_rows(report: Report) -> list[Row]:
    """The numbers of `beaten`."""
    return [
        {
            "classifier": name,
            "right": share.hits,
            "of": share.of,
            "accuracy": share.value,
            "from": share.low,
            "to": share.high,
        }
        for name, share in _accuracies(report)
    ]


def _accuracies(report: Report) -> list[tuple[str, Share]]:
    others = [(each.title, each.accuracy) for each in reversed(report.baselines)]
    return [("This network", report.scores.accuracy), *others]


def reliability(found: Calibration) -> go.Figure:
    """How often answers are right against how sure they are, and how many there are of each."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.75, 0.25], vertical_spacing=0.06
    )
    figure.update_layout(style.blank(380, showlegend=False, bargap=0.06).layout)
    even = {"color": style.OTHER, "dash": "dot", "width": 1.5}
    figure.add_trace(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=even, hoverinfo="skip"), row=1, col=1
    )
    figure.add_trace(_shares_right(found), row=1, col=1)
    figure.add_trace(_answers(found), row=2, col=1)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", gridcolor=style.GRID, automargin=True)
    figure.update_yaxes(gridcolor=style.GRID, zeroline=False, automargin=True)
    figure.update_yaxes(range=[-0.02, 1.05], tickformat=".0%", title="Right", row=1, col=1)
    figure.update_yaxes(title="Answers", nticks=4, row=2, col=1)
    figure.update_xaxes(title="Probability of the answer", row=2, col=1)
    return figure


def _shares_right(found: Calibration) -> go.Scatter:
    """A point with its interval for each bin that holds answers."""
    full = [each for each in found.bins if each.confidence is not None]
    return go.Scatter(
        x=[each.confidence for each in full],
        y=[each.right.value for each in full],
        mode="lines+markers",
        line={"color": RIGHT, "width": 1.5},
        marker={"size": 9},
        error_y=_whiskers([each.right for each in full]),
        customdata=[[interval(each.right), each.right.hits, each.right.of] for each in full],
        hovertemplate="%{x:.1%} sure on average<br>right: %{customdata[0]}"
        "<br>%{customdata[1]} of %{customdata[2]} answers<extra></extra>",
    )


def _answers(found: Calibration) -> go.Bar:
    """A bar for each bin, as high as it holds answers."""
    return go.Bar(
        x=[(each.low + each.high) / 2 for each in found.bins],
        y=[each.right.of for each in found.bins],
        width=[0.94 * (each.high - each.low) for each in found.bins],
        marker={"color": BASELINE},
        customdata=[f"{each.low:.0%} to {each.high:.0%}" for each in found.bins],
        hovertemplate="%{customdata} sure: %{y:,} answers<extra></extra>",
    )


def reliability_rows(found: Calibration) -> list[Row]:
    """The numbers of `reliability`: a row for each bin, shares of 1."""
    return [
        {
            "above": each.low,
            "to": each.high,
            "answers": each.right.of,
            "right": each.right.hits,
            "mean probability": each.confidence,
            "share right": each.right.value,
            "share from": each.right.low,
            "share to": each.right.high,
        }
        for each in found.bins
    ]


def interval(found: Share | Estimate) -> str:
    """A share with its interval as a person reads it: "83.3 % (55.2 to 95.3)"."""
    if found.value is None or found.low is None or found.high is None:
        return units.percent(found.value)
    return f"{units.percent(found.value)} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def short(name: str) -> str:
    """A class's name as it fits beside an axis, safe to be drawn."""
    cut = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return escape(cut, quote=False)


def _of(found: Share | Estimate) -> str:
    hits = getattr(found, "hits", None)
    return "" if hits is None else f", {hits:,} of {found.of:,}"  # type: ignore[union-attr]


def _whiskers(found: Sequence[Share | Estimate]) -> dict[str, Any]:
    """From each value to the ends of its interval; none where there is no interval."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_apart(each.high, each.value) for each in found],
        "arrayminus": [_apart(each.value, each.low) for each in found],
        "thickness": 1.3,
        "width": 4,
    }


def _apart(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)
