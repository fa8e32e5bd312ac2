"""What a run is made of: network, data on the device, batches, loss. Loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from explorer import device as devices
from explorer.errors import BadRequest
from explorer.training import networks, shown
from explorer.training.augment import augmenter
from explorer.training.batches import Batches, augments
from explorer.training.data import splits
from explorer.training.feed import Feed
from explorer.training.losses import Criterion, criterion
from explorer.training.networks import fitted
from explorer.training.records import Began
from explorer.training.room import refuse_too_large

if TYPE_CHECKING:
    from explorer.training.data.splits import Sets
    from explorer.training.networks import Prepared
    from explorer.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a run, on its device; `sample` numbers the pictures that are shown.

    `layers` are those that are watched. Without pictures for a `test` there is none at the end.
    """

    network: nn.Module
    shape: tuple[int, int, int]
    title: str
    layers: tuple[tuple[str, nn.Module], ...]
    sets: Sets
    batches: Batches
    validation: Feed | None
    test: Feed | None
    criterion: Criterion
    sample: Tensor | None
    normalisation: tuple[Tensor, Tensor]

    def began(self, device: torch.device, steps: int | None, step: int) -> Began:
        """Say what is about to be trained, on what."""
        sets = self.sets
        return Began(
            title=self.title,
            params=sum(each.numel() for each in self.network.parameters()),
            layers=tuple(name for name, _ in self.layers),
            classes=sets.data.classes,
            shape=self.shape,
            train=len(sets.train),
            validation=0 if sets.validation is None else len(sets.validation),
            test=len(sets.test),
            steps_per_epoch=self.batches.per_epoch,
            steps=steps,
            top5=self.criterion.top5,
            device=devices.describe(str(device)).name,
            threads=torch.get_num_threads(),
            step=step,
            mean=tuple(self.normalisation[0].tolist()),
            std=tuple(self.normalisation[1].tolist()),
            pictures=sets.data.shape,
        )


def assemble(
    recipe: Recipe,
    sets: Sets | None,
    prepared: Prepared | None,
    sample_weights: Tensor | None,
    device: torch.device,
) -> Parts:
    """Build the network and bring the data to the device."""
    if recipe.ensemble != "one":
        raise BadRequest("This trains one network: train the members of an ensemble one by one.")
    sets = splits.sets(recipe) if sets is None else sets
    classes = len(sets.data.classes)
    prepared = prepared or networks.build(recipe, sets.data.shape, classes)
    layers = networks.layers(prepared.network, prepared.shape)
    network = prepared.network.to(device).train()
    if recipe.layout == "channels last":
        network = network.to(memory_format=torch.channels_last)
    fit = partial(fitted, shape=prepared.shape)
    train = Feed(sets.train, prepared.shape, fit, device)
    like_train = partial(
        Feed, shape=prepared.shape, fit=fit, device=device, normalisation=train.normalisation
    )
    augment = augmenter(recipe, sets) if augments(recipe) else None
    batches = Batches(recipe, train, augment, sample_weights)
    refuse_too_large(network, train, batches.size, prepared.title)
    pictures = None if sets.data.points else sets.validation
    return Parts(
        network=network,
        shape=prepared.shape,
        title=prepared.title,
        layers=layers,
        sets=sets,
        batches=batches,
        validation=None if sets.validation is None else like_train(sets.validation),
        test=like_train(sets.test),
        criterion=criterion(recipe, classes),
        sample=None if pictures is None else shown.sample(pictures),
        normalisation=train.normalisation,
    )
