"""What is trained and shipped: a recipe for each network, the same for all of a data set.

No torch here. `python -m explorer weights` makes the weights in `assets/weights` from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.training.recipe import checked

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Shipped:
    """A network that is shipped.

    `model` is its name in the zoo and that of its files, `recipe` how it is trained, `full` the
    schedule it would have where there is time for it: on a GPU.
    """

    model: str
    recipe: Recipe
    full: Recipe


MNIST = checked(
    data="mnist", length=10, batch_size=128, optimiser="nesterov", learning_rate=0.05,
    weight_decay=0.0005, schedule="one-cycle", rotation=12, shear=10, crop=2, validation=0,
)  # fmt: skip
CIFAR_10 = checked(
    data="cifar10-jpeg", length=4, batch_size=128, optimiser="nesterov", learning_rate=0.1,
    weight_decay=0.0005, schedule="one-cycle", mirror=0.5, crop=2, validation=0,
    precision="bf16", layout="channels last",
)  # fmt: skip
"""Four epochs: what two cores do for all of them in two hours."""
FULL: Mapping[str, Any] = {"length": 160, "crop": 4}
"""As many epochs as He et al. (2016, section 4.2) trained, with their crops of four pixels."""

DEPTHS = (20, 32, 44, 56)
"""Of the plain and the residual nets that are compared."""
DEPTHWISE = (
    "small_mobilenet_v1", "small_mobilenet_v2",
    *(f"small_efficientnet_{scale}" for scale in range(3)),
)  # fmt: skip
"""Nets of depthwise convolutions, which a processor does faster in fp32 than in bf16."""


def _mnist(model: str) -> Shipped:
    recipe = dataclasses.replace(MNIST, network=model)
    return Shipped(model, recipe, recipe)


def _cifar10(model: str) -> Shipped:
    precision = "fp32" if model in DEPTHWISE else CIFAR_10.precision
    recipe = dataclasses.replace(CIFAR_10, network=model, precision=precision)
    return Shipped(model, recipe, dataclasses.replace(recipe, **FULL))


SHIPPED: tuple[Shipped, ...] = (
    *map(_mnist, ("lenet5", "lenet5_modern")),
    *map(
        _cifar10,
        (
            "small_alexnet", "small_vgg", "small_nin", "small_inception",
            *(f"plain{depth}" for depth in DEPTHS),
            *(f"cifar_resnet{depth}_a" for depth in DEPTHS),
            "densenet_bc40",
            *DEPTHWISE,
        ),
    ),
)  # fmt: skip


def find(model: str) -> Shipped | None:
    """Return what is shipped for a model of the zoo, None where nothing is."""
    return next((each for each in SHIPPED if each.model == model), None)
