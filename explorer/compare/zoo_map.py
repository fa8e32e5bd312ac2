"""The zoo as a map: any two figures of its models, the best of them, and a question. No torch here.

A model is better than another where it is at least as good in both axes and better in one; those
no other is better than form the Pareto front. It exists only between axes where it is clear what
is better: less cost, more accuracy. Year and receptive field are neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer import units

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

Better: TypeAlias = Literal["less", "more", "neither"]
Times: TypeAlias = Mapping[str, float]
"""Measured milliseconds of a forward pass with one picture, by model."""

METRIC = "ImageNet-1K acc@1"
TASKS = ("classification", "quantised")
"""Tasks whose models have a published ImageNet-1K accuracy."""
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Axis:
    """One figure of a model: its name, unit, which direction is better, and how it is read.

    `logarithmic` axes span decades. `read` gives None where nobody knows the figure.
    """

    key: str
    title: str
    short: str
    better: Better
    logarithmic: bool
    read: Callable[[ModelCard, Times], float | None]
    write: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Point:
    """A model on the map; `best` if it lies on the Pareto front."""

    card: ModelCard
    x: float
    y: float
    best: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """All models that have both figures, and how many were left out for want of one."""

    points: tuple[Point, ...]
    without: int
    front: tuple[Point, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which models are looked at; empty families mean all of them."""

    tasks: tuple[str, ...] = ("classification",)
    families: tuple[str, ...] = ()
    years: tuple[int, int] = (1998, 9999)


@dataclass(frozen=True, slots=True)
class Answer:
    """The models that meet both conditions, the smallest first, and a sentence with their names."""

    names: tuple[str, ...]
    sentence: str
    asked: int = field(default=0)


def top1(card: ModelCard) -> float | None:
    """Published ImageNet-1K top-1 accuracy of the default weights, in per cent."""
    weights = card.default_weights
    return dict(weights.metrics).get(METRIC) if weights else None


def _megabytes(card: ModelCard) -> float | None:
    weights = card.default_weights
    size = weights.megabytes if weights else None
    return None if size is None else size * MEBIBYTE


AXES = {
    axis.key: axis
    for axis in (
        Axis(
            "params", "Parameters", "parameters", "less", True,
            lambda card, _: card.params, lambda value: units.short(round(value)),
        ),
        Axis(
            "macs", "MACs for one picture", "MACs", "less", True,
            lambda card, _: card.macs, lambda value: units.cost(round(value)),
        ),
        Axis(
            "activations", "Activations of one pass", "activations", "less", True,
            lambda card, _: card.activation_bytes, units.memory,
        ),
        Axis(
            "file", "File of the weights", "file size", "less", True,
            lambda card, _: _megabytes(card), units.memory,
        ),
        Axis(
            "time", "Measured here, batch 1", "measured time", "less", True,
            lambda card, times: times.get(card.name), lambda value: units.duration(value / 1e3),
        ),
        Axis(
            "year", "Year", "year", "neither", False,
            lambda card, _: card.year, lambda value: f"{value:.0f}",
        ),
        Axis(
            "field", "Receptive field along convolutions", "receptive field", "neither", True,
            lambda card, _: card.receptive_field, lambda value: f"{value:,.0f} px",
        ),
        Axis(
            "depth", "Layers with weights, longest path", "depth", "neither", True,
            lambda card, _: card.depth, lambda value: f"{value:.0f} layers",
        ),
        Axis(
            "top1", "Top-1 accuracy", "accuracy", "more", False,
            lambda card, _: top1(card), lambda value: f"{value:.2f} %",
        ),
    )
}  # fmt: skip


def chosen(cards: Sequence[ModelCard], filters: Filters) -> list[ModelCard]:
    """The models with a published accuracy that pass the filters, in the catalogue's order."""
    first, last = filters.years
    return [
        card
        for card in cards
        if card.task in filters.tasks and top1(card) is not None and first <= card.year <= last
        if not filters.families or card.family in filters.families
    ]


def place(cards: Sequence[ModelCard], across: str, up: str, times: Times) -> Map:
    """Put models on the map and find its Pareto front, from the least of the horizontal axis."""
    first, second = AXES[across], AXES[up]
    known = []
    for card in cards:
        x, y = first.read(card, times), second.read(card, times)
        if x is not None and y is not None:
            known.append(Point(card, float(x), float(y)))
    best = front(known, first.better, second.better)
    names = {point.card.name for point in best}
    points = tuple(Point(p.card, p.x, p.y, p.card.name in names) for p in known)
    missing = len(cards) - len(known)
    return Map(points, missing, tuple(best), _note(first, second, missing))


def front(points: Sequence[Point], across: Better, up: Better) -> list[Point]:
    """The points no other is better than; none where a direction is neither better nor worse."""
    if "neither" in (across, up):
        return []
    signs = (1 if across == "less" else -1), (1 if up == "less" else -1)
    ranked = sorted(points, key=lambda point: (signs[0] * point.x, signs[1] * point.y))
    found: list[Point] = []
    for point in ranked:
        if not found or signs[1] * point.y < signs[1] * found[-1].y:
            found.append(point)
    return found


def smallest(cards: Sequence[ModelCard], accuracy: float, macs: float, most: int = 4) -> Answer:
    """Answer "the smallest model above so many per cent under so many MACs", by parameters."""
    fits = [
        card
        for card in cards
        if card.macs <= macs and (reached := top1(card)) is not None and reached >= accuracy
    ]
    fits.sort(key=lambda card: card.params)
    asked = f"at least {accuracy:g} % top-1 and at most {units.cost(round(macs))}"
    if not fits:
        return Answer((), f"None of these {len(cards)} models has {asked}.", len(cards))
    first, rest = fits[0], [card.title for card in fits[1:most]]
    weights = first.default_weights
    label = f" with {weights.name}" if weights else ""
    then = f" Then come {_and(rest)}." if rest else ""
    sentence = (
        f"The smallest model with {asked} is {first.title}: {units.short(first.params)} "
        f"parameters, {units.cost(first.macs)}, {top1(first):.2f} %{label}. "
        f"{len(fits)} of {len(cards)} models qualify.{then}"
    )
    return Answer(tuple(card.name for card in fits), sentence, len(cards))


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _note(across: Axis, up: Axis, missing: int) -> str:
    parts = []
    if "neither" in (across.better, up.better):
        axis = across if across.better == "neither" else up
        parts.append(f"No front is drawn: more {axis.short} is neither better nor worse.")
    if missing:
        parts.append(f"{missing} models are not shown, for one of their figures is unknown.")
    return " ".join(parts)
