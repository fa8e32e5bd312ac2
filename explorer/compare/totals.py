"""Each network's column of a comparison, and which networks may be compared. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy import grids
from explorer.compare.records import FEWEST, MOST, Accuracy, Totals
from explorer.compare.stages import stages
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

_WORTH_SAYING = ("acc@1", "box_map", "miou", "end_point_error", "epe")


def check(names: Sequence[str]) -> None:
    """Raise BadRequest unless these are two to six different models."""
    if len(names) < FEWEST:
        raise BadRequest(
            f"A comparison takes {FEWEST} to {MOST} models, not {len(names)}: name one more."
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadRequest(f"{twice} is named twice; compare it with another model.")
    if len(names) > MOST:
        raise BadRequest(
            f"At most {MOST} models can be compared, not {len(names)}: leave some out."
        )


def totals(card: ModelCard, anatomy: Anatomy) -> Totals:
    """Put what a network costs, sees and reaches side by side with where that was published."""
    sees, sees_of = grids.sees(anatomy)
    return Totals(
        model=card.name,
        title=card.title,
        family=card.family,
        year=card.year,
        task=card.task,
        input_shape=anatomy.input_shapes[0],
        own_size=card.input_size,
        params=anatomy.params,
        macs=anatomy.macs,
        not_counted=sum(each.times for each in anatomy.not_counted),
        activation_bytes=anatomy.activation_bytes,
        peak_bytes=anatomy.peak_activation_bytes,
        weight_bytes=anatomy.param_bytes,
        depth=anatomy.depth,
        sees=sees,
        sees_of=sees_of,
        accuracy=accuracy(card),
        stages=stages(anatomy),
    )


def accuracy(card: ModelCard) -> Accuracy | None:
    """The published accuracy of the default weights: top-1, or the first figure of another task."""
    weights = card.default_weights
    if weights is None or not weights.metrics:
        return None
    known = [pair for pair in weights.metrics if pair[0].lower().endswith(_WORTH_SAYING)]
    metric, value = (known or list(weights.metrics))[0]
    return Accuracy(value, metric, weights.name)


def stopped(card: ModelCard, anatomy: Anatomy) -> str:
    """Why a network cannot be compared at this input, in one sentence; "" if it can."""
    if anatomy.failure is None:
        return ""
    size = units.shape(anatomy.input_shapes[0][-2:])
    return f"{card.title} cannot take {size} and is left out: {takes(card, anatomy)}."


def takes(card: ModelCard, anatomy: Anatomy) -> str:
    """Which sizes a network takes that refused its input: "it takes 28 × 28 and more"."""
    if card.fixed_size:
        return f"it takes {units.shape(card.input_size)} only"
    if card.largest is not None and min(anatomy.input_shapes[0][-2:]) > card.largest:
        return f"it takes {card.smallest} to {card.largest} pixels a side"
    failure = anatomy.failure
    enough = failure.sufficient_size if failure else None
    return f"it takes {units.shape(enough or (card.smallest, card.smallest))} and more"


def incomparable(columns: Sequence[Totals]) -> str:
    """What cannot be compared among these networks, in one sentence; "" if all can."""
    tasks = sorted({each.task for each in columns})
    if len(tasks) > 1:
        said = f"{', '.join(tasks[:-1])} and {tasks[-1]}"
        return (
            f"These are networks for {said}: their costs can be compared, their accuracies "
            "cannot, for they answer different questions."
        )
    if len({each.accuracy.metric for each in columns if each.accuracy}) > 1:
        return "Their accuracies were measured on different data and cannot be compared."
    return ""
