"""The optimisers of a recipe: torch's own, and AdamP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from torch import nn, optim

from explorer.errors import BadRequest
from explorer.training.adamp import AdamP

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

Make: TypeAlias = Callable[..., optim.Optimizer]


def optimiser(recipe: Recipe, params: Iterable[nn.Parameter]) -> optim.Optimizer:
    """Make the optimiser of a recipe for these weights.

    `momentum` is the velocity's share, or the first beta of the Adam family; `second_moment` the
    second beta, Adadelta's rho or RMSprop's alpha. Weight decay is added to the gradient, but for
    AdamW and AdamP, which shrink the weights themselves. RMSprop has no momentum, as in the
    lecture. Raises BadRequest for Nesterov without momentum.
    """
    if recipe.optimiser == "nesterov" and not recipe.momentum:
        raise BadRequest("Nesterov looks ahead along a velocity; give it a momentum above 0.")
    make, given = _MAKERS[recipe.optimiser]
    named = {name: read(recipe) for name, read in given.items()}
    weights = list(params)
    if {each.device.type for each in weights} <= set(_FUSED.get(recipe.optimiser, ())):
        named["fused"] = True
    return make(weights, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, **named)


def _betas(recipe: Recipe) -> tuple[float, float]:
    return recipe.momentum, recipe.second_moment


_FUSED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sgd", "momentum", "nesterov", "adam", "adamw"), ("cpu", "cuda")),
    "adagrad": ("cpu",),
}
"""Where torch takes all steps of a weight in one go: two to four times as fast, measured on a CPU
with LeNet-5 and ResNet-20, and the same but for rounding."""
_ADAM: Mapping[str, Callable[[Recipe], Any]] = {"betas": _betas}
_MAKERS: Mapping[str, tuple[Make, Mapping[str, Callable[[Recipe], Any]]]] = {
    "sgd": (optim.SGD, {}),
    "momentum": (optim.SGD, {"momentum": lambda recipe: recipe.momentum}),
    "nesterov": (
        optim.SGD,
        {"momentum": lambda recipe: recipe.momentum, "nesterov": lambda recipe: True},
    ),
    "adagrad": (optim.Adagrad, {}),
    "adadelta": (optim.Adadelta, {"rho": lambda recipe: recipe.second_moment}),
    "rmsprop": (optim.RMSprop, {"alpha": lambda recipe: recipe.second_moment}),
    "adam": (optim.Adam, _ADAM),
    "adamw": (optim.AdamW, _ADAM),
    "radam": (optim.RAdam, _ADAM),
    "adamp": (AdamP, _ADAM),
}
