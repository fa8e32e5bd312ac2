"""What has to be counted on a network itself: what it costs and sees, and the sizes it accepts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from explorer.anatomy import dissect, grids
from explorer.zoo.build import example_inputs, network

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard


def complete(card: ModelCard) -> ModelCard:
    """Count what a model costs and how far it sees, and find the sizes it accepts."""
    model = network(card.name)
    smallest, largest = accepted_sides(model, card)
    anatomy = taken_apart(model, card, card.input_size)
    return dataclasses.replace(card, smallest=smallest, largest=largest, **structure(anatomy))


def structure(anatomy: Anatomy) -> dict[str, Any]:
    """The columns of a card that one anatomy at its own input size tells."""
    widest = grids.widest(anatomy)
    return {
        "params": anatomy.params,
        "macs": anatomy.macs,
        "activation_bytes": anatomy.activation_bytes,
        "depth": anatomy.depth,
        "receptive_field": None if widest is None else grids.extent(widest),
    }


def taken_apart(model: nn.Module, card: ModelCard, size: tuple[int, int]) -> Anatomy:
    """Dissect a network that is already built, so that many sizes can be tried quickly."""
    if card.task == "detection":
        # How many proposals to assume is known for models of the zoo only.
        return dissect(card.name, size=size)
    return dissect(model, inputs=example_inputs(card, size, device="meta"))


def accepted_sides(model: nn.Module, card: ModelCard) -> tuple[int, int | None]:
    """Find the smallest and largest square sides a network accepts, by bisection.

    The largest is None where twice the default is accepted too: then only memory limits it.
    """

    def works(side: int) -> bool:
        return taken_apart(model, card, (side, side)).failure is None

    default = card.input_size[0]
    smallest = 1 if works(1) else _boundary(works, refused=1, accepted=default)
    if works(2 * default):
        return smallest, None
    return smallest, _boundary(works, refused=2 * default, accepted=default)


def _boundary(works: Callable[[int], bool], refused: int, accepted: int) -> int:
    """The accepted side next to the refused ones, with one of each given."""
    while abs(accepted - refused) > 1:
        side = (refused + accepted) // 2
        if works(side):
            accepted = side
        else:
            refused = side
    return accepted
