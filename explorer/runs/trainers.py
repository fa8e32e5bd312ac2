"""Which training loop does a recipe. No torch here until one is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from explorer import config

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.training.recipe import Recipe

ONE = "explorer.training.fit:Training"
SEVERAL = "explorer.training.ensembles:Ensemble"
TUNING = "explorer.finetune.tuning:Tuning"


def trainer(recipe: Recipe) -> Callable[..., Any]:
    """Return what makes a training loop of a recipe (`explorer.runs.recording.Training`).

    The module that CONVZOO_EXTRA_CALLS names may bring loops of its own: TRAINERS, by network.
    """
    extra = config.extra_calls()
    if extra is not None:
        own: dict[str, Callable[..., Any]]
        own = getattr(importlib.import_module(extra), "TRAINERS", {})
        if recipe.network in own:
            return own[recipe.network]
    module, _, name = _loop(recipe).partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _loop(recipe: Recipe) -> str:
    if recipe.weights:
        return TUNING
    return ONE if recipe.ensemble == "one" else SEVERAL
