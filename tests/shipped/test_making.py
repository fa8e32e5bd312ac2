"""A network that is shipped is not trained twice, and an interrupted training goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.errors import BadRequest
from explorer.runs.recording import record
from explorer.runs.store import RunStore
from explorer.shipped import making
from explorer.shipped.table import SHIPPED, find
from explorer.training.recipe import checked

RECIPE = checked(network="lenet5", data="digits", length=1, samples=100, validation=0)


def test_models_are_those_of_the_table() -> None:
    """All of them without a name; another name is told the ones there are."""
    assert making.chosen(()) == SHIPPED
    assert [each.model for each in making.chosen(("plain20",))] == ["plain20"]
    with pytest.raises(BadRequest, match="No weights are shipped for 'resnet50'; there are lenet5"):
        making.chosen(("resnet50",))


def test_a_run_is_found_again(tmp_path: Path) -> None:
    """New at first, this process's own; a second one is not begun beside it."""
    store = RunStore(tmp_path)
    run = making.run_of(RECIPE, store)
    assert (run.state, run.name, run.recipe) == ("running", "LeNet-5", RECIPE)
    with pytest.raises(BadRequest, match=f"running already, as run {run.id}; wait for it"):
        making.run_of(RECIPE, store)


def test_what_was_interrupted_goes_on_and_what_is_done_is_kept(tmp_path: Path) -> None:
    """A run paused in its first step is the one that is done in the end, and then found so."""
    store = RunStore(tmp_path)
    begun = making.run_of(RECIPE, store)
    store.wish(begun.id, "pause")
    assert record(begun.id, store).state == "paused"
    again = making.run_of(RECIPE, store)
    assert (again.id, again.state) == (begun.id, "running")
    assert record(again.id, store).state == "done"
    found = making.run_of(RECIPE, store)
    assert (found.id, found.state, len(store.runs())) == (begun.id, "done", 1)


def test_full_recipes_differ_in_length_and_crop_alone() -> None:
    """So that a GPU's results can be set beside a processor's."""
    known = find("cifar_resnet20_a")
    assert known is not None
    assert (known.recipe.length, known.recipe.crop) == (4, 2)
    assert (known.full.length, known.full.crop) == (160, 4)
    assert find("resnet50") is None
    recipes = {each.recipe.data: set() for each in SHIPPED}
    for each in SHIPPED:
        fixed = (
            each.recipe.length,
            each.recipe.learning_rate,
            each.recipe.seed,
            each.recipe.mirror,
        )
        recipes[each.recipe.data].add(fixed)
    assert all(len(each) == 1 for each in recipes.values())
