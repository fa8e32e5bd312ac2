"""The networks that can be trained: small ones of the lab, and every classifier of the zoo.

No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from explorer.errors import UnknownModel
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

ALIASES = {f"resnet{depth}": f"cifar_resnet{depth}_a" for depth in (20, 32, 44, 56, 110)}
"""What the residual nets for CIFAR-10 are called outside the zoo; torchvision has resnet18, 34."""


@dataclass(frozen=True, slots=True)
class TrainableNetwork:
    """A network that can be trained.

    `depth` (layers with weights) and `width` (channels) are its own, 0 where they are not free;
    `side` is the side of the pictures it was made for in pixels, 0 for one that takes any. `points`
    says whether it also learns from plain numbers.
    """

    name: str
    title: str
    family: str
    idea: str
    paper: str
    link: str
    depth: int = 0
    width: int = 0
    side: int = 0
    points: bool = False


SMALL = (
    TrainableNetwork(
        "linear", "Softmax regression", "Small networks",
        "One layer: every class has a template, and the score is how well the input agrees.",
        "Cox, The Regression Analysis of Binary Sequences, 1958",
        "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
        points=True,
    ),
    TrainableNetwork(
        "mlp", "Multi-layer perceptron", "Small networks",
        "Fully connected layers, which know nothing of neighbouring pixels.",
        "Rumelhart, Hinton and Williams, Learning Representations by Back-Propagating Errors, 1986",
        "https://doi.org/10.1038/323533a0",
        depth=3, width=128, points=True,
    ),
    TrainableNetwork(
        "small_cnn", "Small convolutional network", "Small networks",
        "3 × 3 convolutions with batch normalisation, halved and doubled in width, then the mean.",
        "Springenberg et al., Striving for Simplicity: The All Convolutional Net, 2015",
        "https://arxiv.org/abs/1412.6806",
        depth=5, width=16,
    ),
    TrainableNetwork(
        "plain_chain", "Plain chain", "Small networks",
        "Equal layers one behind the other, to any depth, with nothing to help the gradient.",
        "He and Sun, Convolutional Neural Networks at Constrained Time Cost, 2015",
        "https://arxiv.org/abs/1412.1710",
        depth=20, width=16, points=True,
    ),
    TrainableNetwork(
        "residual_chain", "Residual chain", "Small networks",
        "The plain chain with a skip around every layer, activation before the weights.",
        "He et al., Identity Mappings in Deep Residual Networks, 2016",
        "https://arxiv.org/abs/1603.05027",
        depth=20, width=16, points=True,
    ),
)  # fmt: skip


@cache
def networks() -> tuple[TrainableNetwork, ...]:
    """Every network that is always here: the lab's small ones, then the zoo's classifiers."""
    classifiers = (card for card in catalogue.cards() if card.task == "classification")
    return (*SMALL, *map(of_card, classifiers))


def of_card(card: ModelCard) -> TrainableNetwork:
    """What a card of the zoo says of a network that is to be trained."""
    return TrainableNetwork(
        card.name,
        card.title,
        card.family,
        card.idea,
        f"{card.paper.authors}, {card.paper.title}, {card.paper.year}",
        card.paper.link,
        side=card.input_size[0],
    )


def full_name(name: str) -> str:
    """The name in the zoo of one that may be an alias."""
    return ALIASES.get(name, name)


def small(name: str) -> TrainableNetwork | None:
    """The small network of this name, None where it is none of the lab's own."""
    return next((each for each in SMALL if each.name == name), None)


def find(name: str) -> TrainableNetwork:
    """Look a network up by name or alias. Raises UnknownModel with the nearest names."""
    known = {each.name: each for each in networks()}
    found = known.get(full_name(name))
    if found is None:
        raise unknown(name)
    return found


def unknown(name: str) -> UnknownModel:
    """The error for a name that no trainable network has; it proposes the nearest ones."""
    near = catalogue.nearest(name, (*(each.name for each in networks()), *ALIASES))
    hint = f"did you mean {' or '.join(near)}?" if near else "try lenet5, resnet20 or small_cnn."
    return UnknownModel(f"There is no network called {name[:80]!r} to train; {hint}")
