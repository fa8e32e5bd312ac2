"""The whole zoo at a glance: what accuracy costs, family by family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

Axis: TypeAlias = Literal["parameters", "MACs"]

_DATASET = "ImageNet-1K acc@1"


def rated(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The cards whose default weights have a published ImageNet-1K top-1 accuracy."""
    return [card for card in cards if card.task == "classification" and top1(card) is not None]


def top1(card: ModelCard) -> float | None:
    """Published ImageNet-1K top-1 accuracy of the default weights, in percent."""
    weights = card.default_weights
    metrics = dict(weights.metrics) if weights else {}
    return metrics.get(_DATASET)


def groups(cards: Sequence[ModelCard], most: int = len(style.PALETTE)) -> list[str]:
    """The families with most models, oldest first; the others share one colour."""
    sizes = Counter(card.family for card in cards)
    born = {family: min(c.year for c in cards if c.family == family) for family in sizes}
    largest = sorted(sizes, key=lambda family: (-sizes[family], born[family]))[:most]
    return sorted(largest, key=lambda family: (born[family], family))


def accuracy_against_cost(cards: Sequence[ModelCard], axis: Axis = "parameters") -> go.Figure:
    """Published top-1 accuracy against parameters or MACs (log axis), one colour a family.

    Every point carries its model's name as `customdata`.
    """
    shown = rated(cards)
    named = groups(shown)
    figure = style.blank(470, hovermode="closest")
    for number, family in enumerate(named):
        figure.add_trace(
            _family(
                [card for card in shown if card.family == family],
                axis,
                family,
                style.PALETTE[number],
                style.SYMBOLS[number],
            )
        )
    rest = [card for card in shown if card.family not in named]
    if rest:
        figure.add_trace(_family(rest, axis, "others", style.OTHER, "circle-open"))
    title = "Parameters" if axis == "parameters" else "MACs for one picture"
    ticks = [digit * 10**power for power in range(5, 13) for digit in (1, 2, 5)]
    figure.update_xaxes(
        type="log", title=title, tickvals=ticks, ticktext=[units.short(each) for each in ticks]
    )
    figure.update_yaxes(title="Top-1 accuracy, %")
    return figure


def _family(
    cards: Sequence[ModelCard], axis: Axis, family: str, color: str, symbol: str
) -> go.Scatter:
    """The points of one family."""
    return go.Scatter(
        name=family,
        x=[card.params if axis == "parameters" else card.macs for card in cards],
        y=[top1(card) for card in cards],
        mode="markers",
        marker={"color": color, "symbol": symbol, "size": 11, "opacity": 0.9},
        customdata=[card.name for card in cards],
        text=[_hover(card) for card in cards],
        hovertemplate="%{text}<extra></extra>",
    )


def _hover(card: ModelCard) -> str:
    """What hovering over a model says."""
    weights = card.default_weights
    return (
        f"<b>{card.title}</b> · {card.year}<br>"
        f"{units.short(card.params)} parameters · {units.cost(card.macs)}<br>"
        f"top-1 {top1(card):.2f} % ({weights.name if weights else ''})"
    )


def rows(cards: Sequence[ModelCard]) -> list[dict[str, str | int | float | None]]:
    """Every model as a row of a table, oldest first."""
    return [
        {
            "name": card.name,
            "model": card.title,
            "family": card.family,
            "year": card.year,
            "task": card.task,
            "parameters": card.params,
            "MACs": card.macs,
            "top-1 %": top1(card),
        }
        for card in sorted(cards, key=lambda card: (card.year, card.family, card.params))
    ]
