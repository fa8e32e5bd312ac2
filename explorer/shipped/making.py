"""Which run makes a network that is shipped: found, gone on with, or begun. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.errors import BadRequest
from explorer.runs.records import NewRun
from explorer.shipped.table import SHIPPED, find
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.runs.records import Run
    from explorer.runs.store import RunStore
    from explorer.shipped.table import Shipped
    from explorer.training.recipe import Recipe


def chosen(models: Sequence[str]) -> tuple[Shipped, ...]:
    """Return what is shipped for models of the zoo, for none of them all there is.

    Raises BadRequest for a model of which nothing is shipped.
    """
    for model in models:
        if find(model) is None:
            names = ", ".join(each.model for each in SHIPPED)
            raise BadRequest(f"No weights are shipped for {model[:40]!r}; there are {names}.")
    return tuple(each for each in SHIPPED if not models or each.model in models)


def run_of(recipe: Recipe, store: RunStore) -> Run:
    """Return the store's run of a recipe: one that is done, else one that this process is to do.

    That is the newest that left a checkpoint, else a new one. Raises BadRequest while another
    process does it.
    """
    store.settle()
    same = [run for run in store.runs() if run.recipe == recipe]
    for run in same:
        if run.state == "done" and run.weights:
            return run
    for run in same:
        if run.state in ("running", "queued"):
            raise BadRequest(
                f"{recipe.network} is {run.state} already, as run {run.id}; wait for it, or stop "
                "it on the page Runs."
            )
    for run in same:
        if run.continues:
            store.requeue(run.id, queue=False)
            return store.run(run.id)
    title = catalogue.find(recipe.network).title
    return store.run(store.create(NewRun(recipe, title, shared=True), queue=False))
