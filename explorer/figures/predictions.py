"""What classifiers say: bars of probabilities, one answer or two beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.vision.prediction_records import Change, Guess, Verdict

ANSWER, RIGHT, RANDOM = style.PALETTE[0], style.PALETTE[2], style.PALETTE[1]
BEFORE, AFTER = style.OTHER, style.PALETTE[0]
ROW = 46
"""Pixels a class takes."""
_TOOLS = 36
_THIN, _THICK = 0.26, 0.44
"""Widths of one bar, and of two, where a row is 1."""

Row = dict[str, Any]


def top(
    guesses: Sequence[Guess],
    *,
    right: Verdict | None = None,
    random: bool = False,
    tools: bool = True,
) -> go.Figure:
    """A bar a class, the likeliest first, from 0 to 1; the class that is right in its own colour.

    If the right class is not among them it stands below, with its rank. Answers of random weights
    are drawn in another colour. `tools` leaves room for the buttons at its right.
    """
    shown = [(each.rank, each.name, each.probability) for each in guesses]
    if right is not None and right.rank not in [rank for rank, _, _ in shown]:
        shown.append((right.rank, right.name, right.probability))
    colors = [
        RIGHT if right is not None and rank == right.rank else RANDOM if random else ANSWER
        for rank, _, _ in shown
    ]
    figure = _bars(len(shown))
    places = list(range(len(shown)))
    _track(figure, places)
    figure.update_layout(margin={"r": _TOOLS if tools else 0})
    figure.add_trace(
        go.Bar(
            y=places,
            x=[probability for _, _, probability in shown],
            width=_THIN,
            orientation="h",
            marker={"color": colors, "line": {"width": 0}, "cornerradius": 3},
            customdata=[[rank, name, percent(p)] for rank, name, p in shown],
            hovertemplate="%{customdata[1]}: %{customdata[2]}, "
            "rank %{customdata[0]}<extra></extra>",
            showlegend=False,
        )
    )
    for place, (rank, name, probability) in zip(places, shown, strict=True):
        # The mark is said in words too: nobody needs to tell the colours apart.
        note = f" · right, rank {rank}" if right is not None and rank == right.rank else ""
        _words(figure, place, f"{name}{note}", percent(probability))
    return figure


def top_rows(guesses: Sequence[Guess]) -> list[Row]:
    """The numbers of `top`, with each class's own number and score."""
    return [
        {
            "rank": each.rank,
            "class": each.name,
            "index": each.index,
            "probability": each.probability,
            "logit": each.logit,
        }
        for each in guesses
    ]


def before_and_after(changes: Sequence[Change], before: str, after: str) -> go.Figure:
    """Two bars a class: its probability in one answer and in another, its ranks in words."""
    figure = _bars(len(changes), barmode="group", bargap=1 - _THICK)
    for title, color, values in (
        (after, AFTER, [each.after for each in changes]),
        (before, BEFORE, [each.before for each in changes]),
    ):
        figure.add_trace(
            go.Bar(
                y=list(range(len(changes))),
                x=values,
                name=title,
                orientation="h",
                marker={"color": color, "line": {"width": 0}, "cornerradius": 2},
                customdata=[
                    [each.name, percent(value)] for each, value in zip(changes, values, strict=True)
                ],
                hovertemplate="%{customdata[0]}: %{customdata[1]}, " + title + "<extra></extra>",
            )
        )
    for place, each in enumerate(changes):
        _words(
            figure,
            place,
            f"{each.name} · rank {_ranks(each)}",
            f"{percent(each.before)} → {percent(each.after)}",
            _THICK,
        )
    figure.update_layout(
        showlegend=True,
        legend={"traceorder": "reversed"},
        margin={"t": 44},
        height=60 + 58 * len(changes),
    )
    return figure


def change_rows(changes: Sequence[Change], before: str, after: str) -> list[Row]:
    """The numbers of `before_and_after`."""
    return [
        {
            "class": each.name,
            f"probability, {before}": each.before,
            f"probability, {after}": each.after,
            f"rank, {before}": each.rank_before,
            f"rank, {after}": each.rank_after,
        }
        for each in changes
    ]


def percent(probability: float) -> str:
    """A probability as a person reads it: "68.7 %", and never a false 0 or 100."""
    if 0 < probability < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= probability < 1:
        return "> 99.9 %"
    return units.percent(probability)


def _ranks(change: Change) -> str:
    if change.rank_before == change.rank_after:
        return str(change.rank_after)
    return f"{change.rank_before} → {change.rank_after}"


def _bars(number: int, **layout: Any) -> go.Figure:
    figure = style.blank(ROW * number + 24, hovermode="closest", **layout)
    figure.update_layout(margin={"l": 0, "r": _TOOLS, "t": 16, "b": 0}, showlegend=False)
    figure.update_xaxes(range=[0, 1], visible=False, fixedrange=True)
    figure.update_yaxes(
        range=[number - 0.5, -0.75], visible=False, fixedrange=True, autorange=False
    )
    return figure


def _track(figure: go.Figure, places: Sequence[int]) -> None:
    """The whole length of each bar, faint: what all classes share."""
    figure.add_trace(
        go.Bar(
            y=list(places),
            x=[1] * len(places),
            width=_THIN,
            orientation="h",
            marker={"color": style.GRID, "line": {"width": 0}, "cornerradius": 3},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_layout(barmode="overlay")


def _words(figure: go.Figure, place: int, left: str, right: str, thick: float = _THIN) -> None:
    """What stands above a bar: the class, and its share at the other end."""
    for x, anchor, text in ((0, "left", left), (1, "right", right)):
        figure.add_annotation(
            x=x,
            y=place - thick / 2,
            xanchor=anchor,
            yanchor="bottom",
            yshift=1,
            showarrow=False,
            text=escape(text, quote=False),
            font={"size": 14},
        )
