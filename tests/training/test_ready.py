"""Ready recipes: known networks and data, titles that say what they are."""

from __future__ import annotations

import pytest

from explorer.training import network_catalogue, recipe
from explorer.training.data import catalogue
from explorer.training.ready import FIRST, READY, Ready


@pytest.mark.parametrize("ready", READY, ids=lambda each: each.title)
def test_a_ready_recipe_can_be_started(ready: Ready) -> None:
    """Its network and its data are known, and it travels in a link."""
    assert network_catalogue.find(ready.recipe.network)
    assert catalogue.find(ready.recipe.data)
    assert recipe.from_link(recipe.to_link(ready.recipe)) == ready.recipe
    assert ready.sentence.endswith(".")


def test_the_first_one_needs_no_network() -> None:
    """Digits are always here."""
    assert catalogue.find(FIRST.recipe.data).kind == "bundled"
    assert len({each.title for each in READY}) == len(READY)
