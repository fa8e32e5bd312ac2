"""An experiment without engine and store: its runs one after the other, and what came of them.

    for outcome in tried(find("depth")):
        print(outcome.title, outcome.ended)

Loads torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.errors import Diverged
from explorer.training.ensembles import training
from explorer.training.outcomes import gathered

if TYPE_CHECKING:
    from explorer.training.experiment import Experiment
    from explorer.training.outcomes import Outcome
    from explorer.training.recipe import Recipe
    from explorer.training.records import Record


def tried(experiment: Experiment, seed: int = 0) -> Iterator[Outcome]:
    """Run all variants of an experiment, one after the other. Raises as `Training` does."""
    recipes = experiment.recipes(seed)
    for variant, recipe in zip(experiment.variants, recipes, strict=True):
        yield run(variant.key, variant.title, recipe)


def run(key: str, title: str, recipe: Recipe) -> Outcome:
    """Run one recipe; a run that diverges is an outcome too."""
    records: list[Record] = []
    diverged = False
    try:
        records.extend(training(recipe).records())
    except Diverged:
        diverged = True
    return gathered(key, title, records, diverged=diverged)
