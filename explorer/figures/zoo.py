"""The whole zoo at a glance: what accuracy costs, family by family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import plotly.graph_objects as go

from explorer import units
from explorer.figures import style

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

Axis: TypeAlias = Literal["parameters", "MACs"]
Here: TypeAlias = Mapping[str, str]
"""How good nets trained here are, and at what, by model."""
NOBODY: Here = {}

NAMED = (
    "AlexNet",
    "VGG",
    "Inception",
    "ResNet",
    "DenseNet",
    "MobileNet",
    "EfficientNet",
    "ConvNeXt",
    "ViT",
)
"""Families with a colour of their own, oldest first: those a course meets. The rest share one."""

LANDMARKS = frozenset(
    {
        "alexnet",
        "vgg16",
        "googlenet",
        "resnet50",
        "mobilenet_v2",
        "efficientnet_b0",
        "vit_b_16",
        "lenet5",
    }
)
"""Models whose names stand in the figures."""

ABOVE = frozenset({"efficientnet_b0", "mobilenet_v2"})
"""Landmarks with other points to their lower right; their names stand above, to the left."""

_DATASET = "ImageNet-1K acc@1"


def rated(cards: Sequence[ModelCard]) -> list[ModelCard]:
    """The cards whose default weights have a published ImageNet-1K top-1 accuracy."""
    return [card for card in cards if card.task == "classification" and top1(card) is not None]


def top1(card: ModelCard) -> float | None:
    """Published ImageNet-1K top-1 accuracy of the default weights, in percent."""
    weights = card.default_weights
    metrics = dict(weights.metrics) if weights else {}
    return metrics.get(_DATASET)


def accuracy_against_cost(cards: Sequence[ModelCard], axis: Axis = "parameters") -> go.Figure:
    """Published top-1 accuracy against parameters or MACs (log axis), one colour a family.

    Every point carries its model's name as `customdata`.
    """
    shown = rated(cards)
    figure = style.blank(450, hovermode="closest")
    for family, members in _by_group(shown):
        costs = [card.params if axis == "parameters" else card.macs for card in members]
        figure.add_trace(_points(family, members, costs, [top1(card) for card in members]))
    title = "Parameters" if axis == "parameters" else "MACs for one picture"
    figure.update_xaxes(title=title, **_decades(5, 12))
    figure.update_yaxes(title="Top-1 accuracy, %")
    return figure


def timeline(cards: Sequence[ModelCard], trained: Here = NOBODY) -> go.Figure:
    """Parameters (log axis) of every model in the year it was published.

    The empty years between 1998 and 2012 are cut out. Models of one year stand side by side.
    Those in `trained` have a ring: their weights are here. Every point carries its model's name as
    `customdata`.
    """
    places = _places(cards)
    figure = style.blank(430, hovermode="closest")
    for family, members in _by_group(cards):
        x = [places[card.name] for card in members]
        figure.add_trace(_points(family, members, x, [card.params for card in members], trained))
    here = [card for card in cards if card.name in trained]
    style.ring(
        figure, [card.name for card in here], [places[card.name] for card in here],
        [card.params for card in here], title="trained here", size=17, width=1.6, rank=3000,
    )  # fmt: skip
    years = sorted({card.year for card in cards})
    figure.update_xaxes(
        tickvals=[_shifted(year) for year in years],
        ticktext=[str(year) for year in years],
        showgrid=False,
    )
    figure.update_yaxes(title="Parameters", **_decades(4, 10))
    return figure


def _shifted(year: int) -> float:
    """Where a year stands: 1998 is moved up to 2010, the years in between being empty."""
    return year if year > 2010 else 2010.0


def _places(cards: Sequence[ModelCard]) -> dict[str, float]:
    """Where each model stands on the time axis: side by side within its year, by family."""
    places: dict[str, float] = {}
    for year in {card.year for card in cards}:
        members = sorted(
            (card for card in cards if card.year == year),
            key=lambda card: (card.family, card.params),
        )
        for number, card in enumerate(members):
            offset = 0.8 * ((number + 0.5) / len(members) - 0.5)
            places[card.name] = _shifted(year) + offset
    return places


def _decades(low: int, high: int) -> dict[str, Any]:
    """A logarithmic axis from 10^low with its decades written 1 M, 10 M, 100 M."""
    prefixes = ((10**9, "G"), (10**6, "M"), (10**3, "k"), (1, ""))
    ticks = [10**power for power in range(low, high)]
    texts = [
        next(f"{tick // size} {prefix}" for size, prefix in prefixes if tick >= size)
        for tick in ticks
    ]
    between = [digit * tick for tick in ticks for digit in range(2, 10)]
    fine = {"tickvals": between, "showgrid": True, "gridcolor": style.FINE_GRID}
    return {"type": "log", "tickvals": ticks, "ticktext": texts, "showgrid": True, "minor": fine}


def _by_group(cards: Sequence[ModelCard]) -> list[tuple[str, list[ModelCard]]]:
    """The named families that are there, then all others, drawn first to last."""
    named = [(name, [card for card in cards if card.family == name]) for name in NAMED]
    others = [card for card in cards if card.family not in NAMED]
    return [(name, members) for name, members in [("others", others), *named] if members]


def _points(
    family: str,
    members: Sequence[ModelCard],
    x: Sequence[float],
    y: Sequence[float | None],
    trained: Here = NOBODY,
) -> go.Scatter:
    """The points of one family; landmarks have their names beside them."""
    known = family in NAMED
    number = NAMED.index(family) if known else 0
    return go.Scatter(
        name=family,
        x=x,
        y=y,
        mode="markers+text",
        marker={
            "color": style.PALETTE[number] if known else style.OTHER,
            "symbol": style.SYMBOLS[number] if known else "circle-open",
            "size": 11 if known else 9,
            "opacity": 0.95 if known else 0.7,
        },
        legendrank=1000 if known else 2000,
        text=[card.title if card.name in LANDMARKS else "" for card in members],
        textposition=["top left" if card.name in ABOVE else "bottom right" for card in members],
        textfont={"size": 11},
        customdata=[card.name for card in members],
        hovertext=[_hover(card, trained) for card in members],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(card: ModelCard, trained: Here) -> str:
    """What hovering over a model says."""
    weights, accuracy = card.default_weights, top1(card)
    cost = f"{units.short(card.params)} parameters · {units.cost(card.macs)}"
    said = f"<br>top-1 {accuracy:.2f} % ({weights.name})" if weights and accuracy else ""
    here = f"<br>trained here: {trained[card.name]}" if card.name in trained else ""
    return f"<b>{card.title}</b> · {card.family} {card.year}<br>{cost}{said}{here}"


def rows(
    cards: Sequence[ModelCard], trained: Here = NOBODY
) -> list[dict[str, str | int | float | None]]:
    """Every model as a row of a table, oldest first; with what those `trained` here reach."""
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
            "trained here": trained.get(card.name),
        }
        for card in sorted(cards, key=lambda card: (card.year, card.family, card.params))
    ]
