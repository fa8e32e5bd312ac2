"""Which networks have weights here from the start: those this project trained. No torch here.

A picture says something only to a network that has learned. So a page that opens one begins with
the best of these, unless weights that were downloaded are on this computer.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from explorer import config
from explorer.zoo import catalogue
from explorer.zoo.own_weights import all_own
from explorer.zoo.weights import file_name

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard
    from explorer.zoo.own_weights import OwnWeights

COLOURS = 3


def ready(channels: int = COLOURS) -> tuple[OwnWeights, ...]:
    """Return the weights this project trained for networks with so many input channels.

    Those with the best accuracy on their own test set come first.
    """
    fitting = [each for each in all_own() if catalogue.find(each.model).input_shape[0] == channels]
    return tuple(sorted(fitting, key=lambda each: -each.top1))


def first() -> str | None:
    """Return the model a page of pictures begins with, None where the zoo's usual one may.

    It is the best of those trained here on pictures in colour, while no classifier's published
    weights are on this computer.
    """
    best = next(iter(ready()), None)
    return None if best is None or _downloaded() else best.model


def instead_of(card: ModelCard) -> OwnWeights | None:
    """Return the best weights here that read what a model without any would, None if it is that."""
    best = next(iter(ready(card.input_shape[0])), None)
    return None if best is None or best.model == card.name else best


def _downloaded() -> bool:
    """Whether published weights of a classifier are on disk."""
    try:
        return any(path.name in _published() for path in config.torch_checkpoints().iterdir())
    except OSError:
        return False


@cache
def _published() -> frozenset[str]:
    """The names of the files of all classifiers' published weights."""
    return frozenset(
        file_name(weights.url)
        for card in catalogue.cards()
        if card.task == "classification"
        for weights in card.weights
    )
