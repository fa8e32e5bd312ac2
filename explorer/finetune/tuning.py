"""Fine-tuning a network: the interface of the training loop, with a start that knows something.

    for record in Tuning(recipe).records():
        print(record)

Of a recipe with `weights`. With a new head alone and pictures that are not changed at random, what
the frozen network makes of them is computed once, and the loop runs on these features.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from explorer import device as devices
from explorer.finetune import crops, features, starting
from explorer.finetune.features import FeatureFeed, HeadOnly
from explorer.finetune.thawing import HeadTraining, Thawing
from explorer.training import checkpoint as checkpoints
from explorer.training import networks, shown, trouble
from explorer.training.assembly import Parts
from explorer.training.augment import augmenter
from explorer.training.batches import Batches, augments
from explorer.training.data import catalogue
from explorer.training.data.loading import Pictures
from explorer.training.feed import Feed
from explorer.training.losses import criterion
from explorer.training.precision import Precision, make_repeatable
from explorer.training.records import Began, Doing, Ended, Histograms, Record
from explorer.training.room import refuse_too_large

if TYPE_CHECKING:
    from explorer.training.data.splits import Sets
    from explorer.training.fit import Training
    from explorer.training.recipe import Recipe


class Tuning:
    """A run of one network that starts from weights; see `explorer.training.fit.Training`.

    `sets` stand in for the recipe's data: uint8 pictures of the network's size. `between` is also
    called while pictures are read, and may raise `Cancelled`.

    Raises UnknownModel, MissingWeights, BadCheckpoint, BadRequest and MissingData; while it runs,
    what reading the pictures and `Training` raise.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        sets: Sets | None = None,
        device: str | None = None,
        checkpoint: Path | None = None,
        between: Callable[[], None] | None = None,
    ) -> None:
        self.recipe = recipe
        self._named, self.device = device, devices.choose(device)
        self._between = between or (lambda: None)
        self._precision = Precision(recipe, self.device)
        make_repeatable(self.device)
        data = sets.data if sets is not None else catalogue.find(recipe.data)
        self._start = starting.start(recipe, len(data.classes))
        self._sets = sets
        self._checkpoint = checkpoint if _has_begun(checkpoint, recipe, self.device) else None
        self._asked: Literal["paused", "stopped"] | None = None
        self._inner: Training | None = None

    def records(self) -> Iterator[Record]:
        """Prepare, train, and tell of it."""
        for doing in self._preparing():
            yield doing
            self._between()
            if self._asked:
                yield Ended(self._asked, 0.0, 0, 0.0, None, None, None)
                return
        for record in self._trained().records():
            yield self._whole(record) if isinstance(record, Began) else record

    def learn(self, rate: float) -> Tensor:
        """One step, as `Training.learn`; prepares before the first."""
        if self._inner is None:
            for _ in self._preparing():
                self._between()
        return self._trained().learn(rate)

    def ask(self, reason: Literal["paused", "stopped"]) -> None:
        """End the run after the step that runs; any thread may ask."""
        self._asked = reason
        if self._inner is not None:
            self._inner.ask(reason)

    def weights(self) -> Mapping[str, Tensor]:
        """A copy of the whole network's state as it is now, on the CPU."""
        return {
            name: each.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, each in self._start.network.state_dict().items()
        }

    def best_weights(self) -> Mapping[str, Tensor] | None:
        """The whole state after the epoch with the lowest validation loss, if there was one."""
        best = None if self._inner is None else self._inner.best_weights()
        if best is None or not isinstance(self._inner, HeadTraining):
            return best
        prefix = f"{self._start.head}."
        head = {prefix + name.removeprefix("head."): each for name, each in best.items()}
        return {**self.weights(), **head}

    def histograms(self) -> Histograms:
        """Of the layers that learn; of none before the first step."""
        if self._inner is None:
            return Histograms(0, (), (), (), ())
        return self._inner.histograms()

    def save(self, path: Path) -> None:
        """Write a checkpoint. Raises DiskFull."""
        if self._inner is not None:
            self._inner.save(path)
        elif self._checkpoint is None:
            checkpoints.write(path, self.recipe, {"begun": False})

    def _trained(self) -> Training:
        assert self._inner is not None
        return self._inner

    def _whole(self, began: Began) -> Began:
        """What is told of the whole network, of which the loop may know the head alone."""
        params = sum(each.numel() for each in self._start.network.parameters())
        return dataclasses.replace(began, params=params, pictures=self._start.shape)

    def _preparing(self) -> Iterator[Doing]:
        """Read the pictures, compute features if they are to be kept, and make the loop."""
        with trouble.sentences(self.recipe, self._start.title, self.recipe.batch_size, self.device):
            if self._sets is None:
                self._sets = yield from crops.read(self.recipe, self._start.preprocessing)
            network = self._start.network.to(self.device)
            if self.recipe.layout == "channels last":
                network.to(memory_format=torch.channels_last)
            feeds = self._feeds(self._sets)
            only = self._alone(network, feeds)
            if only is None:
                self._inner = self._thawing(feeds)
            else:
                self._inner = yield from self._of_head(only, feeds)
        if self._asked:
            self._inner.ask(self._asked)

    def _feeds(self, sets: Sets) -> dict[str, Feed]:
        """The pictures of each set that has some, normalised as the weights want it."""
        start = self._start
        prepared = start.preprocessing
        normalisation = (torch.tensor(prepared.mean), torch.tensor(prepared.std))
        given = {"train": sets.train, "validation": sets.validation, "test": sets.test}
        return {
            name: Feed(each, start.shape, _as_they_are, self.device, normalisation)
            for name, each in given.items()
            if each is not None and len(each)
        }

    def _alone(self, network: nn.Module, feeds: Mapping[str, Feed]) -> HeadOnly | None:
        """The head that can be trained on features, None where it needs pictures each time."""
        recipe, train = self.recipe, feeds["train"]
        if recipe.regime != "head" or augments(recipe) or recipe.input_noise:
            return None
        head = self._start.head
        numbers = torch.arange(min(2, len(train)), device=self.device)
        some = train.normalised(numbers)
        count = sum(map(len, feeds.values()))
        network.eval()
        only = features.alone(network, head, some)
        if only is None or not features.fit_in(network, head, some, count, pooled=only.pooled):
            return None
        return only

    def _of_head(
        self, only: HeadOnly, feeds: dict[str, Feed]
    ) -> Generator[Doing, None, HeadTraining]:
        network, head, sets = self._start.network, self._start.head, self._sets
        assert sets is not None
        known: dict[str, Feed] = {}
        for name, feed in list(feeds.items()):
            what = "test pictures" if name == "test" else f"{name} pictures"
            found = yield from features.computed(
                network, head, feed, self._precision, what, pooled=only.pooled
            )
            known[name] = FeatureFeed(found, feed.labels)
            del feeds[name]
        without = Pictures(torch.empty((len(sets.train), 0)), sets.train.labels)
        parts = self._parts(only, known, dataclasses.replace(sets, train=without))
        return HeadTraining(
            self.recipe,
            device=self._named,
            checkpoint=self._checkpoint,
            between=self._between,
            parts=parts,
        )

    def _thawing(self, feeds: Mapping[str, Feed]) -> Thawing:
        network, sets = self._start.network, self._sets
        assert sets is not None
        parts = self._parts(network, feeds, sets)
        made = Thawing(
            self.recipe,
            self._start,
            parts,
            device=self._named,
            checkpoint=self._checkpoint,
            between=self._between,
        )
        refuse_too_large(network, feeds["train"], parts.batches.size, self._start.title)
        return made

    def _parts(self, network: nn.Module, feeds: Mapping[str, Feed], sets: Sets) -> Parts:
        recipe, start, train = self.recipe, self._start, feeds["train"]
        held = sets.validation if "validation" in feeds else None
        prepared = start.preprocessing
        augment = augmenter(recipe, sets) if augments(recipe) else None
        return Parts(
            network=network.train(),
            shape=start.shape,
            title=start.title,
            layers=self._layers(),
            sets=dataclasses.replace(sets, validation=held),
            batches=Batches(recipe, train, augment, None),
            validation=feeds.get("validation"),
            test=feeds.get("test"),
            criterion=criterion(recipe, len(sets.data.classes)),
            sample=None if held is None else shown.sample(held),
            normalisation=(torch.tensor(prepared.mean), torch.tensor(prepared.std)),
        )

    def _layers(self) -> tuple[tuple[str, nn.Module], ...]:
        """The layers with weights that learn at some time, in the order of running."""
        frozen = starting.frozen_parts(self._start, self.recipe)
        every = networks.layers(self._start.network, self._start.shape)
        return tuple((name, each) for name, each in every if frozen.learns(name))


def _as_they_are(pictures: Tensor) -> Tensor:
    """Pictures come at the network's size."""
    return pictures


def _has_begun(checkpoint: Path | None, recipe: Recipe, device: torch.device) -> bool:
    """Whether a checkpoint is of a run that had prepared all there was to prepare."""
    return checkpoint is not None and "network" in checkpoints.read(checkpoint, recipe, device)
