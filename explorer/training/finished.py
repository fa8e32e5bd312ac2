"""A run that is over, opened for a study: its network with its last weights. Loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from explorer.errors import BadCheckpoint, MissingWeights
from explorer.runs.store import RunStore
from explorer.training import networks
from explorer.training.crowds import assembled
from explorer.training.data.splits import sets as split
from explorer.training.feed import Feed

if TYPE_CHECKING:
    from explorer.training.data.loading import Pictures
    from explorer.training.data.splits import Sets
    from explorer.training.recipe import Recipe
    from explorer.training.shapes import Shape


@dataclass(frozen=True, slots=True)
class Finished:
    """A trained network in evaluation mode on the CPU, and the data it learned from."""

    run: str
    title: str
    recipe: Recipe
    network: nn.Module
    shape: Shape
    sets: Sets

    def feed(self, pictures: Pictures) -> Feed:
        """Pictures as the network takes them, normalised as in training."""
        fit, cpu = partial(networks.fitted, shape=self.shape), torch.device("cpu")
        learned_from = Feed(self.sets.train, self.shape, fit, cpu)
        return Feed(pictures, self.shape, fit, cpu, learned_from.normalisation)

    def inputs(self, pictures: Pictures, most: int) -> tuple[Tensor, Tensor]:
        """The first `most` pictures as inputs (N, C, H, W), and their labels (N,)."""
        numbers = torch.arange(min(most, len(pictures)))
        return self.feed(pictures).normalised(numbers), pictures.labels[numbers]


def finished(run: str) -> Finished:
    """Open a run by its id.

    Raises UnknownRun, and MissingWeights for one that kept no weights.
    """
    found = RunStore().run(run)
    path = found.folder / "last.safetensors"
    if not path.is_file():
        raise MissingWeights(f"{found.name} kept no weights to look at; run it to its end.")
    return opened(run, found.variant or found.name, found.recipe, load_file(path))


def opened(run: str, title: str, recipe: Recipe, state: dict[str, Tensor]) -> Finished:
    """The network of a recipe with the weights of a run. Raises BadCheckpoint where they misfit."""
    data = split(recipe)
    shape, classes = data.data.shape, len(data.data.classes)
    if recipe.ensemble != "one":
        prepared = assembled(recipe, state, shape, classes)
    else:
        prepared = networks.build(recipe, shape, classes)
        try:
            prepared.network.load_state_dict(state)
        except RuntimeError as error:
            raise BadCheckpoint(f"The weights of {title} do not fit its recipe.") from error
    return Finished(run, title, recipe, prepared.network.eval(), prepared.shape, data)
