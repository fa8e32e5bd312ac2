"""A recipe finds the loop that does it, in one place."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from explorer.runs.trainers import TUNING, trainer
from explorer.training.ensembles import Ensemble
from explorer.training.fit import Training
from explorer.training.recipe import checked

if TYPE_CHECKING:
    import pytest


def test_one_network_and_several() -> None:
    """By the recipe's own word."""
    assert trainer(checked()) is Training
    assert trainer(checked(ensemble="bagging", members=3)) is Ensemble


def test_extension_brings_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """For its networks alone."""
    extension = ModuleType("an_extension")
    extension.TRAINERS = {"own": dict}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "an_extension", extension)
    monkeypatch.setenv("CONVZOO_EXTRA_CALLS", "an_extension")
    assert trainer(checked(network="own")) is dict
    assert trainer(checked()) is Training


def test_a_recipe_with_weights_is_fine_tuned() -> None:
    """By its own loop."""
    found = trainer(checked(network="lenet5", weights="convzoo", regime="head"))
    assert f"{found.__module__}:{found.__qualname__}" == TUNING
